#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "colophon/v1/registry.pb.h"
#include "service/store/object_store.h"
#include "service/store/write_done.h"

namespace colophon {

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

// The first pages of changes in one list together, unless one alone has more.
inline constexpr size_t kMaxListedChangeBytes = 2 << 20;

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

// The part of a store that has repositories and their changes: what moved, and the
// refs, prompts, versions and labels as they stand since.
//
// Thread-safe. Reads may block for a disk read.
class ChangeStore {
 public:
  virtual ~ChangeStore() = default;

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
  // `limit`, or fewer when they are more than kMaxListedChangeBytes.
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

  // --- Refs, prompts, versions, labels.

  // By name; `prefix` "refs/heads/" or "".
  virtual absl::StatusOr<std::vector<Ref>> ListRefs(std::string_view repository,
                                                    std::string_view prefix) = 0;

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
};

}  // namespace colophon
