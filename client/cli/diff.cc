// diff

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "client/cli/commands.h"
#include "client/cli/file_reference.h"
#include "client/cli/folder_files.h"
#include "client/cli/git.h"
#include "client/cli/local_prompt.h"
#include "client/cli/split_label.h"
#include "client/cli/text.h"
#include "fmt/format.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon {
namespace {

struct DiffOptions {
  std::vector<std::string> names;  // One or two.
  bool words = false;
};

// What is compared: a prompt with all that it includes, as it was published or as it is
// on disk.
struct Side {
  std::string name;
  FileMap files;
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

absl::StatusOr<Side> LoadFileSide(const std::string& file) {
  ASSIGN_OR_RETURN(const LocalPath path, FindLocalPath(file, ""));
  std::vector<v1::Diagnostic> diagnostics;
  ASSIGN_OR_RETURN(const auto closure, LoadLocal(path, &diagnostics));
  if (closure == nullptr) return DiagnosticsToStatus(diagnostics);
  Side side{.name = file, .files = {}};
  for (const prompt::ClosureFile& part : closure->files) side.files[part.path] = part.content;
  return side;
}

absl::StatusOr<Side> LoadVersionSide(const Client& client, const std::string& reference) {
  v1::GetVersionRequest request;
  request.set_name(reference);
  ASSIGN_OR_RETURN(const auto response, client.GetVersion(request));
  Side side{.name = response.version().name(), .files = {}};
  for (const v1::File& file : response.version().files()) side.files[file.path()] = file.content();
  return side;
}

absl::StatusOr<Side> LoadSide(const Client& client, const std::string& name) {
  return IsFile(name) ? LoadFileSide(name) : LoadVersionSide(client, name);
}

absl::Status PrintSides(const Output& out, const Side& before, const Side& after, bool words) {
  const auto differences = CompareFiles(before.files, after.files);
  if (differences.empty()) {
    out.Note(fmt::format("{} and {} are the same", before.name, after.name));
  }
  for (const FileDifference& difference : differences) {
    const auto text = [&](const FileMap& files) -> std::optional<std::string_view> {
      const auto found = files.find(difference.path);
      if (found == files.end()) return std::nullopt;
      return found->second;
    };
    const auto old = text(before.files), now = text(after.files);
    if (words && old && now) {
      ASSIGN_OR_RETURN(const std::string diff, DiffWords(difference.path, *old, *now));
      PrintText(out, diff);
    } else {
      ASSIGN_OR_RETURN(const std::string diff, DiffTexts(difference.path, old, now));
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

// A FILE is what is in hand: it is compared with what is published, whichever is named
// first. Alone it is compared with the newest version.
absl::Status Diff(const Session& session, const DiffOptions& options) {
  const Client client = session.NewClient();
  std::string before = options.names.at(0);
  if (!IsFile(before)) {
    ASSIGN_OR_RETURN(before, ReferenceOf(before));
  }
  std::string after = options.names.size() > 1 ? options.names[1] : "";
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
  for (const std::string& name : {before, after}) {
    if (!IsFile(name)) RETURN_IF_ERROR(CheckNotSplit(client, name));
  }
  if (!IsFile(before) && !IsFile(after) && !options.words) {
    return DiffReferences(session, client, before, after);
  }
  if (session.output().json()) {
    return InvalidArgument("NO_JSON",
                           "files and words are compared here, not by the API: there is "
                           "no message of it; leave --json out");
  }
  ASSIGN_OR_RETURN(const Side old, LoadSide(client, before));
  ASSIGN_OR_RETURN(const Side now, LoadSide(client, after));
  return PrintSides(session.output(), old, now, options.words);
}

}  // namespace

void AddDiffCommands(CLI::App* app, Session* session) {
  auto options = std::make_shared<DiffOptions>();
  CLI::App* command =
      session->AddCommand(app, "diff", "What changed between two references, or to a file",
                          [=] { return Diff(*session, *options); });
  command
      ->add_option("REF|FILE", options->names,
                   "Two references, the second as short as v2; a .prompt file, alone or with the "
                   "reference it is compared with; two files")
      ->required()
      ->expected(1, 2);
  command->add_flag("--words", options->words,
                    "Word by word: [-what went-] and {+what came+}, for long lines");
}

}  // namespace colophon
