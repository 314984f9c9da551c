// Records: every intent has an outcome, every answer its record.

#include <algorithm>

#include "fmt/format.h"
#include "service/base/hash.h"
#include "service/base/json.h"
#include "service/base/status.h"
#include "tests/crash/checker.h"
#include "tests/crash/load.h"

namespace colophon {
namespace {

constexpr int kPage = 500;
constexpr size_t kRecordsReadAgain = 20;
constexpr size_t kTextsFound = 5;

std::string OperationOf(const v1::Record& record) {
  const auto found = record.intent().tags().find("operation");
  return found == record.intent().tags().end() ? "" : found->second;
}

std::string TextOf(const v1::Record& record) {
  std::string text;
  for (const v1::Part& part : record.outcome().completion().message().parts()) text += part.text();
  return text;
}

}  // namespace

std::vector<v1::Record> Checker::ListRecords(const Client& client, absl::Time since) {
  std::vector<v1::Record> records;
  v1::ListRecordsRequest request;
  request.set_name(kRepository);
  request.set_page_size(kPage);
  request.set_filter("time >= " + absl::FormatTime(absl::RFC3339_full, since, absl::UTCTimeZone()));
  bool more = true;
  while (more) {
    const absl::StatusOr<v1::ListRecordsResponse> page = client.ListRecords(request);
    if (!Succeeded("ListRecords", page.status())) break;
    records.insert(records.end(), page->records().begin(), page->records().end());
    more = !page->next_page_token().empty();
    request.set_page_token(page->next_page_token());
  }
  return records;
}

void Checker::CheckRecords(const Client& client, const History& history, absl::Time since,
                           End end) {
  std::vector<v1::Record> records = ListRecords(client, since);
  // The listing begins at a whole second, so the round before is in it too: what
  // it was told of was checked then.
  std::erase_if(records, [&](const v1::Record& record) {
    return !history.calls().contains(OperationOf(record));
  });
  for (const v1::Record& record : records) CheckRecord(history, record, end);
  for (const auto& [operation, call] : history.calls()) {
    const auto found = record_of_.find(operation);
    Expect(call.record.empty() || (found != record_of_.end() && found->second == call.record),
           [&, &operation = operation, &call = call] {
             return fmt::format("lost: record {} of {}", call.record, operation);
           });
  }
  std::shuffle(records.begin(), records.end(), random_);
  for (size_t i = 0; i < records.size() && i < kRecordsReadAgain; ++i) {
    CheckAgain(client, records[i]);
    if (i < kTextsFound) CheckFound(client, records[i]);
  }
}

void Checker::CheckRecord(const History& history, const v1::Record& record, End end) {
  const std::string operation = OperationOf(record);
  const CallFact& call = history.calls().at(operation);
  Expect(record_of_.emplace(operation, record.id()).second,
         [&] { return fmt::format("twice: {} has a second record {}", operation, record.id()); });
  const v1::RecordStatus status = record.outcome().status();
  const bool may_be_unknown = end == End::kKilled && !call.external;
  Expect(status == v1::RECORD_STATUS_OK ||
             (status == v1::RECORD_STATUS_UNKNOWN && may_be_unknown) ||
             (status == v1::RECORD_STATUS_CANCELLED && history.IsOfKilledClient(operation)),
         [&] {
           return fmt::format("record {} of {} has status {}", record.id(), operation,
                              v1::RecordStatus_Name(status));
         });
  if (status == v1::RECORD_STATUS_UNKNOWN) ++unknown_count_;
  Expect(record.intent().variables_json() == WriteJson(json::object{{"text", call.text}}), [&] {
    return fmt::format("record {} has other variables than {}", record.id(), operation);
  });
  Expect(status != v1::RECORD_STATUS_OK ||
             Sha256Hex(TextOf(record)) == record.outcome().output_digest(),
         [&] { return fmt::format("the output of record {} has another digest", record.id()); });
  if (call.acknowledged) CheckAcknowledged(operation, call, record);
}

void Checker::CheckAcknowledged(const std::string& operation, const CallFact& call,
                                const v1::Record& record) {
  const v1::Outcome& outcome = record.outcome();
  Expect(record.id() == call.record && outcome.status() == v1::RECORD_STATUS_OK &&
             outcome.completion().SerializeAsString() == call.completion &&
             record.intent().external() == call.external,
         [&] {
           return fmt::format("record {} is not what {} was told: {}", record.id(), operation,
                              outcome.ShortDebugString());
         });
  const std::string version = fmt::format("{}/{}@v{}", record.intent().repository(),
                                          record.intent().prompt(), record.intent().version());
  Expect(call.version.empty() || version == call.version, [&] {
    return fmt::format("{} was told {}, its record says {}", operation, call.version, version);
  });
}

// What was sent can be made again, byte for byte.
void Checker::CheckAgain(const Client& client, const v1::Record& record) {
  v1::GetRecordRequest request;
  request.set_id(record.id());
  request.set_rendered(true);
  const absl::StatusOr<v1::GetRecordResponse> found = client.GetRecord(request);
  if (!Succeeded("GetRecord " + record.id(), found.status())) return;
  Expect(found->rendered_verified(),
         [&] { return fmt::format("record {} can't be rendered again", record.id()); });
}

void Checker::CheckFound(const Client& client, const v1::Record& record) {
  const std::string text = TextOf(record);
  if (record.outcome().status() != v1::RECORD_STATUS_OK || text.empty()) return;
  v1::FindRecordsRequest request;
  request.set_text(text);
  const absl::StatusOr<v1::FindRecordsResponse> found = client.FindRecords(request);
  if (!Succeeded("FindRecords", found.status())) return;
  Expect(found->records_size() == 1 && found->records(0).id() == record.id(), [&] {
    return fmt::format("the text of record {} finds {} records", record.id(),
                       found->records_size());
  });
}

}  // namespace colophon
