// diff

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "client/cli/commands.h"
#include "client/cli/diff_markdown.h"
#include "client/cli/diff_side.h"
#include "client/cli/file_reference.h"
#include "client/cli/git.h"
#include "client/cli/split_label.h"
#include "client/cli/text.h"
#include "fmt/format.h"

namespace colophon {
namespace {

struct DiffOptions {
  std::vector<std::string> names;  // One or two.
  bool words = false;
  bool markdown = false;
  std::string repository;
};

Style StyleOfDiffLine(std::string_view line) {
  const auto begins = [&](std::string_view start) { return line.starts_with(start); };
  if (begins("+++") || begins("---") || begins("diff ") || begins("index ")) return Style::kBold;
  if (begins("@@")) return Style::kCyan;
  if (begins("+")) return Style::kGreen;
  if (begins("-")) return Style::kRed;
  return Style::kPlain;
}

// In a pipe nothing but the diff, so that `patch` and `git apply` take it.
void PrintText(const Output& out, std::string_view diff) {
  if (!out.terminal()) {
    out.Write(diff);
    return;
  }
  while (!diff.empty()) {
    const size_t end = std::min(diff.find('\n'), diff.size());
    const std::string_view line = diff.substr(0, end);
    out.Line(out.Styled(StyleOfDiffLine(line), Visible(line)));
    diff.remove_prefix(std::min(end + 1, diff.size()));
  }
}

void PrintFrontMatter(const Output& out, const v1::DiffVersionsResponse& response) {
  if (!out.terminal() || response.front_matter().empty()) return;
  out.Line();
  out.Line(out.Styled(Style::kDim, "front matter"));
  for (const v1::FieldDifference& field : response.front_matter()) {
    out.Line(fmt::format("  {}: {} → {}", Visible(field.path()),
                         field.before().empty() ? "none" : Visible(field.before()),
                         field.after().empty() ? "none" : Visible(field.after())));
  }
}

absl::Status PrintSides(const Output& out, const DiffSide& before, const DiffSide& after,
                        const DiffOptions& options) {
  if (options.markdown) {
    ASSIGN_OR_RETURN(const std::string markdown, WriteMarkdown(before, after));
    out.Write(markdown);
    return absl::OkStatus();
  }
  const auto differences = CompareFiles(before.files, after.files);
  if (differences.empty()) {
    out.Note(fmt::format("{} and {} are the same", before.name, after.name));
  }
  for (const auto& [path, kind] : differences) {
    const auto old = before.Find(path), now = after.Find(path);
    if (options.words && old && now) {
      ASSIGN_OR_RETURN(const std::string diff, DiffWords(path, *old, *now));
      PrintText(out, diff);
    } else {
      ASSIGN_OR_RETURN(const std::string diff, DiffTexts(path, old, now));
      PrintText(out, diff);
    }
  }
  return absl::OkStatus();
}

absl::Status DiffReferences(const Session& session, const Client& client, const std::string& before,
                            const std::string& after) {
  const Output& out = session.output();
  v1::DiffVersionsRequest request;
  request.set_before(before);
  request.set_after(after);
  ASSIGN_OR_RETURN(const auto response, client.DiffVersions(request));
  if (out.json()) {
    out.Json(response);
    return absl::OkStatus();
  }
  if (response.unified_diff().empty()) {
    out.Note(
        fmt::format("{} and {} are the same", response.before().name(), response.after().name()));
  }
  PrintText(out, response.unified_diff());
  PrintFrontMatter(out, response);
  return absl::OkStatus();
}

struct Names {
  std::string before, after;
};

// A FILE is what is in hand: it is compared with what is published, whichever is named
// first. Alone it is compared with the newest version.
absl::StatusOr<Names> NamesOf(const std::vector<std::string>& names) {
  std::string before = names.at(0);
  if (!IsFile(before)) {
    ASSIGN_OR_RETURN(before, ReferenceOf(before));
  }
  std::string after = names.size() > 1 ? names[1] : "";
  if (after.empty() && !IsFile(before)) {
    return InvalidArgument(
        "BAD_USAGE",
        fmt::format("{} is compared with what? Name another reference or a file", before));
  }
  if (after.empty()) {
    after = before;
    ASSIGN_OR_RETURN(const std::string prompt, ReferenceOf(before));
    before = prompt + "@latest";
  } else if (IsFile(before) && !IsFile(after)) {
    const bool is_short = after.find('/') == after.npos;
    ASSIGN_OR_RETURN(const std::string prompt,
                     is_short ? ReferenceOf(before) : absl::StatusOr<std::string>(""));
    ASSIGN_OR_RETURN(after, SecondReferenceOf(prompt, after));
    std::swap(before, after);
  } else if (!IsFile(after)) {
    ASSIGN_OR_RETURN(after, SecondReferenceOf(before, after));
  }
  return Names{before, after};
}

absl::Status CheckNoJson(const Output& out) {
  if (!out.json()) return absl::OkStatus();
  return InvalidArgument("NO_JSON",
                         "files, folders, words and Markdown are made here, not by the API: there "
                         "is no message of it; leave --json out");
}

absl::Status DiffPrompts(const Session& session, const DiffOptions& options) {
  const Client client = session.NewClient();
  ASSIGN_OR_RETURN(const Names names, NamesOf(options.names));
  for (const std::string& name : {names.before, names.after}) {
    if (!IsFile(name)) RETURN_IF_ERROR(CheckNotSplit(client, name));
  }
  if (!IsFile(names.before) && !IsFile(names.after) && !options.words && !options.markdown) {
    return DiffReferences(session, client, names.before, names.after);
  }
  RETURN_IF_ERROR(CheckNoJson(session.output()));
  ASSIGN_OR_RETURN(const DiffSide old, LoadSide(client, names.before));
  ASSIGN_OR_RETURN(const DiffSide now, LoadSide(client, names.after));
  return PrintSides(session.output(), old, now, options);
}

// A working folder, or one in it, is compared as a whole with what is published; another
// folder with the repository that -r names. One without labels' files leaves labels to the
// server: that it has none is no difference.
absl::Status DiffFolder(const Session& session, const DiffOptions& options) {
  const std::string& name = options.names.at(0);
  ASSIGN_OR_RETURN(const auto found, FindWorkingFolder(std::filesystem::path(name)));
  if (found && !options.repository.empty() && options.repository != found->repository) {
    return InvalidArgument(
        "WRONG_REPOSITORY",
        fmt::format("\"{}\" is a working folder of {}, and -r says {}; leave -r out",
                    found->root.string(), found->repository, options.repository));
  }
  if (!found && options.repository.empty()) {
    return InvalidArgument("NO_REPOSITORY",
                           fmt::format("\"{}\" is in no working folder: say with -r NAME which "
                                       "repository it is compared with, or name two folders",
                                       name));
  }
  const WorkingFolder folder =
      found.value_or(WorkingFolder{.root = name, .repository = options.repository, .server = ""});
  ASSIGN_OR_RETURN(DiffSide old,
                   LoadRepositorySide(session.NewClient(folder.server), folder.repository));
  ASSIGN_OR_RETURN(const DiffSide now,
                   LoadFolderSide(name, folder.root.string(), folder.repository));
  const auto is_labels = [](const auto& file) { return file.first.ends_with(".labels.yaml"); };
  if (std::none_of(now.files.begin(), now.files.end(), is_labels)) {
    std::erase_if(old.files, is_labels);
  }
  return PrintSides(session.output(), old, now, options);
}

absl::Status Diff(const Session& session, const DiffOptions& options) {
  if (options.words && options.markdown) {
    return InvalidArgument("BAD_USAGE", "--words and --markdown don't go together");
  }
  const auto is_folder = [](const std::string& name) {
    std::error_code error;
    return std::filesystem::is_directory(name, error);
  };
  if (!std::all_of(options.names.begin(), options.names.end(), is_folder)) {
    return DiffPrompts(session, options);
  }
  RETURN_IF_ERROR(CheckNoJson(session.output()));
  if (options.names.size() == 1) return DiffFolder(session, options);
  ASSIGN_OR_RETURN(const DiffSide old, LoadFolderSide(options.names[0], options.names[0], ""));
  ASSIGN_OR_RETURN(const DiffSide now, LoadFolderSide(options.names[1], options.names[1], ""));
  return PrintSides(session.output(), old, now, options);
}

}  // namespace

void AddDiffCommands(CLI::App* app, Session* session) {
  auto options = std::make_shared<DiffOptions>();
  CLI::App* command =
      session->AddCommand(app, "diff", "What changed between two references, or to files",
                          [=] { return Diff(*session, *options); });
  command
      ->add_option("REF|FILE|DIR", options->names,
                   "Two references, the second as short as v2; a .prompt file, alone or with the "
                   "reference it is compared with; two files; a folder, compared with what its "
                   "repository has; two folders")
      ->required()
      ->expected(1, 2);
  command->add_flag("--words", options->words,
                    "Word by word: [-what went-] and {+what came+}, for long lines");
  command->add_flag("--markdown", options->markdown,
                    "For a comment on a pull request: a heading for each prompt, its front matter "
                    "as a table, the text of what it includes");
  command
      ->add_option("-r,--repository", options->repository,
                   "Repository of the folder, outside of a working folder")
      ->type_name("REPO");
}

}  // namespace colophon
