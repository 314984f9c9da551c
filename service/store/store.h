#pragma once

// Everything that must survive: an interface of whole transactions. Nothing
// above this folder knows which database is behind it.

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "colophon/v1/admin.pb.h"
#include "colophon/v1/record.pb.h"
#include "colophon/v1/registry.pb.h"
#include "service/base/status.h"

namespace colophon {

// A git object id: 20 bytes of SHA-1.
class ObjectId {
 public:
  ObjectId() = default;  // All zero: no object.
  explicit ObjectId(const std::array<uint8_t, 20>& bytes) : bytes_(bytes) {}

  // 40 lower-case hex digits.
  static std::optional<ObjectId> FromHex(std::string_view hex);
  static std::optional<ObjectId> FromBytes(std::string_view bytes);
  std::string hex() const;
  std::string_view bytes() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  bool is_zero() const { return *this == ObjectId(); }

  friend bool operator==(const ObjectId&, const ObjectId&) = default;
  friend auto operator<=>(const ObjectId&, const ObjectId&) = default;

 private:
  std::array<uint8_t, 20> bytes_{};
};

// Values are git's own. NOTE: they are part of the persistent format.
enum class ObjectType : uint8_t { kCommit = 1, kTree = 2, kBlob = 3, kTag = 4 };

struct Object {
  ObjectId id;
  ObjectType type = ObjectType::kBlob;
  std::string data;  // Without git's header.
};

// A ref moved by compare-and-swap.
struct RefMove {
  std::string name;                  // "refs/heads/main"
  std::optional<ObjectId> expected;  // nullopt: must not exist.
  std::optional<ObjectId> target;    // nullopt: delete.
};

struct Ref {
  std::string name;
  ObjectId target;
};

// What the registry keeps of a prompt between changes.
struct PromptRow {
  std::string prompt;           // "support/triage"
  uint32_t latest_version = 0;  // 0: never published.
  bool archived = false;
  std::string digest;  // Of the latest version's closure, 64 hex digits.
  absl::Time update_time;
  // Paths of the latest closure without the prompt's own file, sorted.
  std::vector<std::string> dependencies;
  // Every name the closure looks up, found or not, sorted: "partial:tone",
  // "schema:ticket", "tool:get_order". A change that adds a file of such a
  // name may alter the closure.
  std::vector<std::string> names;
};

// The answer to a request id, kept so that a repeated request gets it again.
struct RequestRow {
  std::string request_digest;  // 32 bytes: SHA-256 of the request.
  std::string response;        // Serialized.
};

// One transaction of one repository. All of it is written or nothing.
struct ChangeTransaction {
  std::string repository;
  std::vector<Object> objects;
  std::vector<RefMove> refs;
  // Absent for a draft. Its sequence must be the repository's plus one.
  std::optional<v1::Change> change;
  // The change's time is before that of the change before it (change_times.h).
  bool clock_stepped_back = false;
  std::vector<v1::Version> versions;  // Without file contents.
  std::vector<PromptRow> prompts;     // Rows that are new or differ.
  std::vector<v1::Label> labels;      // Moved; empty targets: removed.
  std::string request_id;             // Empty: none.
  RequestRow request;
};

// A part of a list of labels: those after the label `after_label` of
// `after_prompt`, at most `limit`. As it is: all of them.
struct LabelRange {
  std::string after_prompt;
  std::string after_label;
  int limit = std::numeric_limits<int>::max();
};

// What a record is looked up by.
struct RecordQuery {
  enum class By { kRepository, kPrompt, kVersion, kLabel, kCaller, kStatus, kOutput };
  By by = By::kRepository;
  std::string repository;  // Required, but for kOutput, where empty means all.
  std::string prompt;      // kPrompt, kVersion, kLabel.
  uint32_t version = 0;    // kVersion; 0 means drafts.
  std::string label;       // kLabel.
  std::string caller;      // kCaller.
  v1::RecordStatus status = v1::RECORD_STATUS_UNSPECIFIED;  // kStatus. kOpen is found too.
  std::string output_digest;                                // kOutput: 64 hex digits.
  // Half-open range of record ids by their time, in whole milliseconds; unset:
  // unbounded.
  std::optional<absl::Time> start_time;
  std::optional<absl::Time> end_time;
  std::string before_id;  // Only ids smaller than this one; empty: from the newest.
  int limit = 50;
};

// What the store takes, and what it may still take.
struct StoreSpace {
  int64_t store_bytes = 0;      // Of its files.
  int64_t disk_free_bytes = 0;  // Of their file system.
};

using Done = std::function<void(absl::Status)>;

// A store of repositories and records.
//
// Writes are handed to one committer, which writes all that wait with one
// sync; `done` is called on its thread, in the order of the calls, when the
// write is durable, and must not block. Two writes of one caller are never
// reordered. After a failed sync what reached the disk is not known: every
// write from then on is UNAVAILABLE (STORE_FAILED), `failed()` is true, and
// the process is to exit and start again.
//
// When room becomes scarce, what begins something (a repository, a change, an intent,
// a whole record) is RESOURCE_EXHAUSTED DISK_LOW, with RetryInfo; outcomes and reads
// go on.
//
// Reads see every write whose `done` was called. Damaged bytes are DATA_LOSS.
//
// Thread-safe. Reads may block for a disk read.
class Store {
 public:
  virtual ~Store() = default;

  // --- Repositories and changes.

  // ALREADY_EXISTS REPOSITORY_EXISTS.
  virtual void CreateRepository(std::string name, absl::Time create_time, Done done) = 0;

  // ABORTED LOST_RACE when a ref is not as expected or the sequence is not the
  // next; NOT_FOUND REPOSITORY_NOT_FOUND. `done` for transactions handed over
  // together may come from one sync.
  void Commit(ChangeTransaction transaction, Done done) {
    std::vector<ChangeTransaction> transactions;
    transactions.push_back(std::move(transaction));
    CommitAll(std::move(transactions), std::move(done));
  }
  // Several changes of one repository, each standing on the one before it: all of them
  // are written, at once, or none. INVALID_ARGUMENT BAD_TRANSACTION when they don't
  // follow each other.
  virtual void CommitAll(std::vector<ChangeTransaction> transactions, Done done) = 0;

  // All of them by name, with sequence and head commit.
  virtual absl::StatusOr<std::vector<v1::Repository>> ListRepositories() = 0;

  // A change is read in pages (change_pages.h): this is the first. NOT_FOUND
  // CHANGE_NOT_FOUND.
  virtual absl::StatusOr<v1::Change> GetChange(std::string_view repository, int64_t sequence) = 0;
  // Page 2 and on, as the `next_page_token` of the page before says. NOT_FOUND
  // CHANGE_PAGE_NOT_FOUND.
  virtual absl::StatusOr<v1::Change> GetChangePage(std::string_view repository, int64_t sequence,
                                                   uint32_t page) = 0;
  // First pages, from `from` on in the direction of `step` (+1 or -1): at most
  // `limit`, or fewer, but one, when they are more than 2 MiB.
  virtual absl::StatusOr<std::vector<v1::Change>> ListChanges(std::string_view repository,
                                                              int64_t from, int step,
                                                              int limit) = 0;
  // The newest change made at or before `time`, by the rules of change_times.h; 0
  // when none.
  virtual absl::StatusOr<int64_t> FindSequence(std::string_view repository, absl::Time time,
                                               absl::Time now) = 0;
  // The change a commit of main made; NOT_FOUND COMMIT_NOT_FOUND.
  virtual absl::StatusOr<int64_t> FindSequence(std::string_view repository,
                                               const ObjectId& commit) = 0;
  // nullopt when the request id is new.
  virtual absl::StatusOr<std::optional<RequestRow>> GetRequest(std::string_view repository,
                                                               std::string_view request_id) = 0;

  // --- Git.

  // NOT_FOUND OBJECT_NOT_FOUND. The hash of what is returned was checked.
  virtual absl::StatusOr<Object> GetObject(std::string_view repository, const ObjectId& id) = 0;
  virtual absl::StatusOr<bool> HasObject(std::string_view repository, const ObjectId& id) = 0;
  // Ids that begin with these hex digits, at most `limit`, sorted.
  virtual absl::StatusOr<std::vector<ObjectId>> FindObjects(std::string_view repository,
                                                            std::string_view hex_prefix,
                                                            int limit) = 0;
  // By name; `prefix` "refs/heads/" or "".
  virtual absl::StatusOr<std::vector<Ref>> ListRefs(std::string_view repository,
                                                    std::string_view prefix) = 0;

  // --- Prompts, versions, labels.

  // Rows by path, archived ones too: those after the prompt `after`, at most
  // `limit`.
  virtual absl::StatusOr<std::vector<PromptRow>> ListPrompts(std::string_view repository,
                                                             std::string_view after, int limit) = 0;
  absl::StatusOr<std::vector<PromptRow>> ListPrompts(std::string_view repository) {
    return ListPrompts(repository, "", std::numeric_limits<int>::max());
  }
  // NOT_FOUND VERSION_NOT_FOUND.
  virtual absl::StatusOr<v1::Version> GetVersion(std::string_view repository,
                                                 std::string_view prompt, uint32_t version) = 0;
  // Newest first, from numbers below `before` (0: from the newest).
  virtual absl::StatusOr<std::vector<v1::Version>> ListVersions(std::string_view repository,
                                                                std::string_view prompt,
                                                                uint32_t before, int limit) = 0;
  // The newest version of the prompt published at or before `sequence`.
  // NOT_FOUND VERSION_NOT_FOUND.
  virtual absl::StatusOr<v1::Version> GetVersionAt(std::string_view repository,
                                                   std::string_view prompt, int64_t sequence) = 0;
  // Labels as they stood after `sequence` (INT64_MAX: now), by prompt and
  // label. Of one prompt, or of all when it is empty. Removed ones are left out.
  virtual absl::StatusOr<std::vector<v1::Label>> ListLabels(std::string_view repository,
                                                            std::string_view prompt,
                                                            int64_t sequence,
                                                            const LabelRange& range) = 0;
  absl::StatusOr<std::vector<v1::Label>> ListLabels(std::string_view repository,
                                                    std::string_view prompt, int64_t sequence) {
    return ListLabels(repository, prompt, sequence, LabelRange());
  }

  // --- Records.

  // Rows and their index entries. The ids are UUIDv7. What is given is encoded
  // before the return.
  virtual void AppendIntent(std::string_view id, const v1::Intent& intent, Done done) = 0;
  // NOT_FOUND RECORD_NOT_FOUND without an intent; FAILED_PRECONDITION
  // RECORD_CLOSED when it has an outcome: an outcome is never replaced.
  virtual void AppendOutcome(std::string_view id, const v1::Outcome& outcome, Done done) = 0;
  // Both at once, for a completion made elsewhere. ALREADY_EXISTS REQUEST_EXISTS when
  // a record of the repository was made with the same request id; "": it has none.
  virtual void AppendRecord(const v1::Record& record, std::string_view request_id, Done done) = 0;
  // The id of the record that was made with it; nullopt when it is new.
  virtual absl::StatusOr<std::optional<std::string>> FindRecordOfRequest(
      std::string_view repository, std::string_view request_id) = 0;

  // NOT_FOUND RECORD_NOT_FOUND.
  virtual absl::StatusOr<v1::Record> GetRecord(std::string_view id) = 0;
  // Newest first.
  virtual absl::StatusOr<std::vector<v1::Record>> ListRecords(const RecordQuery& query) = 0;
  // Ids of intents without an outcome, oldest first.
  virtual absl::StatusOr<std::vector<std::string>> ListOpenRecords() = 0;

  // --- The whole.

  // Walks everything: hashes of objects, refs that point to commits, changes
  // without holes whose commits exist, versions whose files exist and whose
  // digest is right, labels that point to versions, records and their index
  // entries both ways, as many records as were written. A loss that was accepted is a
  // problem for good.
  virtual absl::StatusOr<v1::VerifyStoreResponse> Verify() = 0;

  // Writes a consistent copy into `directory`, which must not exist, and syncs
  // it. Returns its size in bytes.
  virtual absl::StatusOr<int64_t> Backup(const std::string& directory) = 0;

  virtual absl::StatusOr<StoreSpace> GetSpace() = 0;

  // True after a failed sync.
  virtual bool failed() const = 0;
};

}  // namespace colophon
