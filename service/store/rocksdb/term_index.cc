#include "service/store/rocksdb/term_index.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "fmt/format.h"
#include "service/base/ids.h"
#include "service/store/rocksdb/leaves.h"
#include "service/store/rocksdb/record_reads.h"
#include "service/store/rocksdb/repository_names.h"
#include "service/store/rocksdb/rows.h"
#include "service/store/write_check.h"

namespace colophon {
namespace {

// How long a question waits for what is indexed meanwhile.
constexpr std::chrono::seconds kPatience{10};
constexpr int kLeavesAtOnce = 1'024;
constexpr size_t kRecordsAtOnce = 1'024;

struct FoundId {
  RecordId id;
  size_t count = 0;
};

// Why segments are to be dropped; empty when they aren't.
std::string FaultOf(const absl::StatusOr<SegmentList>& list, uint32_t terms_version) {
  if (absl::IsDataLoss(list.status())) return MessageOf(list.status());
  if (!list.ok()) return "";
  for (const Segment& segment : list->segments) {
    if (segment.terms_version == terms_version) continue;
    return fmt::format("segment {} has terms of version {}, not {}", segment.number,
                       segment.terms_version, terms_version);
  }
  return "";
}

// Puts what is found in several places in order. Places overlap in time, as calls do.
//
// Thread-compatible.
class NewestFirst {
 public:
  NewestFirst(const std::string& before, size_t limit) : before_(before), limit_(limit) {}

  bool IsAsked(const RecordId& id) const { return before_.empty() || id.view() < before_; }
  void Add(FoundId found) {
    if (IsAsked(found.id)) found_.push_back(found);
  }
  // No place that is left has an id greater than `greatest`. True when there is enough.
  bool HasEnoughAbove(const RecordId& greatest) const {
    const auto above = std::count_if(found_.begin(), found_.end(),
                                     [&](const FoundId& found) { return found.id > greatest; });
    return static_cast<size_t>(above) >= limit_;
  }
  std::vector<TermMatch> Take() {
    std::sort(found_.begin(), found_.end(),
              [](const FoundId& a, const FoundId& b) { return a.id > b.id; });
    if (found_.size() > limit_) found_.resize(limit_);
    std::vector<TermMatch> matches;
    for (const FoundId& found : found_) {
      matches.push_back({.id = UuidFromBytes(found.id.view()), .count = found.count});
    }
    return matches;
  }

 private:
  const std::string before_;
  const size_t limit_;
  std::vector<FoundId> found_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TermIndex>> TermIndex::Open(const Database* database,
                                                           const RocksdbStoreOptions& options) {
  absl::StatusOr<SegmentList> list = ReadSegments(*database);
  if (const std::string fault = FaultOf(list, options.terms.version); !fault.empty()) {
    if (options.log) {
      options.log(StoreLogLevel::kWarning, "segments_dropped",
                  fmt::format("what records are found by is built again: {}", fault));
    }
    RETURN_IF_ERROR(DropSegments(*database));
    list = SegmentList();
  }
  RETURN_IF_ERROR(list.status());
  std::vector<Rest> rests;
  ASSIGN_OR_RETURN(const std::vector<std::string> repositories, ReadRepositoryNames(*database));
  for (const std::string& repository : repositories) {
    const auto position = list->positions.find(repository);
    const int64_t begin = position == list->positions.end() ? 0 : position->second;
    ASSIGN_OR_RETURN(const int64_t end, ReadLogSize(*database, repository));
    if (begin < end) rests.push_back({repository, begin, end});
  }
  return std::unique_ptr<TermIndex>(
      new TermIndex(database, options, *std::move(list), std::move(rests)));
}

TermIndex::TermIndex(const Database* database, const RocksdbStoreOptions& options, SegmentList list,
                     std::vector<Rest> rests)
    : database_(*database),
      terms_(options.terms),
      segment_records_(std::clamp<size_t>(options.segment_records, 1, kMaxSegmentRecords)),
      log_(options.log),
      rests_(std::move(rests)),
      positions_(std::move(list.positions)),
      next_number_(list.next_number),
      segments_(std::move(list.segments)) {}

TermIndex::~TermIndex() = default;

void TermIndex::Start(WriteRows write) {
  write_ = std::move(write);
  thread_ = std::thread([this] { Run(); });
}

void TermIndex::Stop() {
  {
    std::lock_guard lock(mu_);
    stopping_ = true;
  }
  wake_.notify_all();
  indexed_.notify_all();
  thread_.join();
}

void TermIndex::Add(const std::vector<ClosedRecord>& closed) {
  if (closed.empty()) return;
  {
    std::lock_guard lock(mu_);
    for (const ClosedRecord& record : closed) {
      // The committer's names go with it, which is before this does.
      const auto [name, is_new] = names_.insert(*record.repository);
      waiting_.push_back({record.id, &*name, record.log_end});
    }
    added_count_ += std::ssize(closed);
  }
  wake_.notify_one();
}

bool TermIndex::stopping() {
  std::lock_guard lock(mu_);
  return stopping_;
}

void TermIndex::Run() {
  IndexRests();
  std::vector<ClosedRecord> closed;
  while (TakeWaiting(&closed)) {
    for (const ClosedRecord& record : closed) {
      Index(record.id.view(), *record.repository, record.log_end);
    }
    {
      std::lock_guard lock(mu_);
      indexed_count_ += std::ssize(closed);
    }
    indexed_.notify_all();
  }
}

bool TermIndex::TakeWaiting(std::vector<ClosedRecord>* closed) {
  closed->clear();
  std::unique_lock lock(mu_);
  wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
  if (stopping_) return false;
  const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kRecordsAtOnce));
  closed->assign(waiting_.begin(), waiting_.begin() + count);
  waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  return true;
}

void TermIndex::IndexRests() {
  for (const Rest& rest : rests_) {
    IndexRest(rest);
    if (stopping()) return;
  }
  {
    std::lock_guard lock(mu_);
    has_rests_ = false;
  }
  indexed_.notify_all();
}

void TermIndex::IndexRest(const Rest& rest) {
  for (int64_t index = rest.begin; index < rest.end && !stopping();) {
    const int count = static_cast<int>(std::min<int64_t>(kLeavesAtOnce, rest.end - index));
    const auto leaves = ReadLeaves(database_, rest.repository, index, count);
    if (!leaves.ok() || leaves->empty()) {
      Tell(StoreLogLevel::kError, "log_unreadable",
           fmt::format("records of \"{}\" can't be found by their text: {}", rest.repository,
                       leaves.ok() ? "its log has a hole" : MessageOf(leaves.status())));
      return;
    }
    for (const LogLeaf& leaf : *leaves) {
      ++index;
      if (leaf.kind != LeafKind::kOutcome) continue;
      Index(*UuidToBytes(leaf.record_id), rest.repository, index);
    }
  }
}

void TermIndex::Index(std::string_view id, std::string_view repository, int64_t log_end) {
  const auto outcome = ReadOutcome(database_, id, nullptr);
  std::vector<Term> terms;
  if (outcome.ok() && *outcome) {
    terms = terms_.of(repository, **outcome);
  } else {
    Tell(StoreLogLevel::kError, "record_unreadable",
         fmt::format("record \"{}\" can't be found by its text: {}", UuidFromBytes(id),
                     outcome.ok() ? "it isn't there" : MessageOf(outcome.status())));
  }
  {
    std::lock_guard lock(mu_);
    newest_.Add(RecordId(id), terms);
  }
  positions_.insert_or_assign(std::string(repository), log_end);
  if (newest_.ids().size() >= segment_records_) Seal();
}

void TermIndex::Seal() {
  const uint32_t number = next_number_++;
  const absl::Status status = WriteSegment(number, newest_, terms_.version, positions_, write_);
  if (!status.ok()) Tell(StoreLogLevel::kError, "segment_failed", MessageOf(status));
  Segment segment{.number = number,
                  .record_count = static_cast<int32_t>(newest_.ids().size()),
                  .least_id = newest_.least_id(),
                  .greatest_id = newest_.greatest_id()};
  std::lock_guard lock(mu_);
  failure_.Update(status);
  segments_.push_back(segment);
  newest_ = MemorySegment();
}

void TermIndex::Tell(StoreLogLevel level, std::string_view event,
                     const std::string& message) const {
  if (log_) log_(level, event, message);
}

absl::Status TermIndex::AwaitIndexed(std::unique_lock<std::mutex>* lock) {
  const int64_t wanted = added_count_;
  const bool done = indexed_.wait_for(
      *lock, kPatience, [&] { return stopping_ || (!has_rests_ && indexed_count_ >= wanted); });
  if (done && !stopping_) return absl::OkStatus();
  return Unavailable("INDEX_BUILDING",
                     "what records are found by is still being built since the server began: try "
                     "again in a minute");
}

absl::StatusOr<std::vector<TermMatch>> TermIndex::Find(const TermQuery& query) {
  std::string before;
  if (!query.before_id.empty()) {
    ASSIGN_OR_RETURN(before, CheckRecordId(query.before_id));
  }
  NewestFirst found(before, static_cast<size_t>(std::max(query.limit, 0)));
  std::vector<uint32_t> short_terms;
  for (const Term term : query.terms) short_terms.push_back(ShortTerm(term));

  std::vector<Segment> segments;
  {
    std::unique_lock lock(mu_);
    RETURN_IF_ERROR(AwaitIndexed(&lock));
    RETURN_IF_ERROR(failure_);
    for (const RowMatch& match : newest_.Find(short_terms, query.least)) {
      found.Add({newest_.ids()[match.row], match.count});
    }
    segments = segments_;
  }
  // What is the greatest id of a segment and all older ones.
  std::vector<RecordId> greatest(segments.size());
  for (size_t i = 0; i < segments.size(); ++i) {
    greatest[i] =
        i == 0 ? segments[i].greatest_id : std::max(greatest[i - 1], segments[i].greatest_id);
  }
  PostingsReader postings(&database_, short_terms);
  for (size_t i = segments.size(); i-- > 0 && !found.HasEnoughAbove(greatest[i]);) {
    if (!found.IsAsked(segments[i].least_id)) continue;
    ASSIGN_OR_RETURN(const std::vector<RowMatch> rows, postings.Find(segments[i], query.least));
    ASSIGN_OR_RETURN(const std::vector<RecordId> ids, ReadIds(database_, segments[i], rows));
    for (size_t row = 0; row < rows.size(); ++row) found.Add({ids[row], rows[row].count});
  }
  return found.Take();
}

}  // namespace colophon
