#include "service/store/rocksdb/segments.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "fmt/format.h"
#include "rocksdb/write_batch.h"
#include "service/store/rocksdb/keys.h"
#include "service/store/rocksdb/rows.h"
#include "service/store/rocksdb/scan.h"

namespace colophon {
namespace {

constexpr size_t kRowsOfBatch = 256;

std::string NameOf(uint32_t segment) { return fmt::format("segment {}", segment); }

// Hands rows on in batches.
//
// Thread-compatible.
class RowBatches {
 public:
  explicit RowBatches(const WriteRows* write) : write_(*write) {}

  template <class Content>
  absl::Status Put(std::string key, const Content& content) {
    rows_.emplace_back(Family::kSegments, std::move(key), content);
    return rows_.size() < kRowsOfBatch ? absl::OkStatus() : Write();
  }
  absl::Status Write() { return write_(std::exchange(rows_, {})); }

 private:
  const WriteRows& write_;
  std::vector<SealedRow> rows_;
};

store::v1::SegmentRow MakeRow(const MemorySegment& records, uint32_t terms_version,
                              const LogPositions& positions) {
  store::v1::SegmentRow row;
  row.set_record_count(static_cast<int32_t>(records.ids().size()));
  row.set_least_id(std::string(records.least_id().view()));
  row.set_greatest_id(std::string(records.greatest_id().view()));
  row.set_terms_version(terms_version);
  for (const auto& [repository, end] : positions) {
    store::v1::LogPosition* const position = row.add_positions();
    position->set_repository(repository);
    position->set_end(end);
  }
  return row;
}

absl::Status PutIds(const std::vector<RecordId>& ids, uint32_t number, RowBatches* batches) {
  std::string chunk;
  for (size_t row = 0; row < ids.size(); ++row) {
    chunk += ids[row].view();
    if ((row + 1) % kIdsOfRow != 0 && row + 1 != ids.size()) continue;
    const auto index = static_cast<uint16_t>(row / kIdsOfRow);
    RETURN_IF_ERROR(batches->Put(SegmentIdsKey(number, index), std::string_view(chunk)));
    chunk.clear();
  }
  return absl::OkStatus();
}

// Adds up the hashes of what it puts.
absl::StatusOr<uint64_t> PutPostings(const MemorySegment& records, uint32_t number,
                                     RowBatches* batches) {
  uint64_t hash = 0;
  std::vector<uint32_t> postings;
  const auto terms = records.SortedTerms();
  for (size_t i = 0; i < terms.size(); ++i) {
    const auto& [term, rows] = terms[i];
    for (const uint16_t row : *rows) {
      postings.push_back(MakePosting(term, row));
      hash += HashOfPosting(term, row);
    }
    const uint16_t bucket = BucketOf(term);
    if (i + 1 < terms.size() && BucketOf(terms[i + 1].first) == bucket) continue;
    RETURN_IF_ERROR(
        batches->Put(PostingsKey(bucket, number), std::string_view(EncodePostings(postings))));
    postings.clear();
  }
  return hash;
}

}  // namespace

uint64_t HashOfPosting(uint32_t short_term, uint16_t row) {
  // The last steps of splitmix64.
  uint64_t hash = (uint64_t{short_term} << 16 | row) + 0x9e3779b97f4a7c15;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
  return hash ^ (hash >> 31);
}

absl::StatusOr<SegmentList> ReadSegments(const Database& database,
                                         const rocksdb::Snapshot* snapshot) {
  SegmentList list;
  Scan scan(database, Family::kSegments, "g", {.snapshot = snapshot});
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
    std::string_view rest = scan.key().substr(1);
    const std::optional<uint32_t> number = TakeU32(&rest);
    if (!number) return DamagedRow("a segment");
    const std::string name = NameOf(*number);
    ASSIGN_OR_RETURN(const std::string_view content, Unseal(scan.key(), scan.value(), name));
    ASSIGN_OR_RETURN(const auto row, ParseContent<store::v1::SegmentRow>(content, name));
    list.next_number = *number + 1;
    if (!row.whole()) continue;
    if (row.least_id().size() != kRecordIdBytes || row.greatest_id().size() != kRecordIdBytes) {
      return DamagedRow(name);
    }
    list.segments.push_back({.number = *number,
                             .record_count = row.record_count(),
                             .least_id = RecordId(row.least_id()),
                             .greatest_id = RecordId(row.greatest_id()),
                             .terms_version = row.terms_version(),
                             .posting_hash = row.posting_hash()});
    list.positions.clear();
    for (const store::v1::LogPosition& position : row.positions()) {
      list.positions[position.repository()] = position.end();
    }
  }
  RETURN_IF_ERROR(scan.status());
  return list;
}

absl::Status WriteSegment(uint32_t number, const MemorySegment& records, uint32_t terms_version,
                          const LogPositions& positions, const WriteRows& write) {
  RowBatches batches(&write);
  store::v1::SegmentRow row = MakeRow(records, terms_version, positions);
  RETURN_IF_ERROR(batches.Put(SegmentKey(number), row));
  RETURN_IF_ERROR(PutIds(records.ids(), number, &batches));
  ASSIGN_OR_RETURN(const uint64_t hash, PutPostings(records, number, &batches));
  RETURN_IF_ERROR(batches.Write());
  row.set_posting_hash(hash);
  row.set_whole(true);
  RETURN_IF_ERROR(batches.Put(SegmentKey(number), row));
  return batches.Write();
}

absl::StatusOr<std::vector<RecordId>> ReadIds(const Database& database, const Segment& segment,
                                              const std::vector<RowMatch>& matches,
                                              const rocksdb::Snapshot* snapshot) {
  const std::string name = NameOf(segment.number);
  std::vector<RecordId> ids;
  std::optional<uint16_t> chunk;  // That `content` is of.
  std::optional<std::string> content;
  for (const RowMatch& match : matches) {
    const auto wanted = static_cast<uint16_t>(match.row / kIdsOfRow);
    if (chunk != wanted) {
      ASSIGN_OR_RETURN(content,
                       database.GetSealed(Family::kSegments, SegmentIdsKey(segment.number, wanted),
                                          name, snapshot));
      chunk = wanted;
    }
    const size_t begin = match.row % kIdsOfRow * kRecordIdBytes;
    if (!content || content->size() < begin + kRecordIdBytes) return DamagedRow(name);
    ids.emplace_back(std::string_view(*content).substr(begin, kRecordIdBytes));
  }
  return ids;
}

absl::Status DropSegments(const Database& database) {
  rocksdb::WriteOptions options;
  options.sync = true;
  rocksdb::WriteBatch batch;
  const std::string end = AfterPrefix("x");
  batch.DeleteRange(database.handle(Family::kSegments), ToSlice(""), ToSlice(end));
  return database.ReadStatus(database.db()->Write(options, &batch));
}

struct PostingsReader::Cursor {
  Cursor(const Database* database, uint32_t term)
      : short_term(term),
        bucket(BucketOf(term)),
        scan(std::make_unique<Scan>(*database, Family::kSegments, PostingsPrefix(bucket))) {
    scan->SeekToFirst();
  }

  uint32_t short_term;
  uint16_t bucket;
  std::unique_ptr<Scan> scan;  // At the postings of the newest segment not asked for yet.
};

PostingsReader::PostingsReader(const Database* database, const std::vector<uint32_t>& short_terms) {
  for (const uint32_t term : short_terms) cursors_.emplace_back(database, term);
}

PostingsReader::~PostingsReader() = default;

absl::StatusOr<std::vector<RowMatch>> PostingsReader::Find(const Segment& segment, size_t least) {
  const std::string name = NameOf(segment.number);
  std::vector<std::vector<uint16_t>> lists;
  for (size_t i = 0; i < cursors_.size(); ++i) {
    if (lists.size() + cursors_.size() - i < least) return std::vector<RowMatch>();
    Cursor& cursor = cursors_[i];
    Scan& scan = *cursor.scan;
    // Others may be there, of segments that aren't whole.
    std::optional<uint32_t> number;
    for (; scan.Valid(); scan.Next()) {
      number = SegmentOfPostingsKey(cursor.bucket, scan.key());
      if (!number) return DamagedRow(name);
      if (*number <= segment.number) break;
    }
    RETURN_IF_ERROR(scan.status());
    if (!scan.Valid() || *number != segment.number) continue;
    ASSIGN_OR_RETURN(const std::string_view content, Unseal(scan.key(), scan.value(), name));
    std::optional<std::vector<uint16_t>> rows = RowsOfTerm(content, cursor.short_term);
    if (!rows) return DamagedRow(name);
    if (!rows->empty()) lists.push_back(*std::move(rows));
  }
  return CountRows(lists, least);
}

}  // namespace colophon
