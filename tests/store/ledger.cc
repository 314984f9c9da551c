#include "tests/store/ledger.h"

#include <algorithm>
#include <functional>
#include <random>
#include <utility>

#include "fmt/format.h"
#include "google/protobuf/util/message_differencer.h"
#include "service/base/ids.h"
#include "service/base/json.h"
#include "tests/store/conformance.h"

namespace colophon {
namespace {

constexpr int64_t kFirstMillisecond = 1'800'000'000'000;

// A UUIDv7 made of a number: the n-th is older than the next.
std::string MakeId(uint64_t seed, int number) {
  std::mt19937_64 random(seed * 1'000'003 + static_cast<uint64_t>(number));
  const uint64_t milliseconds = static_cast<uint64_t>(kFirstMillisecond + number);
  std::string bytes;
  for (int shift = 40; shift >= 0; shift -= 8) bytes += static_cast<char>(milliseconds >> shift);
  for (int i = 0; i < 10; ++i) bytes += static_cast<char>(random());
  bytes[6] = static_cast<char>(0x70 | (bytes[6] & 0x0f));
  bytes[8] = static_cast<char>(0x80 | (bytes[8] & 0x3f));
  return UuidFromBytes(bytes);
}

// A read of what is expected: notes an error, which tells, or a difference, which is
// wrong.
class Comparison {
 public:
  explicit Comparison(Findings* findings) : findings_(*findings) {}

  template <class Value>
  void Expect(const std::string& what, const absl::StatusOr<Value>& read,
              const std::function<bool(const Value&)>& is_right) {
    if (read.ok() && is_right(*read)) return;
    if (absl::IsDataLoss(read.status()) || absl::IsUnavailable(read.status())) {
      ++findings_.told;
    } else {
      findings_.wrong.push_back(
          fmt::format("{}: {}", what, read.ok() ? "is another" : MessageOf(read.status())));
    }
  }

 private:
  Findings& findings_;
};

template <class Message>
std::function<bool(const Message&)> Equals(const Message& expected) {
  return [&expected](const Message& read) {
    return google::protobuf::util::MessageDifferencer::Equals(read, expected);
  };
}

template <class Message>
std::function<bool(const std::vector<Message>&)> EqualsAll(std::vector<Message> expected) {
  return [expected = std::move(expected)](const std::vector<Message>& read) {
    return std::equal(read.begin(), read.end(), expected.begin(), expected.end(),
                      [](const Message& a, const Message& b) {
                        return google::protobuf::util::MessageDifferencer::Equals(a, b);
                      });
  };
}

bool Same(const PromptRow& a, const PromptRow& b) {
  return a.prompt == b.prompt && a.latest_version == b.latest_version && a.archived == b.archived &&
         a.digest == b.digest && a.update_time == b.update_time &&
         a.dependencies == b.dependencies && a.names == b.names;
}

}  // namespace

Ledger::Ledger(uint64_t seed, size_t payload_bytes) : seed_(seed), payload_bytes_(payload_bytes) {}

std::string Ledger::Text(int number, size_t bytes) const {
  std::mt19937_64 random(seed_ * 7919 + static_cast<uint64_t>(number));
  std::string text;
  while (text.size() < bytes) text += fmt::format("{:016x} ", random());
  text.resize(bytes);
  return text;
}

v1::Record Ledger::MakeRecord(int number) const {
  v1::Record record;
  record.set_id(MakeId(seed_, number));
  *record.mutable_intent() = MakeIntent("acme", "support/triage");
  record.mutable_intent()->set_subject(fmt::format("subject-{}", number));
  if (number % 3 == 0) {
    record.mutable_intent()->set_variables_json(
        WriteJson(json::object{{"long", Text(number, payload_bytes_)}}));
  }
  *record.mutable_outcome() = MakeOutcome(v1::RECORD_STATUS_OK, fmt::format("answer {}", number));
  record.mutable_outcome()->set_error_message(Text(-number, number % 2 == 0 ? 40 : payload_bytes_));
  return record;
}

Ledger::Step Ledger::MakeStep() {
  using Kind = Step::Kind;
  Step step;
  if (size_ == 0) return step;
  const int turn = size_ % 10;
  if (turn == 1 || turn == 2 || turn == 6) {
    step.kind = Kind::kChange;
    if (turn == 1) {
      step.transaction = history_.Publish(
          {{"support/triage", Text(size_, 200)}, {"support/reply", Text(-size_, payload_bytes_)}});
      step.transaction.request_id = fmt::format("request-{}", size_);
      step.transaction.request = {Text(size_, 32), Text(size_, 100)};
    } else if (turn == 2) {
      step.transaction = history_.MoveLabel("support/triage", "production", 1);
    } else {
      step.transaction = history_.Draft(fmt::format("draft-{}", size_), Text(size_, 300));
    }
    return step;
  }
  if (record_number_ >= 0) {
    step.kind = Kind::kOutcome;
    step.record = MakeRecord(record_number_);
    return step;
  }
  step.kind = turn == 9 ? Kind::kRecord : Kind::kIntent;
  step.record = MakeRecord(size_);
  if (step.kind == Kind::kIntent) step.record.clear_outcome();
  return step;
}

const Ledger::Step& Ledger::Next() {
  if (!next_) next_ = MakeStep();
  return *next_;
}

absl::Status Ledger::Write(Store* store) {
  const Step& step = Next();
  const absl::Status status = Await([&](Done done) {
    switch (step.kind) {
      case Step::Kind::kRepository:
        return store->CreateRepository("acme", History::TimeOf(0), std::move(done));
      case Step::Kind::kChange:
        return store->Commit(step.transaction, std::move(done));
      case Step::Kind::kIntent:
        return store->AppendIntent(step.record.id(), step.record.intent(), std::move(done));
      case Step::Kind::kOutcome:
        return store->AppendOutcome(step.record.id(), step.record.outcome(), std::move(done));
      case Step::Kind::kRecord:
        return store->AppendRecord(step.record, "", std::move(done));
    }
  });
  if (status.ok()) Acknowledge();
  return status;
}

void Ledger::Acknowledge() {
  Next();
  const Step step = *std::exchange(next_, std::nullopt);
  switch (step.kind) {
    case Step::Kind::kRepository:
      has_repository_ = true;
      break;
    case Step::Kind::kChange:
      for (const Object& object : step.transaction.objects) objects_[object.id] = object;
      for (const RefMove& move : step.transaction.refs) refs_[move.name] = *move.target;
      for (const v1::Version& version : step.transaction.versions) versions_.push_back(version);
      for (const PromptRow& row : step.transaction.prompts) prompts_[row.prompt] = row;
      for (const v1::Label& label : step.transaction.labels) labels_[label.name()] = label;
      if (step.transaction.change) changes_.push_back(*step.transaction.change);
      if (!step.transaction.request_id.empty()) {
        requests_[step.transaction.request_id] = step.transaction.request;
      }
      break;
    case Step::Kind::kIntent:
      // Some stay open.
      if (size_ % 20 != 5) record_number_ = size_;
      records_[step.record.id()] = step.record;
      break;
    case Step::Kind::kOutcome:
    case Step::Kind::kRecord:
      record_number_ = -1;
      records_[step.record.id()] = step.record;
      break;
  }
  ++size_;
}

Findings Ledger::Compare(Store* store) const {
  Findings findings = CompareExactly(store);
  if (findings.wrong.empty()) return findings;
  Ledger with_next = *this;
  with_next.Acknowledge();
  Findings also = with_next.CompareExactly(store);
  return also.wrong.empty() ? also : findings;
}

Findings Ledger::CompareExactly(Store* store) const {
  Findings findings;
  Comparison compare(&findings);
  compare.Expect<std::vector<v1::Repository>>(
      "the repositories", store->ListRepositories(), [&](const auto& read) {
        if (!has_repository_) return read.empty();
        return read.size() == 1 && read[0].name() == "acme" &&
               read[0].sequence() == static_cast<int64_t>(changes_.size());
      });
  if (!has_repository_) return findings;

  for (const v1::Change& change : changes_) {
    compare.Expect(fmt::format("change {}", change.sequence()),
                   store->GetChange("acme", change.sequence()), Equals(change));
    compare.Expect<int64_t>(fmt::format("the change of commit {}", change.commit()),
                            store->FindSequence("acme", *ObjectId::FromHex(change.commit())),
                            [&](int64_t read) { return read == change.sequence(); });
  }
  compare.Expect("the changes", store->ListChanges("acme", 1, 1, 100'000), EqualsAll(changes_));
  std::map<std::string, std::vector<v1::Version>> by_prompt;
  for (const v1::Version& version : versions_) {
    compare.Expect(fmt::format("version {}", version.name()),
                   store->GetVersion("acme", version.prompt(), version.version()), Equals(version));
    by_prompt[version.prompt()].insert(by_prompt[version.prompt()].begin(), version);
  }
  for (const auto& [prompt, versions] : by_prompt) {
    compare.Expect(fmt::format("the versions of {}", prompt),
                   store->ListVersions("acme", prompt, 0, 100'000), EqualsAll(versions));
  }
  std::vector<v1::Label> labels;
  for (const auto& [name, label] : labels_) labels.push_back(label);
  compare.Expect("the labels", store->ListLabels("acme", "", INT64_MAX), EqualsAll(labels));
  compare.Expect<std::vector<PromptRow>>(
      "the prompts", store->ListPrompts("acme"), [&](const auto& read) {
        return read.size() == prompts_.size() &&
               std::all_of(read.begin(), read.end(), [&](const PromptRow& row) {
                 const auto found = prompts_.find(row.prompt);
                 return found != prompts_.end() && Same(found->second, row);
               });
      });
  for (const auto& [id, request] : requests_) {
    compare.Expect<std::optional<RequestRow>>(
        fmt::format("request {}", id), store->GetRequest("acme", id), [&](const auto& read) {
          return read && read->request_digest == request.request_digest &&
                 read->response == request.response;
        });
  }
  for (const auto& [id, object] : objects_) {
    compare.Expect<Object>(
        fmt::format("object {}", id.hex()), store->GetObject("acme", id),
        [&](const Object& read) { return read.type == object.type && read.data == object.data; });
  }
  compare.Expect<std::vector<Ref>>("the refs", store->ListRefs("acme", ""), [&](const auto& read) {
    return read.size() == refs_.size() && std::all_of(read.begin(), read.end(), [&](const Ref& r) {
             const auto found = refs_.find(r.name);
             return found != refs_.end() && found->second == r.target;
           });
  });

  std::vector<v1::Record> newest_first;
  std::vector<std::string> open;
  for (const auto& [id, record] : records_) {
    compare.Expect(fmt::format("record {}", id), store->GetRecord(id), Equals(record));
    newest_first.insert(newest_first.begin(), record);
    if (!record.has_outcome()) open.push_back(id);
  }
  const auto list = [&](RecordQuery query) {
    query.repository = "acme";
    query.limit = 100'000;
    return store->ListRecords(query);
  };
  compare.Expect("the records", list({}), EqualsAll(newest_first));
  compare.Expect("the records of a prompt",
                 list({.by = RecordQuery::By::kPrompt, .prompt = "support/triage"}),
                 EqualsAll(newest_first));
  compare.Expect("the records of a caller", list({.by = RecordQuery::By::kCaller, .caller = "web"}),
                 EqualsAll(newest_first));
  for (const v1::Record& record : newest_first) {
    if (!record.has_outcome()) continue;
    compare.Expect(
        fmt::format("the record found by the output of {}", record.id()),
        list({.by = RecordQuery::By::kOutput, .output_digest = record.outcome().output_digest()}),
        EqualsAll(std::vector<v1::Record>{record}));
  }
  compare.Expect<std::vector<std::string>>("the open records", store->ListOpenRecords(),
                                           [&](const auto& read) { return read == open; });
  return findings;
}

}  // namespace colophon
