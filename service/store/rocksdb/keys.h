#pragma once

// Every key of the store. NOTE: the persistent format; tests/store/keys_test
// holds its bytes.
//
//   text     a name: byte 00 written 01 01, byte 01 written 01 02, then 00.
//            Sorts as the name does, and none is the beginning of another.
//   u8 u32 u64   big-endian
//   ~u64     u64 with all bits turned, so that the newest comes first
//   id       16 bytes of a record's UUID
//   repo     = text
//
//   family     key                                     value
//   default    'F'                                     u32: the format
//   default    'R' repo                                v1.Repository: name, create_time
//   default    'N' repo                                counts row (rows.h): what was written
//   default    'L' u64:microseconds                    what was lost when, and accepted
//   default    'K' text:key                            store.v1.KeyRow: who may come in
//   registry   'c' repo u64:sequence                   v1.Change, its first page
//   registry   'd' repo u64:sequence u32:page          v1.Change, page 2 and on
//   registry   'm' repo commit[20]                     u64: the change it made
//   registry   'f' repo text:ref                       object id[20]
//   registry   'p' repo text:prompt                    prompt row (rows.h)
//   registry   'v' repo text:prompt u32:version        v1.Version
//   registry   's' repo text:prompt u64:sequence       u32: version published by the change
//   registry   'l' repo text:prompt text:label ~u64:sequence
//                                                      v1.Label: since the change
//   registry   'q' repo text:request_id                request row (rows.h)
//   registry   't' repo u64:sequence                   - : the clock stepped back
//                                                      before the change
//   registry   'x' repo text:request_id                id of the record it made
//   objects    repo object_id[20]                      u8:type data
//   records    id 'i'                                  store.v1.IntentRow
//   records    id 'o'                                  v1.Outcome
//   records    id 's'                                  store.v1.ScoresRow
//   log        repo u64:end                            leaves row (leaves.h): the last ones
//                                                      of `end` leaves
//   segments   'g' u32:segment                         store.v1.SegmentRow
//   segments   'i' u32:segment u16:chunk               ids of its records (segment_rows.h)
//   segments   'x' u16:bucket ~u32:segment             postings of terms (segment_rows.h)
//   index      'r' repo id                             -
//   index      'p' repo text:prompt id                 -
//   index      'v' repo text:prompt u32:version id     -
//   index      'l' repo text:prompt text:label id      -
//   index      'c' repo text:caller id                 -
//   index      's' repo u8:status id                   - ; of an open record: instance[16],
//                                                      the opening of the store that has it
//   index      'o' output_digest[16] id repo           -
//   media      repo sha256[32] 'k'                     - (that the next one is there)
//   media      repo sha256[32] 'v'                     the value: of an intent, or what a
//                                                      provider sent
//   media      repo sha256[32] 'r' id                  - (that the record has the value)
//
// All values but objects', media's and the empty ones are sealed (rows.h); the
// keys of an object and of media have their hash.
//
// That a record is missing can't be seen from those that are there, so how many were
// written is kept ('N'): a row a batch and repository, not one more byte a record.
//
// A repository stands in keys by its name, not by a number: blocks store the
// prefix that neighbours share once, so a name costs next to nothing on disk;
// there is no table of numbers to allocate and to verify; and a caller can
// build its keys before the committer knows whether the repository is there.
//
// Records sort by time, because their ids do.

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "service/store/record_index.h"
#include "service/store/store.h"

namespace colophon {

// --- Parts.

void AppendText(std::string_view text, std::string* key);
void AppendU16(uint16_t number, std::string* key);
void AppendU32(uint32_t number, std::string* key);
void AppendU64(uint64_t number, std::string* key);
// Take a part off the front; nullopt when it isn't there.
std::optional<std::string> TakeText(std::string_view* key);
std::optional<uint16_t> TakeU16(std::string_view* key);
std::optional<uint32_t> TakeU32(std::string_view* key);
std::optional<uint64_t> TakeU64(std::string_view* key);
// The first key after all that begin with `prefix`.
std::string AfterPrefix(std::string_view prefix);

// --- default.

std::string FormatKey();
std::string RepositoryKey(std::string_view repository);
std::string RecordCountsKey(std::string_view repository);
std::string LossKey(absl::Time time);
std::string AccessKey(std::string_view key_id);

// --- registry.

enum class RegistryKind : char {
  kChange = 'c',
  kChangePage = 'd',
  kCommit = 'm',
  kRef = 'f',
  kPrompt = 'p',
  kVersion = 'v',
  kPublished = 's',
  kLabel = 'l',
  kRequest = 'q',
  kStepBack = 't',
  kRecordRequest = 'x',
};
// All of them: a row of another kind is told by Verify.
inline constexpr std::string_view kRegistryKinds = "cdmfpvslqtx";

// All rows of a kind in a repository.
std::string RegistryPrefix(RegistryKind kind, std::string_view repository);
// All rows of a kind of one prompt: kVersion, kPublished, kLabel.
std::string PromptPrefix(RegistryKind kind, std::string_view repository, std::string_view prompt);

std::string ChangeKey(std::string_view repository, int64_t sequence);
std::string StepBackKey(std::string_view repository, int64_t sequence);
std::string ChangePageKey(std::string_view repository, int64_t sequence, uint32_t page);
std::string CommitKey(std::string_view repository, const ObjectId& commit);
std::string RefKey(std::string_view repository, std::string_view ref);
std::string PromptKey(std::string_view repository, std::string_view prompt);
std::string VersionKey(std::string_view repository, std::string_view prompt, uint32_t version);
std::string PublishedKey(std::string_view repository, std::string_view prompt, int64_t sequence);
std::string LabelPrefix(std::string_view repository, std::string_view prompt,
                        std::string_view label);
std::string LabelKey(std::string_view repository, std::string_view prompt, std::string_view label,
                     int64_t sequence);
std::string RequestKey(std::string_view repository, std::string_view request_id);
std::string RecordRequestKey(std::string_view repository, std::string_view request_id);

// --- objects.

std::string ObjectPrefix(std::string_view repository);
std::string ObjectKey(std::string_view repository, const ObjectId& id);

// --- records. `id` is 16 bytes.

inline constexpr size_t kRecordIdBytes = 16;

// The 16 bytes of a record's id. The later a record, the greater.
struct RecordId {
  std::array<char, kRecordIdBytes> bytes{};

  RecordId() = default;
  // `from` has 16 bytes or more.
  explicit RecordId(std::string_view from) { std::memcpy(bytes.data(), from.data(), bytes.size()); }
  static RecordId Greatest() { return RecordId(std::string(kRecordIdBytes, '\xff')); }
  std::string_view view() const { return {bytes.data(), bytes.size()}; }

  friend bool operator==(const RecordId&, const RecordId&) = default;
  friend auto operator<=>(const RecordId& a, const RecordId& b) { return a.view() <=> b.view(); }
  template <class Hash>
  friend Hash AbslHashValue(Hash hash, const RecordId& id) {
    return Hash::combine_contiguous(std::move(hash), id.bytes.data(), id.bytes.size());
  }
};

std::string IntentKey(std::string_view id);
std::string OutcomeKey(std::string_view id);
std::string ScoresKey(std::string_view id);

// --- media. `sha256` is 32 bytes.

inline constexpr size_t kMediaDigestBytes = 32;

std::string MediaKey(std::string_view repository, std::string_view sha256);
// Beside it, so that nobody reads a value to know that it is there.
std::string KnownMediaKey(std::string_view repository, std::string_view sha256);
// Which records have it, so that it can go with the last of them.
std::string MediaReferenceKey(std::string_view repository, std::string_view sha256,
                              std::string_view id);

// --- segments.

std::string SegmentKey(uint32_t segment);
std::string SegmentIdsKey(uint32_t segment, uint16_t chunk);
// Of all segments, the newest first.
std::string PostingsPrefix(uint16_t bucket);
std::string PostingsKey(uint16_t bucket, uint32_t segment);
// nullopt when it is none of the bucket.
std::optional<uint32_t> SegmentOfPostingsKey(uint16_t bucket, std::string_view key);

// --- log.

std::string LogPrefix(std::string_view repository);
// Of the leaves up to the index `end`.
std::string LogKey(std::string_view repository, int64_t end);
// nullopt when it isn't one.
std::optional<int64_t> EndOfLogKey(std::string_view key);

// --- index.

// How much of an output's digest stands in its key.
inline constexpr size_t kOutputDigestBytes = 16;

// What stands before the id.
std::string IndexPrefix(const RecordIndex& index);
void AppendIndexKey(const RecordIndex& index, std::string_view id, std::string* key);
std::string IndexKey(const RecordIndex& index, std::string_view id);
// The 16 bytes of the id in an index key; nullopt when it isn't one.
std::optional<std::string_view> RecordIdOfIndexKey(std::string_view key);

}  // namespace colophon
