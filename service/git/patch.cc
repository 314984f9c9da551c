#include "service/git/patch.h"

#include "git2.h"
#include "service/git/libgit2.h"

namespace colophon {

absl::StatusOr<std::string> WritePatch(const std::string& path,
                                       std::optional<std::string_view> before,
                                       std::optional<std::string_view> after) {
  InitLibgit2();
  git_diff_options options = GIT_DIFF_OPTIONS_INIT;
  options.flags = GIT_DIFF_INDENT_HEURISTIC;  // As git does since 2.14.
  options.id_abbrev = 7;
  // Null means no file, so an empty one must not be null.
  const auto data = [](const std::optional<std::string_view>& text) {
    if (!text) return static_cast<const char*>(nullptr);
    return text->empty() ? "" : text->data();
  };
  const auto size = [](const std::optional<std::string_view>& text) {
    return text ? text->size() : 0;
  };
  git_patch* raw = nullptr;
  RETURN_IF_ERROR(
      FromLibgit2(git_patch_from_buffers(&raw, data(before), size(before), path.c_str(),
                                         data(after), size(after), path.c_str(), &options),
                  "compare two files"));
  const GitPatch patch(raw);
  git_buf buffer = GIT_BUF_INIT;
  RETURN_IF_ERROR(FromLibgit2(git_patch_to_buf(&buffer, patch.get()), "print a difference"));
  std::string text(buffer.ptr, buffer.size);
  git_buf_dispose(&buffer);
  return text;
}

}  // namespace colophon
