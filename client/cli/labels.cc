// label

#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/change_text.h"
#include "client/cli/commands.h"
#include "client/cli/file_reference.h"
#include "client/cli/label_targets.h"
#include "client/cli/moment.h"
#include "client/cli/pages.h"
#include "client/cli/split_label.h"
#include "client/cli/table.h"
#include "client/cli/text.h"
#include "fmt/format.h"
#include "service/base/reference.h"

namespace colophon {
namespace {

struct LabelOptions {
  std::string name;
  std::vector<std::string> targets;
  bool remove = false;
  bool back = false;
  std::string at;  // A change's number or a time.
  std::vector<std::string> expected;
  std::string description;
  std::string author;
  bool dry_run = false;
};

// "none" expects that there is no such label.
absl::StatusOr<v1::LabelTargets> ParseExpected(const std::vector<std::string>& texts) {
  if (texts.size() == 1 && texts[0] == "none") return v1::LabelTargets();
  return ParseTargets(texts);
}

void PrintMove(const Output& out, const std::string& name, const v1::Change& change, bool dry_run) {
  for (const v1::LabelMove& move : change.label_moves()) {
    out.Line(fmt::format("{}{} {}", dry_run ? "would move " : "",
                         out.Safe(name.substr(0, name.find('@'))),
                         out.Styled(Style::kBold, out.Safe(DescribeMove(move)))));
  }
  if (dry_run) return;
  out.Line(out.Styled(Style::kDim, fmt::format("change {}, commit {}", change.sequence(),
                                               ShortCommit(change.commit()))));
}

absl::Status Update(const Session& session, const LabelOptions& options) {
  ASSIGN_OR_RETURN(const LabelName name, LabelName::Parse(options.name));
  const std::string prompt = name.repository + "/" + name.prompt;
  const Client client = session.NewClient();
  v1::UpdateLabelRequest request;
  request.set_name(options.name);
  request.set_description(options.description);
  request.set_author(session.Author(options.author));
  request.set_validate_only(options.dry_run);
  if (options.back) {
    // Compared and swapped: back from what was seen, not from what came meanwhile.
    ASSIGN_OR_RETURN(*request.mutable_expected(), TargetsOf(client, options.name, 0));
    ASSIGN_OR_RETURN(*request.mutable_targets(), FindPrevious(client, prompt, name.label));
    if (options.description.empty()) {
      request.set_description(
          fmt::format("{} back to {}", name.label, FormatTargets(request.targets())));
    }
  } else {
    ASSIGN_OR_RETURN(*request.mutable_targets(), FindTargets(client, prompt, options.targets));
  }
  if (!options.expected.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_expected(), ParseExpected(options.expected));
  }
  ASSIGN_OR_RETURN(const auto response, client.UpdateLabel(request));
  const Output& out = session.output();
  if (out.json()) {
    out.Json(response);
  } else if (response.has_change()) {
    PrintMove(out, options.name, response.change(), options.dry_run);
  } else {
    out.Line(fmt::format("{} is {} already", out.Safe(options.name),
                         FormatTargets(response.label().targets())));
  }
  return absl::OkStatus();
}

// A change that isn't made: DeleteLabel has no such thing, a change of label moves has.
absl::Status WouldDelete(const Session& session, const LabelOptions& options) {
  ASSIGN_OR_RETURN(const LabelName name, LabelName::Parse(options.name));
  const Client client = session.NewClient();
  if (!options.expected.empty()) {
    ASSIGN_OR_RETURN(const v1::LabelTargets expected, ParseExpected(options.expected));
    ASSIGN_OR_RETURN(const v1::LabelTargets now, TargetsOf(client, options.name, 0));
    if (FormatTargets(now) != FormatTargets(expected)) {
      return Aborted("LABEL_MOVED", fmt::format("{} is {}, not {}", options.name,
                                                FormatTargets(now), FormatTargets(expected)));
    }
  }
  v1::PublishRequest request;
  request.set_repository(name.repository);
  request.set_description(options.description.empty() ? "remove label " + options.name
                                                      : options.description);
  request.set_author(session.Author(options.author));
  request.set_validate_only(true);
  v1::LabelMove* const move = request.add_label_moves();
  move->set_prompt(name.prompt);
  move->set_label(name.label);
  ASSIGN_OR_RETURN(const auto response, client.Publish(request));
  const Output& out = session.output();
  if (out.json()) {
    out.Json(response);
  } else {
    PrintMove(out, options.name, response.change(), true);
  }
  return absl::OkStatus();
}

absl::Status Delete(const Session& session, const LabelOptions& options) {
  if (!options.targets.empty()) {
    return InvalidArgument("BAD_USAGE", "--delete goes with no version");
  }
  if (options.dry_run) return WouldDelete(session, options);
  v1::DeleteLabelRequest request;
  request.set_name(options.name);
  request.set_description(options.description);
  request.set_author(session.Author(options.author));
  if (!options.expected.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_expected(), ParseExpected(options.expected));
  }
  ASSIGN_OR_RETURN(const auto response, session.NewClient().DeleteLabel(request));
  const Output& out = session.output();
  if (out.json()) {
    out.Json(response);
  } else {
    PrintMove(out, options.name, response.change(), false);
  }
  return absl::OkStatus();
}

// One label with "@", else all of a prompt or a repository.
absl::Status Show(const Session& session, const LabelOptions& options) {
  v1::ListLabelsRequest request;
  request.set_name(options.name.substr(0, options.name.find('@')));
  const Client client = session.NewClient();
  if (!options.at.empty()) {
    ASSIGN_OR_RETURN(const int64_t sequence, SequenceAt(client, request.name(), options.at));
    request.set_at_sequence(sequence);
  }
  ASSIGN_OR_RETURN(
      v1::ListLabelsResponse response,
      ReadPages(client, &Client::ListLabels, request, 0, &v1::ListLabelsResponse::mutable_labels));
  if (options.name.find('@') != std::string::npos) {
    v1::ListLabelsResponse one;
    for (const v1::Label& label : response.labels()) {
      if (label.name() == options.name) *one.add_labels() = label;
    }
    if (one.labels().empty()) {
      return NotFound("LABEL_NOT_FOUND", fmt::format("no label \"{}\"", options.name));
    }
    response = one;
  }
  const Output& out = session.output();
  if (out.json()) {
    out.Json(response);
    return absl::OkStatus();
  }
  Table table({"LABEL", "VERSION", "MOVED", "CHANGE", "AUTHOR"});
  table.SetStyle(0, Style::kBold);
  table.SetWhole(0);
  for (const v1::Label& label : response.labels()) {
    table.Add({label.name(), FormatTargets(label.targets()), out.ShortTime(label.update_time()),
               std::to_string(label.sequence()), label.author()});
  }
  table.Print(out);
  if (response.labels().empty()) out.Note("no labels of " + out.Safe(options.name));
  return absl::OkStatus();
}

absl::Status Label(const Session& session, const LabelOptions& options) {
  LabelOptions named = options;
  ASSIGN_OR_RETURN(named.name, ReferenceOf(options.name));
  if (options.back && (options.remove || !options.targets.empty())) {
    return InvalidArgument("BAD_USAGE", "--back goes with neither a version nor --delete");
  }
  if (!options.at.empty() && (options.back || options.remove || !options.targets.empty())) {
    return InvalidArgument("BAD_USAGE", "--at shows labels as they stood; it moves none");
  }
  if (options.remove) return Delete(session, named);
  if (options.targets.empty() && !options.back) return Show(session, named);
  return Update(session, named);
}

}  // namespace

void AddLabelCommands(CLI::App* app, Session* session) {
  auto options = std::make_shared<LabelOptions>();
  CLI::App* command =
      session->AddCommand(app, "label", "Point a label at a version, or show labels",
                          [=] { return Label(*session, *options); });
  command
      ->add_option("PROMPT@LABEL", options->name,
                   "acme/support/triage@production; with nothing after it, shown")
      ->required();
  command->add_option(
      "SELECTOR", options->targets,
      "v12, latest, another label, a commit; or v12=90 v13=10 to share the traffic");
  command->add_flag("--back", options->back, "To where it pointed before it was moved last");
  command->add_option("--at", options->at, "Show as it stood: a change's number or a time")
      ->type_name("WHEN");
  command->add_flag("--delete", options->remove, "Remove the label");
  command->add_option("--expect", options->expected, "Only if it points there now: v11, or none")
      ->type_name("VERSION")
      ->allow_extra_args(false);
  command->add_option("-m,--message", options->description, "Why")->type_name("TEXT");
  command->add_option("--author", options->author, "\"Ada <ada@example.com>\"; else the caller")
      ->type_name("NAME");
  command->add_flag("--dry-run", options->dry_run, "Say what would happen");
}

}  // namespace colophon
