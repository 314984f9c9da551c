// list, uses, show, versions

#include <algorithm>
#include <memory>
#include <optional>

#include "client/cli/arguments.h"
#include "client/cli/commands.h"
#include "client/cli/file_reference.h"
#include "client/cli/moment.h"
#include "client/cli/pages.h"
#include "client/cli/repository_file.h"
#include "client/cli/split_label.h"
#include "client/cli/table.h"
#include "client/cli/text.h"
#include "fmt/format.h"
#include "service/base/clock.h"

namespace colophon {
namespace {

std::string SelectorOf(const std::string& name) { return name.substr(name.find('@') + 1); }

bool PointsTo(const v1::Label& label, uint32_t version) {
  return std::any_of(label.targets().targets().begin(), label.targets().targets().end(),
                     [&](const v1::LabelTarget& target) { return target.version() == version; });
}

// "production (90), beta"
template <class Labels>
std::string LabelsAt(const Labels& labels, uint32_t version) {
  std::string text;
  for (const v1::Label& label : labels) {
    if (!PointsTo(label, version)) continue;
    text += (text.empty() ? "" : ", ") + SelectorOf(label.name());
    if (label.targets().targets_size() > 1) text += " (shared)";
  }
  return text;
}

absl::StatusOr<v1::ListLabelsResponse> LabelsOf(const Client& client, const std::string& prompt) {
  v1::ListLabelsRequest request;
  request.set_name(prompt);
  return ReadPages(client, &Client::ListLabels, request, 0,
                   &v1::ListLabelsResponse::mutable_labels);
}

struct ListOptions {
  std::string name;
  bool all = false;
  int limit = 0;
  std::string uses;  // Only prompts that use this file.
};

absl::Status ListRepositories(const Session& session, const ListOptions& options) {
  const Output& out = session.output();
  ASSIGN_OR_RETURN(
      const auto response,
      ReadPages(session.NewClient(), &Client::ListRepositories, v1::ListRepositoriesRequest(),
                options.limit, &v1::ListRepositoriesResponse::mutable_repositories));
  if (out.json()) {
    out.Json(response);
    return absl::OkStatus();
  }
  Table table({"REPOSITORY", "CHANGES", "COMMIT", "CREATED"});
  table.SetStyle(0, Style::kBold);
  for (const v1::Repository& repository : response.repositories()) {
    table.Add({repository.name(), std::to_string(repository.sequence()),
               ShortCommit(repository.commit()), out.ShortTime(repository.create_time())});
  }
  table.Print(out);
  if (response.repositories().empty()) {
    out.Note("no repositories yet; make one with `colophon init NAME`");
  }
  return absl::OkStatus();
}

absl::Status List(const Session& session, const ListOptions& options) {
  if (options.name.empty()) return ListRepositories(session, options);
  const Output& out = session.output();
  v1::ListPromptsRequest request;
  request.set_name(options.name);
  request.set_show_archived(options.all);
  request.set_uses(options.uses);
  ASSIGN_OR_RETURN(const auto response,
                   ReadPages(session.NewClient(), &Client::ListPrompts, request, options.limit,
                             &v1::ListPromptsResponse::mutable_prompts));
  if (out.json()) {
    out.Json(response);
    return absl::OkStatus();
  }
  Table table({"PROMPT", "LATEST", "UPDATED", "LABELS"});
  table.SetWhole(0);
  table.SetStyle(0, Style::kBold);
  for (const v1::Prompt& prompt : response.prompts()) {
    std::string labels = prompt.archived() ? "archived" : "";
    for (const v1::Label& label : prompt.labels()) {
      labels += fmt::format("{}{}: {}", labels.empty() ? "" : ", ", SelectorOf(label.name()),
                            FormatTargets(label.targets()));
    }
    table.Add({prompt.name(), fmt::format("v{}", prompt.latest_version()),
               out.ShortTime(prompt.update_time()), labels});
  }
  table.Print(out);
  if (response.prompts().empty()) {
    out.Note(fmt::format("no prompts in {}{}", options.name,
                         options.uses.empty() ? "" : " that use " + options.uses));
  }
  return absl::OkStatus();
}

// "acme/support/_tone", a partial without its ending, or any file with it.
absl::Status Uses(const Session& session, const std::string& file) {
  const size_t slash = file.find('/');
  ListOptions options;
  options.name = file.substr(0, slash);
  if (slash == file.npos) {
    return InvalidArgument("BAD_PATH", fmt::format("\"{}\" names no file: write {}/_PARTIAL or "
                                                   "{}/NAME.schema.json",
                                                   file, file, file));
  }
  options.uses = file.substr(slash + 1);
  if (const auto named = RepositoryFile::Of(file)) options.uses = named->path;
  // Nobody uses what isn't there: somebody would delete another file on that word.
  RETURN_IF_ERROR(
      GetRepositoryFile(session.NewClient(), {options.name, options.uses}, 0, false).status());
  return List(session, options);
}

struct ShowOptions {
  std::string reference;
  std::string subject;
  std::string at;
  bool raw = false;
};

void PrintFiles(const Output& out, const v1::Version& version) {
  for (const v1::File& file : version.files()) {
    out.Line();
    out.Line(out.Styled(Style::kCyan, out.Safe("==> " + file.path() + " <==")));
    out.Write(out.Safe(file.content()));
    if (!file.content().empty() && file.content().back() != '\n') out.Line();
  }
}

void PrintOwnFile(const Output& out, const v1::Version& version) {
  for (const v1::File& file : version.files()) {
    if (file.path() == version.prompt() + ".prompt") out.Write(out.Safe(file.content()));
  }
}

absl::Status SetMoment(const std::string& at, v1::GetVersionRequest* request) {
  if (at.empty()) return absl::OkStatus();
  if (at.find_first_not_of("0123456789") == std::string::npos && at.size() < 19) {
    request->set_at_sequence(std::stoll(at));
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const absl::Time time, ParseTime(at, Clock::Real()->Now()));
  *request->mutable_at_time() = ToProto(time);
  return absl::OkStatus();
}

void PrintVersion(const Output& out, const Client& client, const v1::Version& version) {
  out.Field("version", version.name());
  out.Field("commit", version.commit());
  out.Field("digest", version.digest());
  out.Field("author", version.author());
  out.Field("published", out.Time(version.publish_time()));
  if (version.sequence() > 0) out.Field("change", std::to_string(version.sequence()));
  if (version.version() > 0) {
    const auto labels = LabelsOf(client, version.repository() + "/" + version.prompt());
    if (labels.ok()) out.Field("labels", LabelsAt(labels->labels(), version.version()));
  }
  out.Field("description", FirstLine(version.description()));
  PrintFiles(out, version);
}

// A label that is split means several versions, and nobody said for whom: all of them.
absl::Status ShowTargets(const Session& session, const Client& client, const std::string& reference,
                         const v1::LabelTargets& targets, bool raw) {
  const Output& out = session.output();
  if (raw) {
    return InvalidArgument("SPLIT_LABEL",
                           fmt::format("{} is split, {}: name one of these versions, or say "
                                       "--subject",
                                       reference, FormatTargets(targets)));
  }
  if (!out.json()) out.Field(reference.substr(reference.find('@') + 1), FormatTargets(targets));
  for (const v1::LabelTarget& target : targets.targets()) {
    v1::GetVersionRequest request;
    request.set_name(
        fmt::format("{}@v{}", reference.substr(0, reference.find('@')), target.version()));
    ASSIGN_OR_RETURN(const auto response, client.GetVersion(request));
    if (out.json()) {
      out.Json(response);
      continue;
    }
    out.Line();
    PrintVersion(out, client, response.version());
  }
  return absl::OkStatus();
}

// A partial, a schema or a tool: its text, as it is or was.
absl::Status ShowFile(const Session& session, const RepositoryFile& named,
                      const ShowOptions& options) {
  const Output& out = session.output();
  const Client client = session.NewClient();
  int64_t sequence = 0;
  if (!options.at.empty()) {
    ASSIGN_OR_RETURN(sequence, SequenceAt(client, named.repository, options.at));
  }
  ASSIGN_OR_RETURN(const v1::File file, GetRepositoryFile(client, named, sequence, true));
  if (out.json()) {
    out.Json(file);
    return absl::OkStatus();
  }
  if (!options.raw) {
    out.Field("file", file.path());
    out.Field("sha256", file.sha256());
    out.Line();
  }
  out.Write(out.Safe(file.content()));
  return absl::OkStatus();
}

absl::Status Show(const Session& session, const ShowOptions& options) {
  if (const auto file = RepositoryFile::Of(options.reference)) {
    return ShowFile(session, *file, options);
  }
  const Output& out = session.output();
  const Client client = session.NewClient();
  v1::GetVersionRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), ReferenceOf(options.reference));
  request.set_subject(options.subject);
  RETURN_IF_ERROR(SetMoment(options.at, &request));
  ASSIGN_OR_RETURN(const auto response, client.GetVersion(request));
  if (options.subject.empty() && !response.label().empty()) {
    ASSIGN_OR_RETURN(const v1::LabelTargets targets,
                     TargetsOf(client, request.name(), response.sequence()));
    if (targets.targets_size() > 1) {
      return ShowTargets(session, client, request.name(), targets, options.raw);
    }
  }
  if (out.json()) {
    out.Json(response);
  } else if (options.raw) {
    PrintOwnFile(out, response.version());
  } else {
    PrintVersion(out, client, response.version());
  }
  return absl::OkStatus();
}

absl::Status ListVersions(const Session& session, const ListOptions& options) {
  const Output& out = session.output();
  const Client client = session.NewClient();
  v1::ListVersionsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), ReferenceOf(options.name));
  ASSIGN_OR_RETURN(const auto response,
                   ReadPages(client, &Client::ListVersions, request, options.limit,
                             &v1::ListVersionsResponse::mutable_versions));
  if (out.json()) {
    out.Json(response);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const auto labels, LabelsOf(client, request.name()));
  Table table({"VERSION", "PUBLISHED", "COMMIT", "AUTHOR", "LABELS", "DESCRIPTION"});
  table.SetStyle(0, Style::kBold);
  table.SetStyle(4, Style::kGreen);
  for (const v1::Version& version : response.versions()) {
    table.Add({fmt::format("v{}", version.version()), out.ShortTime(version.publish_time()),
               ShortCommit(version.commit()), version.author(),
               LabelsAt(labels.labels(), version.version()), version.description()});
  }
  table.Print(out);
  return absl::OkStatus();
}

void AddShow(CLI::App* app, Session* session) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* command = session->AddCommand(app, "show", "Show the version a reference means",
                                          [=] { return Show(*session, *options); });
  command
      ->add_option("REF", options->reference,
                   "REPOSITORY/PROMPT[@SELECTOR], or a partial, a schema or a tool: "
                   "acme/support/_tone")
      ->required();
  command->add_option("--subject", options->subject, "Who it is for, for a weighted label")
      ->type_name("ID");
  command->add_option("--at", options->at, "As it was then: a change's number or a time")
      ->type_name("WHEN");
  command->add_flag("--raw", options->raw,
                    "The prompt's own file, or the one that is named, and nothing else");
}

}  // namespace

void AddVersionCommands(CLI::App* app, Session* session) {
  auto list = std::make_shared<ListOptions>();
  CLI::App* command = session->AddCommand(app, "list", "List repositories, or prompts of one",
                                          [=] { return List(*session, *list); });
  command->add_option("REPO[/PREFIX]", list->name,
                      "acme, or a folder of it: acme/support; all repositories when not given");
  command->add_flag("-a,--all", list->all, "Archived prompts too");
  command->add_option("-n,--limit", list->limit, "At most so many")->check(CLI::NonNegativeNumber);

  auto file = std::make_shared<std::string>();
  command = session->AddCommand(app, "uses", "List the prompts that use a partial, schema or tool",
                                [=] { return Uses(*session, *file); });
  command
      ->add_option("REPO/FILE", *file,
                   "A partial, schema or tool: acme/support/_tone, acme/support/ticket.schema.json")
      ->required();

  AddShow(app, session);

  auto versions = std::make_shared<ListOptions>();
  command = session->AddCommand(app, "versions", "List the versions of a prompt, newest first",
                                [=] { return ListVersions(*session, *versions); });
  command->add_option("PROMPT", versions->name)->required();
  command->add_option("-n,--limit", versions->limit, "At most so many")
      ->check(CLI::NonNegativeNumber);
}

}  // namespace colophon
