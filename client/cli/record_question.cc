#include "client/cli/record_question.h"

#include <filesystem>

#include "client/cli/working_folder.h"
#include "fmt/format.h"
#include "service/base/clock.h"

namespace colophon {
namespace {

// The one repository there is, when none was named.
absl::StatusOr<std::string> OnlyRepository(const Client& client) {
  v1::ListRepositoriesRequest request;
  request.set_page_size(10);
  ASSIGN_OR_RETURN(const auto response, client.ListRepositories(request));
  if (response.repositories_size() == 1) return response.repositories(0).name();
  if (response.repositories().empty()) {
    return NotFound("NO_REPOSITORY", "there are no repositories yet, so no records");
  }
  std::string names;
  for (const v1::Repository& repository : response.repositories()) names += " " + repository.name();
  return InvalidArgument("WHICH_REPOSITORY",
                         fmt::format("name a repository or a prompt; there are{}{}", names,
                                     response.next_page_token().empty() ? "" : " and more"));
}

// "acme", or a prompt of it with or without a selector.
absl::StatusOr<std::string> NameOf(const Client& client, const RecordQuestion& question) {
  std::string repository = question.repository;
  if (repository.empty() && question.name.find('/') == std::string::npos)
    repository = question.name;
  std::string name = question.name;
  if (name.empty() && repository.empty()) {
    ASSIGN_OR_RETURN(const auto folder, FindWorkingFolder(std::filesystem::path(".")));
    if (folder) {
      name = folder->repository;
    } else {
      ASSIGN_OR_RETURN(name, OnlyRepository(client));
    }
  } else if (name.empty()) {
    name = repository;
  } else if (!question.repository.empty() && !name.starts_with(question.repository + "/")) {
    name = question.repository + "/" + name;
  }
  return name;
}

}  // namespace

absl::StatusOr<AskedRecords> ReadRecordQuestion(const Session& session, const Client& client,
                                                RecordQuestion question) {
  // No name has what every filter has.
  const bool is_filter = question.name.find_first_of("=<>: ") != std::string::npos;
  if (question.filter.filter.empty() && is_filter) question.filter.filter.swap(question.name);
  if (question.filter.caller.empty()) question.filter.caller = session.caller_argument();
  AskedRecords asked;
  ASSIGN_OR_RETURN(asked.name, NameOf(client, question));
  ASSIGN_OR_RETURN(asked.filter, RecordFilterText(question.filter, Clock::Real()->Now()));
  return asked;
}

void AddRecordQuestion(CLI::App* command, RecordQuestion* question) {
  RecordFilterOptions* const filter = &question->filter;
  command->add_option("NAME", question->name,
                      "acme, acme/support/triage, or that @v12, @production, @heads/shorter");
  command->add_option("FILTER", filter->filter,
                      "Only those it holds of: status = failed AND latency > 2s");
  command->footer(
      "A filter compares fields by = != < <= > >= and looks inside text by :, and is\n"
      "joined by AND, OR, NOT and parentheses. Fields: prompt version commit draft\n"
      "label caller subject tags.NAME status error_reason model provider time latency\n"
      "first_piece tokens input_tokens output_tokens pieces attempts output_valid\n"
      "external stream variables.PATH score.NAME output");
  command->add_option("-r,--repository", question->repository, "Only of this repository")
      ->type_name("REPO");
  command->add_option("--label", filter->label, "Only calls by this label")->type_name("NAME");
  command->add_option("--caller", filter->caller, "Only calls of this caller")->type_name("CALLER");
  command->add_option("--subject", filter->subject, "Only calls about this subject")
      ->type_name("SUBJECT");
  command->add_option("--tag", filter->tags, "Only calls with this tag; may be repeated")
      ->type_name("K[=V]")
      ->allow_extra_args(false);
  command->add_option("--model", filter->model, "Only calls of this model")->type_name("MODEL");
  command
      ->add_option("--status", filter->statuses,
                   "Any of ok failed cancelled timed-out cut unknown open; by commas")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("STATUS,...");
  command->add_flag("--failed", filter->failed, "Only those that ended and aren't ok");
  command->add_option("--since", filter->since, "Not before: 2h, 7d, 2026-11-23, RFC 3339")
      ->type_name("TIME");
  command->add_option("--until", filter->until, "Before")->type_name("TIME");
}

}  // namespace colophon
