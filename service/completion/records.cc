#include "service/completion/records.h"

#include <memory>

#include "fmt/format.h"
#include "service/base/field_check.h"
#include "service/base/hash.h"
#include "service/base/reference.h"
#include "service/completion/inputs.h"
#include "service/completion/output_check.h"
#include "service/completion/prepared_call.h"
#include "service/completion/record_access.h"
#include "service/completion/record_export.h"
#include "service/completion/request_check.h"
#include "service/completion/traceparent.h"
#include "service/record/record_ids.h"
#include "service/record/score_check.h"
#include "service/store/scores.h"
#include "service/store/store_errors.h"

namespace colophon {
namespace {

std::string VersionNameOf(const v1::Intent& intent) {
  if (intent.version() > 0) {
    return VersionName(intent.repository(), intent.prompt(), intent.version());
  }
  return fmt::format("{}/{}@{}", intent.repository(), intent.prompt(), intent.commit());
}

// A commit means a version, or a draft: either has an index of its own, where a
// commit alone would be looked for in every record of the prompt.
absl::Status FilterByCommit(Registry* registry, std::string_view hex, const Call& call,
                            RecordFilter* filter) {
  ASSIGN_OR_RETURN(const CommitVersion found,
                   registry->FindCommitVersion(filter->repository, filter->prompt, hex, call));
  filter->version = found.version;
  if (found.version == 0) filter->commit = found.commit.hex();
  return absl::OkStatus();
}

// Those that it has, newest first, as far as one page tells them. None when it was dropped.
absl::Status AddCommitsOfDraft(Registry* registry, const Call& call, RecordFilter* filter) {
  constexpr int kMostCommits = 1'000;
  v1::ListChangesRequest request;
  request.set_name(filter->repository);
  request.set_branch(filter->branch);
  request.set_page_size(kMostCommits);
  const auto changes = registry->ListChanges(request, call);
  if (absl::IsNotFound(changes.status())) return absl::OkStatus();
  RETURN_IF_ERROR(changes.status());
  for (const v1::Change& change : changes->changes()) filter->commits.insert(change.commit());
  return absl::OkStatus();
}

// "acme", or a reference whose selector says which of the prompt's records.
template <class Request>
absl::StatusOr<RecordFilter> FilterOf(Registry* registry, const Request& request, absl::Time now,
                                      const Call& call) {
  RecordFilter filter;
  if (request.name().find('/') == std::string::npos) {
    RETURN_IF_ERROR(CheckRepositoryName(request.name()));
    filter.repository = request.name();
  } else {
    ASSIGN_OR_RETURN(const Reference reference, Reference::Parse(request.name()));
    filter.repository = reference.repository;
    filter.prompt = reference.prompt;
    if (reference.has_selector) {
      if (auto* version = std::get_if<VersionSelector>(&reference.selector)) {
        filter.version = version->version;
      } else if (auto* label = std::get_if<LabelSelector>(&reference.selector)) {
        filter.label = label->label;
      } else if (std::holds_alternative<LatestSelector>(reference.selector)) {
        filter.label = "latest";
      } else if (auto* commit = std::get_if<CommitSelector>(&reference.selector)) {
        RETURN_IF_ERROR(FilterByCommit(registry, commit->hex, call, &filter));
      } else if (auto* branch = std::get_if<BranchSelector>(&reference.selector)) {
        filter.version = 0;
        filter.branch = branch->branch;
        RETURN_IF_ERROR(AddCommitsOfDraft(registry, call, &filter));
      }
    }
  }
  ASSIGN_OR_RETURN(filter.expression, Filter::Parse(request.filter(), now));
  filter.expression_text = request.filter();
  return filter;
}

// That a text or a digest is given: one of the two.
absl::Status CheckOutputAsked(const v1::FindRecordsRequest& request) {
  const std::string& digest = request.output_digest();
  if (request.text().empty() == digest.empty()) {
    return InvalidArgument(
        "WHICH_OUTPUT",
        digest.empty()
            ? "neither text nor output_digest is given: give the output, or at least eight "
              "words of it, or the SHA-256 of the whole"
            : "both text and output_digest are given: give one of them");
  }
  if (digest.empty()) return absl::OkStatus();
  if (digest.size() == 2 * sizeof(Sha256Digest) && HexDecode(digest)) return absl::OkStatus();
  return InvalidArgument("BAD_DIGEST",
                         fmt::format("output_digest {} is none: give the SHA-256 of the whole "
                                     "output as 64 lower-case hex digits",
                                     Quoted(digest)));
}

// REQUIRES: CheckRecord.
v1::Outcome OutcomeOf(const v1::CreateRecordRequest& request) {
  v1::Outcome outcome;
  outcome.set_status(request.status() == v1::RECORD_STATUS_UNSPECIFIED ? v1::RECORD_STATUS_OK
                                                                       : request.status());
  *outcome.mutable_completion() = request.completion();
  if (request.completion().has_message()) {
    outcome.mutable_completion()->mutable_message()->set_role(v1::ROLE_MODEL);
  }
  outcome.set_output_digest(OutputDigest(request.completion()));
  outcome.set_model(request.model());
  if (outcome.status() != v1::RECORD_STATUS_OK) outcome.set_error_reason("EXTERNAL");
  outcome.set_error_message(request.error_message());
  if (request.has_latency()) *outcome.mutable_latency() = request.latency();
  return outcome;
}

// The reference that is rendered again: the version that the app rendered, which it
// found by `name`, or what `name` means now.
absl::StatusOr<std::string> RenderedName(const v1::CreateRecordRequest& request) {
  if (request.version().empty()) {
    if (request.label().empty()) return request.name();
    return BadField("BAD_LABEL", "label", Quoted(request.label()),
                    "it says how `version` was found: give both as Render answered them");
  }
  ASSIGN_OR_RETURN(const Reference name, Reference::Parse(request.name()));
  ASSIGN_OR_RETURN(const Reference version, Reference::Parse(request.version()));
  const bool is_version =
      version.has_selector && (std::holds_alternative<VersionSelector>(version.selector) ||
                               std::holds_alternative<CommitSelector>(version.selector));
  if (!is_version || name.repository != version.repository || name.prompt != version.prompt) {
    return BadField(
        "BAD_VERSION", "version", Quoted(request.version()),
        fmt::format("give the version of {}/{} as Render answered it, such as {}", name.repository,
                    name.prompt, VersionName(name.repository, name.prompt, 12)));
  }
  const std::string label = fmt::format("{}/{}@{}", name.repository, name.prompt, request.label());
  if (!request.label().empty() && request.label() != "latest" && !LabelName::Parse(label).ok()) {
    return BadField("BAD_LABEL", "label", Quoted(request.label()),
                    "give the label as Render answered it");
  }
  return request.version();
}

}  // namespace

Records::Records(RecordStore* store, Registry* registry, Providers* providers, Recorder* recorder,
                 Clock* clock)
    : store_(store),
      queries_(store),
      text_search_(store),
      registry_(registry),
      providers_(providers),
      recorder_(recorder),
      clock_(clock) {}

// Puts what the provider sent into the attempt that is asked for.
absl::Status Records::AddRawAnswer(int32_t asked, v1::GetRecordResponse* response) const {
  const std::string& id = response->record().id();
  v1::Outcome& outcome = *response->mutable_record()->mutable_outcome();
  const int count = outcome.attempts_size();
  if (asked < 0 || asked > count) {
    return BadField("BAD_ATTEMPT", "raw_attempt", fmt::format("{}", asked),
                    fmt::format("record {} has {} of them", id, count));
  }
  int number = asked;
  if (number == 0) {
    number = count;
    while (number > 1 && !outcome.attempts(number - 1).has_raw_answer()) --number;
  }
  if (number == 0 || !outcome.attempts(number - 1).has_raw_answer()) {
    return NotFound(
        "RAW_ANSWER_NOT_KEPT",
        fmt::format("record {} has not kept what the provider sent{}: by default it is kept of "
                    "attempts that failed; keep_raw: KEEP_RAW_ALWAYS in the provider's "
                    "configuration keeps it of all that are made from then on",
                    id, asked == 0 ? "" : fmt::format(" in attempt {}", asked)));
  }
  v1::RawAnswer& raw = *outcome.mutable_attempts(number - 1)->mutable_raw_answer();
  ASSIGN_OR_RETURN(*raw.mutable_data(),
                   store_->GetRawAnswer(response->record().intent().repository(), raw.sha256()));
  response->set_raw_attempt(number);
  return absl::OkStatus();
}

absl::StatusOr<v1::Record> Records::FindRecord(const std::string& given, const Call& call) {
  // What a beginning finds, or that it finds several, is for who reads records.
  if (!UuidToBytes(given) && !CheckSomeRight(call, Right::kAudit, "").ok()) {
    return RecordNotFound(given);
  }
  ASSIGN_OR_RETURN(const std::string id, FindRecordId(store_, given));
  return store_->GetRecord(id);
}

absl::StatusOr<v1::GetRecordResponse> Records::GetRecord(const v1::GetRecordRequest& request,
                                                         const Call& context) {
  v1::GetRecordResponse response;
  ASSIGN_OR_RETURN(*response.mutable_record(), FindRecord(request.id(), context));
  const v1::Intent& intent = response.record().intent();
  // That there is one is not for everybody.
  if (!MaySee(intent, context)) return RecordNotFound(request.id());
  if (request.raw()) RETURN_IF_ERROR(AddRawAnswer(request.raw_attempt(), &response));
  response.set_version(VersionNameOf(intent));
  ASSIGN_OR_RETURN(*response.mutable_published(),
                   registry_->DescribeVersion(intent.repository(), intent.prompt(),
                                              intent.version(), intent.commit(), context));
  if (!request.rendered() && !request.request()) return response;

  Spans* const spans = request.spans() ? response.mutable_spans() : nullptr;
  ASSIGN_OR_RETURN(PreparedCall call, PrepareAgain(registry_, intent, context, spans));
  if (call.version().digest() != intent.digest() ||
      call.rendered_digest != intent.rendered_digest()) {
    return DataLoss("RECORD_UNREPRODUCIBLE",
                    fmt::format("record {}: {} rendered again has digest {}, the record says {}",
                                response.record().id(), response.version(), call.rendered_digest,
                                intent.rendered_digest()));
  }
  response.set_rendered_verified(true);
  absl::StatusOr<std::string> body = RequestBody(intent, call.rendered);
  if (request.request() && !body.ok()) return body.status();
  response.set_request_verified(body.ok());
  if (request.request()) response.set_request_body(*std::move(body));
  if (request.rendered()) *response.mutable_rendered() = std::move(call.rendered);
  return response;
}

absl::StatusOr<std::string> Records::RequestBody(const v1::Intent& intent,
                                                 const v1::Rendered& rendered) const {
  const auto refuse = [](const std::string& why) {
    return FailedPrecondition("REQUEST_UNREPRODUCIBLE",
                              fmt::format("the request can't be built again: {}", why));
  };
  if (intent.request_digest().empty()) {
    return refuse("the app called the model itself, so it was never here");
  }
  const auto model = providers_->Find(intent.model());
  if (!model.ok()) return refuse(MessageOf(model.status()));
  ASSIGN_OR_RETURN(std::string body,
                   model->provider->Encode(rendered, model->model, intent.stream()));
  if (const std::string digest = Sha256Hex(body); digest != intent.request_digest()) {
    return refuse(fmt::format(
        "built for {} as it is configured now it has digest {}, the one that was sent had {}",
        intent.model(), digest, intent.request_digest()));
  }
  return body;
}

absl::StatusOr<v1::ListRecordsResponse> Records::ListRecords(const v1::ListRecordsRequest& request,
                                                             const Call& call) {
  ASSIGN_OR_RETURN(const RecordFilter filter, FilterOf(registry_, request, clock_->Now(), call));
  RETURN_IF_ERROR(CheckNames(filter, call));
  ASSIGN_OR_RETURN(RecordPage page,
                   queries_.List(filter, request.page_size(), request.page_token()));
  v1::ListRecordsResponse response;
  for (v1::Record& record : page.records) *response.add_records() = std::move(record);
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::SummarizeRecordsResponse> Records::SummarizeRecords(
    const v1::SummarizeRecordsRequest& request, const Call& call) {
  ASSIGN_OR_RETURN(const RecordFilter filter, FilterOf(registry_, request, clock_->Now(), call));
  RETURN_IF_ERROR(CheckNames(filter, call));
  ASSIGN_OR_RETURN(Summaries summaries, Summaries::By(request.group_by(), !filter.prompt.empty()));
  v1::SummarizeRecordsResponse response;
  ASSIGN_OR_RETURN(
      *response.mutable_next_page_token(),
      queries_.Summarize(filter, request.group_by(), request.page_token(), &summaries));
  summaries.Take(response.mutable_summaries());
  return response;
}

// One that was dropped may have records.
absl::Status Records::CheckDraft(const RecordFilter& filter, const Call& call) {
  if (!filter.commits.empty()) return absl::OkStatus();
  v1::ListChangesRequest request;
  request.set_name(filter.repository);
  request.set_branch(filter.branch);
  const absl::Status missing = registry_->ListChanges(request, call).status();
  if (!absl::IsNotFound(missing)) return missing;
  ASSIGN_OR_RETURN(const RecordPage called, queries_.List(filter, 1, ""));
  const bool is_none = called.records.empty() && called.next_page_token.empty();
  return is_none ? missing : absl::OkStatus();
}

absl::Status Records::CheckNames(const RecordFilter& filter, const Call& call) {
  RETURN_IF_ERROR(registry_->Sequence(filter.repository).status());
  if (!filter.branch.empty()) return CheckDraft(filter, call);
  const FilterBounds& bounds = filter.expression.bounds();
  RecordQuery query;
  query.repository = filter.repository;
  query.prompt = filter.prompt.empty() ? bounds.prompt.value_or("") : filter.prompt;
  if (query.prompt.empty()) return absl::OkStatus();
  const uint32_t version = (filter.version ? filter.version : bounds.version).value_or(0);
  query.label = filter.label.empty() ? bounds.label.value_or("") : filter.label;
  const absl::Status missing =
      registry_->CheckExists(query.repository, query.prompt, version, query.label);
  if (!absl::IsNotFound(missing) || ReasonOf(missing) == "VERSION_NOT_FOUND") return missing;
  query.by = query.label.empty() ? RecordQuery::By::kPrompt : RecordQuery::By::kLabel;
  query.limit = 1;
  ASSIGN_OR_RETURN(const std::vector<v1::Record> called, store_->ListRecords(query));
  return called.empty() ? missing : absl::OkStatus();
}

absl::StatusOr<v1::FindRecordsResponse> Records::FindRecords(const v1::FindRecordsRequest& request,
                                                             const Call&) {
  if (!request.repository().empty()) {
    RETURN_IF_ERROR(registry_->Sequence(request.repository()).status());
  }
  RETURN_IF_ERROR(CheckOutputAsked(request));
  return request.text().empty() ? FindByDigest(request) : FindByText(request);
}

absl::StatusOr<v1::FindRecordsResponse> Records::FindByDigest(
    const v1::FindRecordsRequest& request) {
  ASSIGN_OR_RETURN(RecordPage page, queries_.Find(request.output_digest(), request.repository(),
                                                  request.page_size(), request.page_token()));
  v1::FindRecordsResponse response;
  for (v1::Record& record : page.records) *response.add_records() = std::move(record);
  response.set_next_page_token(page.next_page_token);
  if (!response.records().empty()) response.set_output_match(v1::OUTPUT_MATCH_EXACT);
  return response;
}

absl::StatusOr<v1::FindRecordsResponse> Records::FindByText(const v1::FindRecordsRequest& request) {
  TextQuery query{.text = request.text(),
                  .repositories = {request.repository()},
                  .page_size = request.page_size(),
                  .page_token = request.page_token()};
  if (request.repository().empty()) query.repositories = registry_->RepositoryNames();
  ASSIGN_OR_RETURN(TextPage page, text_search_.Find(query));
  v1::FindRecordsResponse response;
  for (v1::Record& record : page.records) *response.add_records() = std::move(record);
  for (v1::TextSpan& span : page.spans) *response.add_spans() = std::move(span);
  response.set_next_page_token(page.next_page_token);
  if (!response.records().empty() || !page.next_page_token.empty()) {
    response.set_output_match(page.match);
  }
  return response;
}

void Records::CreateRecord(v1::CreateRecordRequest* request, const Call& context,
                           Reply<v1::CreateRecordResponse> reply) {
  auto record = MakeRecord(request, context);
  if (!record.ok()) return reply(record.status());
  recorder_->CreateRecord(*std::move(record), request->request_id(),
                          [reply = std::move(reply)](absl::StatusOr<v1::Record> recorded) {
                            if (!recorded.ok()) return reply(recorded.status());
                            v1::CreateRecordResponse response;
                            *response.mutable_record() = *std::move(recorded);
                            reply(std::move(response));
                          });
}

absl::StatusOr<v1::Record> Records::MakeRecord(v1::CreateRecordRequest* request,
                                               const Call& context) {
  const absl::Time now = clock_->Now();
  RETURN_IF_ERROR(CheckRecord(*request, now));
  ASSIGN_OR_RETURN(const std::string name, RenderedName(*request));
  v1::Record record;
  v1::Intent& intent = *record.mutable_intent();
  RETURN_IF_ERROR(TakeInputs(request, &intent));
  RETURN_IF_ERROR(CheckInputs(intent));
  ASSIGN_OR_RETURN(Resolution resolution,
                   registry_->Resolve(name, ResolveOptionsOf(intent), context));
  render::Limits limits;
  limits.stop = context.stop;
  ASSIGN_OR_RETURN(const PreparedCall call, PrepareCall(std::move(resolution), intent, limits));
  const std::string& digest = request->rendered_digest();
  if (!digest.empty() && digest != call.rendered_digest) {
    return FailedPrecondition(
        "RENDERED_MISMATCH",
        fmt::format("{} renders to digest {}, not {}: give the version that Render answered, with "
                    "the same variables, history, context and overrides",
                    call.version().name(), call.rendered_digest, digest));
  }
  v1::Outcome& outcome = *record.mutable_outcome();
  outcome = OutcomeOf(*request);
  CheckOutput(call.output_schema.get(), &outcome);

  CompleteIntent(call, &intent);
  if (!request->version().empty()) intent.set_label(request->label());
  intent.set_external(true);
  intent.set_caller(context.caller);
  intent.set_traceparent(CheckTraceparent(context.traceparent));
  // The record of a call that has ended lies in the past, whatever the app's clock says.
  const absl::Time start =
      request->has_start_time() ? std::min(FromProto(request->start_time()), now) : now;
  *intent.mutable_start_time() = ToProto(start);
  *outcome.mutable_end_time() =
      ToProto(request->has_latency() ? std::min(start + FromProto(request->latency()), now) : now);
  return record;
}

void Records::ScoreRecord(const v1::ScoreRecordRequest& request, const Call& call,
                          Reply<v1::ScoreRecordResponse> reply) {
  absl::StatusOr<v1::Record> record = FindScored(request, call);
  if (!record.ok()) return reply(record.status());
  std::vector<v1::Score> scores(request.scores().begin(), request.scores().end());
  const google::protobuf::Timestamp now = ToProto(clock_->Now());
  for (v1::Score& score : scores) {
    score.set_caller(call.caller);
    *score.mutable_score_time() = now;
  }
  v1::ScoreRecordResponse response;
  response.mutable_scores()->Swap(record->mutable_scores());
  const absl::StatusOr<int> added = AddScores(scores, response.mutable_scores());
  if (!added.ok()) return reply(added.status());
  if (*added == 0) return reply(std::move(response));
  store_->AppendScores(record->intent().repository(), record->id(), scores,
                       [response = std::move(response),
                        reply = std::move(reply)](const absl::Status& status) mutable {
                         if (!status.ok()) return reply(status);
                         reply(std::move(response));
                       });
}

// Apps pass on what their users say, and those who read outputs say something themselves.
absl::StatusOr<v1::Record> Records::FindScored(const v1::ScoreRecordRequest& request,
                                               const Call& call) {
  RETURN_IF_ERROR(CheckScores(request));
  ASSIGN_OR_RETURN(v1::Record record, FindRecord(request.id(), call));
  const bool may_call = CheckRight(call, Right::kCall, ScopeOf(record.intent())).ok();
  if (!may_call && !MaySee(record.intent(), call)) return RecordNotFound(request.id());
  return record;
}

absl::StatusOr<v1::ExportRecordsResponse> Records::ExportRecords(
    const v1::ExportRecordsRequest& request, const Call& call) {
  ASSIGN_OR_RETURN(const ExportPlace place, ReadExportPlace(request, clock_->Now()));
  ASSIGN_OR_RETURN(const RecordFilter filter, FilterOf(registry_, request, place.begin, call));
  if (place.before_id.empty()) RETURN_IF_ERROR(CheckNames(filter, call));
  return ExportFrom(place, filter, request, &queries_, registry_, call);
}

}  // namespace colophon
