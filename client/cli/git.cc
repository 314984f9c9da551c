#include "client/cli/git.h"

#include <memory>
#include <vector>

#include "client/cli/word_diff.h"
#include "fmt/format.h"
#include "git2.h"

namespace colophon {
namespace {

template <auto free>
struct Free {
  template <class Handle>
  void operator()(Handle* handle) const {
    free(handle);
  }
};

void InitLibgit2() {
  static const int initialized = git_libgit2_init();
  static_cast<void>(initialized);
}

absl::Status FromLibgit2(int error, std::string_view doing) {
  if (error >= 0) return absl::OkStatus();
  const git_error* const last = git_error_last();
  return Error(absl::StatusCode::kInternal, "LIBGIT2",
               fmt::format("libgit2 can't {}: {}", doing,
                           last == nullptr ? "it doesn't say why" : last->message));
}

// Null means no file, so an empty one must not be null.
const char* Data(const std::optional<std::string_view>& text) {
  if (!text) return nullptr;
  return text->empty() ? "" : text->data();
}
size_t Size(const std::optional<std::string_view>& text) { return text ? text->size() : 0; }

git_merge_file_input InputOf(std::string_view text) {
  git_merge_file_input input = GIT_MERGE_FILE_INPUT_INIT;
  input.ptr = Data(text);
  input.size = text.size();
  input.mode = GIT_FILEMODE_BLOB;
  return input;
}

using Config = std::unique_ptr<git_config, Free<git_config_free>>;

// Of the git repository around the current folder, which includes the user's; else the
// user's alone.
Config OpenConfig() {
  git_repository* raw_repository = nullptr;
  git_config* raw = nullptr;
  if (git_repository_open_ext(&raw_repository, ".", 0, nullptr) == 0) {
    const std::unique_ptr<git_repository, Free<git_repository_free>> repository(raw_repository);
    git_repository_config_snapshot(&raw, repository.get());
    return Config(raw);
  }
  git_config* live = nullptr;
  if (git_config_open_default(&live) != 0) return nullptr;
  const Config owner(live);
  git_config_snapshot(&raw, live);
  return Config(raw);
}

std::string ValueOf(const Config& config, const char* name) {
  const char* value = nullptr;
  return git_config_get_string(&value, config.get(), name) == 0 ? value : "";
}

}  // namespace

absl::StatusOr<MergedText> MergeTexts(std::optional<std::string_view> base, std::string_view ours,
                                      std::string_view theirs, const std::string& theirs_name) {
  InitLibgit2();
  git_merge_file_options options = GIT_MERGE_FILE_OPTIONS_INIT;
  options.our_label = "yours";
  options.their_label = theirs_name.c_str();
  const git_merge_file_input base_input = InputOf(base.value_or(""));
  const git_merge_file_input our_input = InputOf(ours);
  const git_merge_file_input their_input = InputOf(theirs);
  git_merge_file_result result{};
  RETURN_IF_ERROR(FromLibgit2(
      git_merge_file(&result, base ? &base_input : nullptr, &our_input, &their_input, &options),
      "merge two texts"));
  MergedText merged{.text = std::string(result.ptr, result.len),
                    .has_conflicts = result.automergeable == 0};
  git_merge_file_result_free(&result);
  return merged;
}

absl::StatusOr<std::string> DiffTexts(const std::string& path,
                                      std::optional<std::string_view> before,
                                      std::optional<std::string_view> after) {
  InitLibgit2();
  git_diff_options options = GIT_DIFF_OPTIONS_INIT;
  options.flags = GIT_DIFF_INDENT_HEURISTIC;  // As git does since 2.14.
  options.id_abbrev = 7;
  git_patch* raw = nullptr;
  RETURN_IF_ERROR(
      FromLibgit2(git_patch_from_buffers(&raw, Data(before), Size(before), path.c_str(),
                                         Data(after), Size(after), path.c_str(), &options),
                  "compare two files"));
  const std::unique_ptr<git_patch, Free<git_patch_free>> patch(raw);
  git_buf buffer = GIT_BUF_INIT;
  RETURN_IF_ERROR(FromLibgit2(git_patch_to_buf(&buffer, patch.get()), "print a difference"));
  std::string text(buffer.ptr, buffer.size);
  git_buf_dispose(&buffer);
  return text;
}

absl::StatusOr<std::string> DiffWords(const std::string& path, std::string_view before,
                                      std::string_view after) {
  InitLibgit2();
  const std::string old_words = WordLines(before), new_words = WordLines(after);
  git_diff_options options = GIT_DIFF_OPTIONS_INIT;
  options.context_lines = static_cast<uint32_t>(old_words.size() + new_words.size());
  git_patch* raw = nullptr;
  RETURN_IF_ERROR(FromLibgit2(
      git_patch_from_buffers(&raw, old_words.data(), old_words.size(), path.c_str(),
                             new_words.data(), new_words.size(), path.c_str(), &options),
      "compare two files"));
  const std::unique_ptr<git_patch, Free<git_patch_free>> patch(raw);
  std::vector<WordChange> changes;
  for (size_t hunk = 0; hunk < git_patch_num_hunks(patch.get()); ++hunk) {
    const int lines = git_patch_num_lines_in_hunk(patch.get(), hunk);
    for (int i = 0; i < lines; ++i) {
      const git_diff_line* line = nullptr;
      RETURN_IF_ERROR(
          FromLibgit2(git_patch_get_line_in_hunk(&line, patch.get(), hunk, static_cast<size_t>(i)),
                      "read a difference"));
      std::string_view text(line->content, line->content_len);
      if (text.ends_with('\n')) text.remove_suffix(1);
      if (line->origin == ' ' || line->origin == '-' || line->origin == '+') {
        changes.push_back({line->origin, std::string(text)});
      }
    }
  }
  return fmt::format("--- a/{}\n+++ b/{}\n{}", path, path, FormatWordChanges(changes));
}

std::optional<std::string> GitAuthor() {
  InitLibgit2();
  const Config config = OpenConfig();
  if (config == nullptr) return std::nullopt;
  const std::string name = ValueOf(config, "user.name");
  if (name.empty()) return std::nullopt;
  const std::string email = ValueOf(config, "user.email");
  return email.empty() ? name : fmt::format("{} <{}>", name, email);
}

}  // namespace colophon
