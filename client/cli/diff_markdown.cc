#include "client/cli/diff_markdown.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "client/cli/git.h"
#include "client/cli/markdown.h"
#include "client/cli/text.h"
#include "client/cli/tree.h"
#include "fmt/format.h"
#include "service/template/prompt/closure_loader.h"
#include "service/template/prompt/field_differences.h"

namespace colophon {
namespace {

// For the first line, and for the last, which says what has no room.
constexpr size_t kKeptBytes = 4'000;
constexpr size_t kMaxNamesBytes = 2'000;
constexpr int kMaxFields = 50;
constexpr int kNameWidth = 300, kValueWidth = 120;

std::string Shown(const std::string& name) { return MarkdownCode(Truncate(name, kNameWidth)); }

// The prompt at `file` with all that it includes. Of one that has errors, which `check`
// tells, the file alone.
absl::StatusOr<DiffSide> PromptOf(const DiffSide& side, const std::string& file) {
  DiffSide prompt{.name = side.name, .file = file, .files = {}, .prompts = {}};
  const auto own = side.Find(file);
  if (!own) return prompt;
  std::vector<v1::Diagnostic> diagnostics;
  const auto read = [&](const std::string& path) -> absl::StatusOr<std::optional<std::string>> {
    const auto text = side.Find(path);
    return text ? std::optional(std::string(*text)) : std::nullopt;
  };
  ASSIGN_OR_RETURN(const auto closure, prompt::LoadClosure(file, read, &diagnostics));
  if (closure == nullptr) {
    prompt.files[file] = *own;
  } else {
    for (const auto& part : closure->files) prompt.files[part.path] = part.content;
  }
  return prompt;
}

// Of prompts that are there on both sides and can be read.
std::vector<v1::FieldDifference> FieldsOf(const DiffSide& before, const DiffSide& after) {
  const auto old_text = before.Find(before.file), new_text = after.Find(after.file);
  if (!old_text || !new_text) return {};
  std::vector<v1::Diagnostic> diagnostics;
  const auto old_file = prompt::PromptFile::Parse(before.file, *old_text, &diagnostics);
  const auto new_file = prompt::PromptFile::Parse(after.file, *new_text, &diagnostics);
  if (old_file == nullptr || new_file == nullptr) return {};
  return prompt::FieldDifferences(old_file->front_matter().raw, new_file->front_matter().raw);
}

std::string TableOf(const std::vector<v1::FieldDifference>& fields) {
  const auto value = [](const std::string& json) {
    return json.empty() ? "none" : MarkdownCode(Truncate(json, kValueWidth));
  };
  std::string table = MarkdownRow({"front matter", "before", "after"}) + "| --- | --- | --- |\n";
  int rows = 0;
  for (const v1::FieldDifference& field : fields) {
    if (++rows > kMaxFields) break;
    table += MarkdownRow({MarkdownCode(Truncate(field.path(), kValueWidth)), value(field.before()),
                          value(field.after())});
  }
  if (rows > kMaxFields) {
    table += MarkdownRow({fmt::format("and {} more", fields.size() - kMaxFields), "", ""});
  }
  return table;
}

// From "--- a/…" on: what git says of modes and ids before it is nothing to review. An
// empty file has nothing else.
std::string_view WithoutHeader(std::string_view patch) {
  const size_t at = patch.find("\n--- ");
  return at == patch.npos ? patch : patch.substr(at + 1);
}

class MarkdownDiff {
 public:
  MarkdownDiff(const DiffSide& before, const DiffSide& after) : before_(before), after_(after) {}

  absl::StatusOr<std::string> Write() {
    if (before_.file.empty()) {
      RETURN_IF_ERROR(AddFolder());
    } else {
      RETURN_IF_ERROR(AddPrompt(before_, after_,
                                fmt::format("{} → {}", Shown(before_.name), Shown(after_.name)))
                          .status());
    }
    if (body_.empty() && left_out_ == 0) {
      return fmt::format("{} and {} are the same.\n", Shown(before_.name), Shown(after_.name));
    }
    return Head() + body_ + Tail();
  }

 private:
  absl::Status AddFolder() {
    std::set<std::string> files;
    for (const DiffSide* side : {&before_, &after_}) {
      for (const auto& [path, content] : side->files) {
        if (!PromptOfFile(path).empty()) files.insert(path);
      }
    }
    for (const std::string& file : files) RETURN_IF_ERROR(AddPromptOfFolder(file));
    AddShared();
    return AddOthers();
  }

  absl::Status AddPromptOfFolder(const std::string& file) {
    ASSIGN_OR_RETURN(const DiffSide old, PromptOf(before_, file));
    ASSIGN_OR_RETURN(const DiffSide now, PromptOf(after_, file));
    const bool is_new = old.files.empty(), is_deleted = now.files.empty();
    const char* const state = is_new ? "new" : is_deleted ? "deleted" : "edited";
    ASSIGN_OR_RETURN(const bool differs,
                     AddPrompt(old, now, fmt::format("{} {}", NameOfPrompt(file), state)));
    if (differs) ++(is_new ? new_ : is_deleted ? deleted_ : edited_);
    return absl::OkStatus();
  }

  // With its version where it has one.
  std::string NameOfPrompt(const std::string& file) const {
    for (const DiffSide* side : {&before_, &after_}) {
      const auto found = side->prompts.find(file);
      if (found != side->prompts.end()) return MarkdownCode(found->second);
    }
    return MarkdownCode(file);
  }

  // False when they are the same.
  absl::StatusOr<bool> AddPrompt(const DiffSide& old, const DiffSide& now,
                                 const std::string& title) {
    std::vector<std::pair<std::string, std::string>> patches;  // By file, those not told yet.
    std::vector<std::string> told;
    for (const FileDifference& difference : CompareFiles(old.files, now.files)) {
      const std::string& path = difference.path;
      ASSIGN_OR_RETURN(std::string patch, DiffTexts(path, old.Find(path), now.Find(path)));
      if (told_.contains(patch)) {
        told.push_back(path);
      } else {
        patches.emplace_back(path, std::move(patch));
      }
    }
    if (patches.empty()) {
      if (!told.empty()) shared_.emplace_back(title, told);
      return !told.empty();
    }
    if (left_out_prompts_ || !Add(fmt::format("### {}\n\n", title))) {
      left_out_prompts_ = true;
      LeaveOut(title);
      for (auto& [path, patch] : patches) told_.insert(std::move(patch));
      return true;
    }
    const std::vector<v1::FieldDifference> fields = FieldsOf(old, now);
    if (!fields.empty() && !Add(TableOf(fields) + "\n")) LeaveOut("the front matter of " + title);
    for (auto& [path, patch] : patches) AddPatch(path, std::move(patch));
    for (const std::string& path : told) {
      Add(fmt::format("With {}, as for a prompt above.\n\n", MarkdownCode(path)));
    }
    return true;
  }

  void AddPatch(const std::string& path, std::string patch) {
    const std::string_view text = WithoutHeader(patch);
    const bool may_fit = text.size() <= kMaxCommentBytes;
    if (!may_fit || !Add(MarkdownBlock(text, "diff") + "\n")) {
      LeaveOut(MarkdownCode(path));
      const int64_t lines = std::count(text.begin(), text.end(), '\n');
      Add(fmt::format("{}: {} left out.\n\n", MarkdownCode(path), Count(lines, "line", "lines")));
    }
    told_.insert(std::move(patch));
  }

  // Prompts in which nothing differs but files that are told already.
  void AddShared() {
    if (shared_.empty()) return;
    Add("### The same files are in\n\n");
    for (const auto& [title, paths] : shared_) {
      std::string line = fmt::format("- {}:", title);
      for (const std::string& path : paths) line += " " + MarkdownCode(path);
      if (!Add(line + "\n")) LeaveOut(title);
    }
    Add("\n");
  }

  // Labels, and what no prompt includes or names.
  absl::Status AddOthers() {
    for (const FileDifference& difference : CompareFiles(before_.files, after_.files)) {
      const std::string& path = difference.path;
      ASSIGN_OR_RETURN(std::string patch, DiffTexts(path, before_.Find(path), after_.Find(path)));
      if (told_.contains(patch)) continue;
      if (++others_ == 1) Add("### Other files\n\n");
      AddPatch(path, std::move(patch));
    }
    return absl::OkStatus();
  }

  // False when there is no room for it.
  bool Add(std::string_view markdown) {
    if (body_.size() + markdown.size() > kMaxCommentBytes - kKeptBytes) return false;
    body_ += markdown;
    return true;
  }

  void LeaveOut(const std::string& name) {
    ++left_out_;
    if (names_.size() + name.size() > kMaxNamesBytes) return;
    ++named_;
    names_ += (names_.empty() ? "" : ", ") + name;
  }

  std::string Head() const {
    if (!before_.file.empty()) return "";
    std::string counts;
    const auto add = [&](int count, const std::string& text) {
      if (count > 0) counts += (counts.empty() ? "" : ", ") + text;
    };
    add(new_, Count(new_, "new prompt", "new prompts"));
    add(edited_, Count(edited_, "edited prompt", "edited prompts"));
    add(deleted_, Count(deleted_, "deleted prompt", "deleted prompts"));
    add(others_, Count(others_, "other file", "other files"));
    return fmt::format("From {} to {}: {}.\n\n", Shown(before_.name), Shown(after_.name), counts);
  }

  std::string Tail() const {
    if (left_out_ == 0) return "";
    std::string names = names_;
    if (left_out_ > named_) {
      names += (names.empty() ? "" : " and ") + Count(left_out_ - named_, "more", "more");
    }
    return fmt::format("Left out, because a comment has room for {}: {}.\n",
                       Count(kMaxCommentBytes, "byte", "bytes"), names);
  }

  const DiffSide& before_;
  const DiffSide& after_;
  std::string body_;
  std::set<std::string> told_;  // Patches.
  // Title of a prompt, and the files of it that differ.
  std::vector<std::pair<std::string, std::vector<std::string>>> shared_;
  int new_ = 0, edited_ = 0, deleted_ = 0, others_ = 0;
  bool left_out_prompts_ = false;  // None has room after the first that had not.
  int left_out_ = 0, named_ = 0;
  std::string names_;  // Of what is left out, as many as have room.
};

}  // namespace

absl::StatusOr<std::string> WriteMarkdown(const DiffSide& before, const DiffSide& after) {
  return MarkdownDiff(before, after).Write();
}

}  // namespace colophon
