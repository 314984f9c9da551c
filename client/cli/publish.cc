// publish, archive

#include <memory>
#include <string>
#include <vector>

#include "client/cli/change_text.h"
#include "client/cli/commands.h"
#include "client/cli/progress.h"
#include "client/cli/text.h"
#include "client/cli/tree.h"
#include "fmt/format.h"

namespace colophon {
namespace {

struct PublishOptions {
  std::vector<std::string> paths;
  std::string repository;
  std::string description;
  std::string author;
  std::vector<std::string> labels;
  std::string branch;
  bool dry_run = false;
  int64_t base = 0;
  TreeOptions tree;
};

// Every prompt among the files gets the labels, on what is newest once the
// change is made.
void AddLabelMoves(const std::vector<LocalFile>& files, const std::vector<std::string>& labels,
                   v1::PublishRequest* request) {
  for (const LocalFile& file : files) {
    const std::string prompt = PromptOfFile(file.path);
    if (prompt.empty()) continue;
    for (const std::string& label : labels) {
      v1::LabelMove* move = request->add_label_moves();
      move->set_prompt(prompt);
      move->set_label(label);
      move->mutable_targets()->add_targets();
    }
  }
}

absl::StatusOr<v1::PublishRequest> MakeRequest(const PublishOptions& options) {
  ASSIGN_OR_RETURN(std::vector<LocalFile> files, ReadTree(options.paths, options.tree));
  v1::PublishRequest request;
  request.set_repository(options.repository);
  request.set_description(options.description.empty() ? "dry run" : options.description);
  request.set_author(options.author);
  request.set_branch(options.branch);
  request.set_base_sequence(options.base);
  request.set_validate_only(options.dry_run);
  AddLabelMoves(files, options.labels, &request);
  for (LocalFile& file : files) {
    v1::FileEdit* edit = request.add_edits();
    edit->set_path(file.path);
    edit->set_content(std::move(file.content));
  }
  return request;
}

void PrintDiagnostics(const Output& out, const v1::PublishResponse& response) {
  for (const v1::Diagnostic& found : response.diagnostics()) {
    std::string place = found.path();
    if (found.line() > 0) place += fmt::format(":{}", found.line());
    if (found.column() > 0) place += fmt::format(":{}", found.column());
    out.Warning(fmt::format("{}: {} ({})", place, found.message(), found.code()));
  }
}

void PrintChange(const Output& out, const v1::Change& change, bool dry_run) {
  const std::string would = dry_run ? "would " : "";
  for (const v1::PublishedVersion& version : change.versions()) {
    out.Line(would + (dry_run ? "publish " : "published ") +
             out.Styled(Style::kBold, out.Safe(version.name())));
  }
  if (const int64_t untold = UntoldVersions(change); untold > 0) {
    out.Line(fmt::format("and {}{}", Count(untold, "more version", "more versions"),
                         change.next_page_token().empty()
                             ? ""
                             : fmt::format("; colophon history {} --change {} lists all",
                                           out.Safe(change.repository()), change.sequence())));
  }
  for (const v1::LabelMove& move : change.label_moves()) {
    out.Line(would + fmt::format("{} {} {}", dry_run ? "label" : "labelled",
                                 out.Safe(change.repository() + "/" + move.prompt()),
                                 out.Safe(DescribeMove(move))));
  }
  for (const std::string& prompt : change.archived_prompts()) {
    out.Line(would + fmt::format("{} {}", dry_run ? "archive" : "archived",
                                 out.Safe(change.repository() + "/" + prompt)));
  }
  if (dry_run) return;
  const std::string where = change.sequence() > 0 ? fmt::format("change {}", change.sequence())
                                                  : "branch " + change.branch();
  out.Line(out.Styled(Style::kDim,
                      out.Safe(fmt::format("{}, commit {}", where, ShortCommit(change.commit())))));
}

void PrintResponse(const Output& out, const v1::PublishResponse& response, bool dry_run) {
  if (out.json()) {
    out.Json(response);
    return;
  }
  PrintDiagnostics(out, response);
  if (response.has_change()) {
    PrintChange(out, response.change(), dry_run);
  } else {
    out.Line("nothing changed");
  }
}

absl::Status Publish(const Session& session, const PublishOptions& options) {
  if (options.description.empty() && !options.dry_run) {
    return InvalidArgument("NO_DESCRIPTION", "say what changes and why with -m TEXT");
  }
  ASSIGN_OR_RETURN(const v1::PublishRequest request, MakeRequest(options));
  absl::StatusOr<v1::PublishResponse> response;
  {
    const Progress progress(session.output(),
                            "publishing " + Count(request.edits_size(), "file", "files"));
    response = session.NewClient().Publish(request);
  }
  RETURN_IF_ERROR(response.status());
  PrintResponse(session.output(), *response, options.dry_run);
  return absl::OkStatus();
}

struct ArchiveOptions {
  std::string prompt;
  std::string description;
  std::string author;
  bool dry_run = false;
};

// The file and the labels go in one change: a label that still names the
// prompt would refuse it.
absl::Status Archive(const Session& session, const ArchiveOptions& options) {
  const Client client = session.NewClient();
  v1::GetPromptRequest lookup;
  lookup.set_name(options.prompt);
  ASSIGN_OR_RETURN(const auto found, client.GetPrompt(lookup));
  const std::string& name = found.prompt().name();
  if (found.prompt().archived()) {
    return FailedPrecondition("PROMPT_ARCHIVED", fmt::format("{} is archived already", name));
  }
  const std::string path = name.substr(name.find('/') + 1);
  v1::PublishRequest request;
  request.set_repository(name.substr(0, name.find('/')));
  request.set_description(options.description);
  request.set_author(options.author);
  request.set_validate_only(options.dry_run);
  v1::FileEdit* edit = request.add_edits();
  edit->set_path(path + ".prompt");
  edit->set_remove(true);
  for (const v1::Label& label : found.prompt().labels()) {
    v1::LabelMove* move = request.add_label_moves();
    move->set_prompt(path);
    move->set_label(label.name().substr(label.name().find('@') + 1));
  }
  ASSIGN_OR_RETURN(const auto response, client.Publish(request));
  PrintResponse(session.output(), response, options.dry_run);
  return absl::OkStatus();
}

void AddArchive(CLI::App* app, Session* session) {
  auto options = std::make_shared<ArchiveOptions>();
  CLI::App* command = session->AddCommand(
      app, "archive", "Take a prompt and its labels out of service; its versions stay",
      [=] { return Archive(*session, *options); });
  command->add_option("PROMPT", options->prompt, "acme/support/triage")->required();
  command->add_option("-m,--message", options->description, "Why")->type_name("TEXT")->required();
  command->add_option("--author", options->author, "\"Ada <ada@example.com>\"")->type_name("NAME");
  command->add_flag("--dry-run", options->dry_run, "Say what would happen");
}

}  // namespace

void AddPublishCommands(CLI::App* app, Session* session) {
  auto options = std::make_shared<PublishOptions>();
  CLI::App* command =
      session->AddCommand(app, "publish", "Publish files, or folders of them, as one change",
                          [=] { return Publish(*session, *options); });
  command->add_option("PATH", options->paths, "Files and folders")->required();
  command->add_option("-r,--repository", options->repository, "Repository to publish to")
      ->type_name("REPO")
      ->required();
  command->add_option("-m,--message", options->description, "What changes and why")
      ->type_name("TEXT");
  command
      ->add_option("--label", options->labels,
                   "Point this label of every prompt given at its newest version")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command->add_option("--branch", options->branch, "Publish a draft to this branch")
      ->type_name("NAME");
  command->add_flag("--dry-run", options->dry_run, "Check everything and say what would happen");
  command
      ->add_option("--base", options->base,
                   "Refuse when one of the files was changed after this change")
      ->type_name("SEQ");
  command->add_option("--root", options->tree.root, "Folder that paths are relative to")
      ->type_name("DIR");
  command->add_option("--prefix", options->tree.prefix, "Folder of the repository to put them in")
      ->type_name("DIR");
  command->add_option("--author", options->author, "\"Ada <ada@example.com>\"; else the caller")
      ->type_name("NAME");
  AddArchive(app, session);
}

}  // namespace colophon
