#include "service/registry/version_diff.h"

#include <algorithm>
#include <map>
#include <utility>

#include "fmt/format.h"
#include "service/git/patch.h"
#include "service/registry/line_diff.h"
#include "service/template/prompt/field_differences.h"
#include "service/template/prompt/prompt_file.h"

namespace colophon {
namespace {

// Path → content; null when there is no such file.
using Files = std::map<std::string, const v1::File*>;

Files FilesOf(const v1::Version& version) {
  Files files;
  for (const v1::File& file : version.files()) files[file.path()] = &file;
  return files;
}

// What one answer may cost: about 100 ms, and less than a client takes by default.
struct Budget {
  // Lines given to libgit2, whose worst case is a few microseconds for each while
  // they are no more than this.
  int64_t lines = 30'000;
  // Our own comparison of what is larger.
  DiffBudget own;
  // Of the text.
  size_t bytes = 3 << 20;
};

std::optional<std::string_view> TextOf(const v1::File* file) {
  return file == nullptr ? std::nullopt : std::optional<std::string_view>(file->content());
}

std::string_view ContentOf(const v1::File* file) {
  return file == nullptr ? std::string_view() : std::string_view(file->content());
}

int64_t CountLines(std::string_view text) {
  return std::count(text.begin(), text.end(), '\n') +
         (text.empty() || text.ends_with('\n') ? 0 : 1);
}

// As git prints it before the hunks.
std::string HeaderOf(const std::string& path, const v1::File* from, const v1::File* to) {
  const auto id = [](const v1::File* file) {
    return file == nullptr ? std::string("0000000") : file->blob().substr(0, 7);
  };
  std::string header = fmt::format("diff --git a/{0} b/{0}\n", path);
  if (from == nullptr) header += "new file mode 100644\n";
  if (to == nullptr) header += "deleted file mode 100644\n";
  const bool both = from != nullptr && to != nullptr;
  header += fmt::format("index {}..{}{}\n", id(from), id(to), both ? " 100644" : "");
  return header;
}

std::optional<std::string> DiffOfOurOwn(const std::string& path, const v1::File* from,
                                        const v1::File* to, DiffBudget* budget) {
  const auto hunks = WriteHunks(ContentOf(from), ContentOf(to), budget);
  if (!hunks) return std::nullopt;
  return HeaderOf(path, from, to) + fmt::format("--- {}\n+++ {}\n{}",
                                                from == nullptr ? "/dev/null" : "a/" + path,
                                                to == nullptr ? "/dev/null" : "b/" + path, *hunks);
}

std::string TooLarge(const std::string& path, const v1::File* from, const v1::File* to) {
  return HeaderOf(path, from, to) +
         fmt::format(
             "Files a/{0} and b/{0} differ, {1} bytes → {2} bytes: too large for a diff of "
             "these versions; get both\n",
             path, ContentOf(from).size(), ContentOf(to).size());
}

absl::StatusOr<std::string> DiffFile(const std::string& path, const v1::File* from,
                                     const v1::File* to, Budget* budget) {
  if (budget->bytes == 0) return TooLarge(path, from, to);
  const int64_t lines = CountLines(ContentOf(from)) + CountLines(ContentOf(to));
  std::optional<std::string> text;
  if (lines <= budget->lines) {
    budget->lines -= lines;
    ASSIGN_OR_RETURN(text, WritePatch(path, TextOf(from), TextOf(to)));
  } else {
    text = DiffOfOurOwn(path, from, to, &budget->own);
  }
  if (!text) return TooLarge(path, from, to);
  if (text->size() > budget->bytes) {
    budget->bytes = 0;
    return TooLarge(path, from, to);
  }
  budget->bytes -= text->size();
  return *std::move(text);
}

void CopyWithoutContents(const v1::Version& from, v1::Version* to) {
  *to = from;
  for (v1::File& file : *to->mutable_files()) file.clear_content();
}

}  // namespace

absl::StatusOr<v1::DiffVersionsResponse> DiffLoadedVersions(const LoadedVersion& from,
                                                            const LoadedVersion& to,
                                                            const Call& call) {
  v1::DiffVersionsResponse response;
  CopyWithoutContents(from.version, response.mutable_before());
  CopyWithoutContents(to.version, response.mutable_after());
  const Files before = FilesOf(from.version), after = FilesOf(to.version);
  Files all = before;
  all.insert(after.begin(), after.end());
  Budget budget;
  for (const auto& [path, unused] : all) {
    const auto old_file = before.find(path), new_file = after.find(path);
    const v1::File* const a = old_file == before.end() ? nullptr : old_file->second;
    const v1::File* const b = new_file == after.end() ? nullptr : new_file->second;
    if (a != nullptr && b != nullptr && a->content() == b->content()) continue;
    RETURN_IF_ERROR(CheckWanted(call));
    ASSIGN_OR_RETURN(const std::string text, DiffFile(path, a, b, &budget));
    response.mutable_unified_diff()->append(text);
  }
  for (v1::FieldDifference& field : prompt::FieldDifferences(
           from.closure->prompt->front_matter().raw, to.closure->prompt->front_matter().raw)) {
    *response.add_front_matter() = std::move(field);
  }
  return response;
}

}  // namespace colophon
