// publish, archive

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "client/cli/commands.h"
#include "client/cli/git.h"
#include "client/cli/progress.h"
#include "client/cli/publish_plan.h"
#include "client/cli/publish_text.h"
#include "client/cli/pull.h"
#include "client/cli/removal.h"
#include "client/cli/text.h"
#include "fmt/format.h"
#include "service/base/hash.h"

namespace colophon {
namespace {

v1::PublishRequest RequestOf(const PublishPlan& plan, const PublishOptions& options,
                             const std::string& author) {
  v1::PublishRequest request;
  request.set_repository(plan.repository);
  request.set_author(author);
  request.set_branch(options.branch);
  if (options.branch.empty()) request.set_base_sequence(plan.base);
  request.set_validate_only(options.dry_run);
  for (const PlannedEdit& edit : plan.edits) {
    if (!edit.content) continue;
    v1::FileEdit* const to = request.add_edits();
    to->set_path(edit.path);
    to->set_content(*edit.content);
  }
  return request;
}

// --label moves the labels of the prompts that get a version by it, a partial's users
// among them, and of those whose file was named.
absl::Status AddLabelMoves(const Session& session, const Client& client, const PublishPlan& plan,
                           const std::vector<std::string>& labels, v1::PublishRequest* request) {
  if (labels.empty()) return absl::OkStatus();
  std::set<std::string> prompts(plan.prompts.begin(), plan.prompts.end());
  if (request->edits_size() > 0) {
    v1::PublishRequest trial = *request;
    trial.set_validate_only(true);
    ASSIGN_OR_RETURN(const auto response, client.Publish(trial));
    for (const auto& version : response.change().versions()) prompts.insert(version.prompt());
  }
  for (const std::string& prompt : prompts) {
    for (const std::string& label : labels) {
      v1::LabelMove* const move = request->add_label_moves();
      move->set_prompt(prompt);
      move->set_label(label);
      move->mutable_targets()->add_targets();
    }
  }
  if (prompts.empty()) session.output().Note("no prompt changes by this, so no label moves");
  return absl::OkStatus();
}

absl::Status PrintDiffs(const Output& out, const PublishPlan& plan) {
  for (const PlannedEdit& edit : plan.edits) {
    ASSIGN_OR_RETURN(const std::string diff, DiffTexts(edit.path, edit.before, edit.content));
    out.Write(out.Safe(diff));
  }
  return absl::OkStatus();
}

// A refusal for a stale base, with what changed since and by whom.
absl::Status Explain(const Session& session, const Client& client, const PublishPlan& plan,
                     const v1::PublishRequest& request, const absl::Status& status) {
  if (ReasonOf(status) != "STALE_BASE" || (!plan.folder && plan.draft_commit.empty())) {
    return status;
  }
  std::set<std::string> paths;
  for (const v1::FileEdit& edit : request.edits()) paths.insert(edit.path());
  for (const v1::LabelMove& move : request.label_moves()) {
    paths.insert(move.prompt() + ".labels.yaml");
  }
  ASSIGN_OR_RETURN(const auto lines, ChangesSince(client, plan.repository, plan.base, paths));
  for (const std::string& line : lines) session.output().Note(line);
  if (!plan.draft_commit.empty()) {
    return Aborted("STALE_BASE",
                   fmt::format("others changed the same since change {}, where the draft began: "
                               "`colophon pull` brings it to your folder; edit there and publish",
                               plan.base));
  }
  return Aborted("STALE_BASE",
                 fmt::format("others changed the same since change {}, which this folder "
                             "stands on: run `colophon pull`, look at what it merged, and publish "
                             "again",
                             plan.base));
}

// The folder goes on to the change it made: what others published in between comes along.
absl::Status MoveOn(const Session& session, const Client& client, const WorkingFolder& folder,
                    int64_t sequence) {
  ASSIGN_OR_RETURN(const Pulled pulled, Pull(client, folder, sequence));
  if (!session.output().json()) PrintPulled(session.output(), pulled);
  return ConflictsOf(pulled);
}

// The draft's text is on main now. One that moved on meanwhile stays.
absl::Status DropPromoted(const Output& out, const Client& client, const PublishPlan& plan,
                          const std::string& from) {
  v1::DeleteDraftRequest request;
  request.set_repository(plan.repository);
  request.set_branch(DraftName(from));
  request.set_expected_commit(plan.draft_commit);
  RETURN_IF_ERROR(client.DeleteDraft(request).status());
  if (!out.json()) out.Line("dropped draft " + DraftName(from));
  return absl::OkStatus();
}

void TellMissing(const Output& out, const PublishPlan& plan) {
  for (const std::string& path : plan.missing) {
    out.Note(fmt::format("{} is not here any more and stays published; --prune deletes it", path));
  }
}

absl::Status Publish(const Session& session, const PublishOptions& options) {
  const Output& out = session.output();
  if (!options.from.empty() && (!options.paths.empty() || !options.branch.empty())) {
    return InvalidArgument("BAD_USAGE",
                           "--from publishes what a draft has: name no PATH and no "
                           "--draft with it");
  }
  ASSIGN_OR_RETURN(const std::string description,
                   DescriptionOf(options.description, options.dry_run));
  ASSIGN_OR_RETURN(const auto folder, FolderOf(options));
  const Client client = session.NewClient(folder ? folder->server : "");
  ASSIGN_OR_RETURN(const PublishPlan plan, PlanPublish(client, folder, options));
  TellMissing(out, plan);
  v1::PublishRequest request = RequestOf(plan, options, session.Author(options.author));
  request.set_description(description);
  std::set<std::string> removed;
  for (const PlannedEdit& edit : plan.edits) {
    if (!edit.content) removed.insert(edit.path);
  }
  RETURN_IF_ERROR(AddRemovals(client, removed, &request));
  const absl::Status labelled = AddLabelMoves(session, client, plan, options.labels, &request);
  if (!labelled.ok()) return Explain(session, client, plan, request, labelled);
  if (options.diff && !out.json()) RETURN_IF_ERROR(PrintDiffs(out, plan));
  v1::PublishResponse response;
  if (request.edits_size() > 0 || request.label_moves_size() > 0) {
    const Progress progress(out, "publishing " + Count(request.edits_size(), "file", "files"));
    const auto published = client.Publish(request);
    if (!published.ok()) return Explain(session, client, plan, request, published.status());
    response = *published;
  }
  std::map<std::string, std::string> written;
  for (const PlannedEdit& edit : plan.edits) {
    if (edit.content) written[edit.path] = Sha256Hex(*edit.content);
  }
  PrintResponse(out, client, response, written, options.dry_run);
  if (plan.draft_base && *plan.draft_base < plan.base) {
    out.Note(
        fmt::format("draft {} began at change {}, and this folder stands on {}: its other "
                    "files are of then; drop it to begin anew",
                    options.branch, *plan.draft_base, plan.base));
  }
  if (!options.from.empty() && !options.dry_run) {
    RETURN_IF_ERROR(DropPromoted(out, client, plan, options.from));
  }
  if (!folder || options.dry_run || response.change().sequence() == 0) return absl::OkStatus();
  return MoveOn(session, client, *folder, response.change().sequence());
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
  ASSIGN_OR_RETURN(const std::string description,
                   DescriptionOf(options.description, options.dry_run));
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
  request.set_description(description);
  request.set_author(session.Author(options.author));
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
  PrintResponse(session.output(), client, response, {}, options.dry_run);
  return absl::OkStatus();
}

void AddArchive(CLI::App* app, Session* session) {
  auto options = std::make_shared<ArchiveOptions>();
  CLI::App* command = session->AddCommand(
      app, "archive", "Take a prompt and its labels out of service; its versions stay",
      [=] { return Archive(*session, *options); });
  command->add_option("PROMPT", options->prompt)->required();
  command->add_option("-m,--message", options->description, "Why")->type_name("TEXT");
  command->add_option("--author", options->author, "\"Ada <ada@example.com>\"")->type_name("NAME");
  command->add_flag("--dry-run", options->dry_run, "Say what would happen");
}

}  // namespace

void AddPublishCommands(CLI::App* app, Session* session) {
  auto options = std::make_shared<PublishOptions>();
  CLI::App* command =
      session->AddCommand(app, "publish", "Publish files, or folders of them, as one change",
                          [=] { return Publish(*session, *options); });
  command->add_option("PATH", options->paths,
                      "Files and folders; in a working folder all of it when none is named");
  command
      ->add_option("-r,--repository", options->repository,
                   "Repository to publish to, outside of a working folder")
      ->type_name("REPO");
  command->add_option("-m,--message", options->description, "What changes and why")
      ->type_name("TEXT");
  command
      ->add_option("--label", options->labels,
                   "Point this label of every prompt that changes, or whose file is named, at its "
                   "newest version")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command->add_option("--draft,--branch", options->branch, "Publish a draft to this branch")
      ->type_name("NAME");
  command
      ->add_option("--from", options->from,
                   "Publish what this draft changed instead of files, and drop it")
      ->type_name("heads/NAME");
  command->add_flag("--dry-run", options->dry_run, "Check everything and say what would happen");
  command->add_flag("--diff", options->diff, "Show what differs in the files that are sent");
  command->add_flag("--prune", options->prune,
                    "Delete what is published and not in the working folder any more");
  command->add_flag("--any-file", options->any_file,
                    "Files of other kinds too; what is published stays for ever");
  command
      ->add_option(
          "--base", options->base,
          "Refuse when one of the files was changed after this change; in a working folder "
          "the one it stands on")
      ->type_name("SEQ");
  command->add_option("--root", options->tree.root, "Folder that paths are relative to")
      ->type_name("DIR");
  command->add_option("--prefix", options->tree.prefix, "Folder of the repository to put them in")
      ->type_name("DIR");
  command
      ->add_option("--author", options->author,
                   "\"Ada <ada@example.com>\"; else who git says you are")
      ->type_name("NAME");
  AddArchive(app, session);
}

}  // namespace colophon
