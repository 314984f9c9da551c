#include "service/store/rocksdb/registry_reads.h"

#include <algorithm>
#include <limits>

#include "fmt/format.h"
#include "rocksdb/snapshot.h"
#include "service/base/clock.h"
#include "service/base/hash.h"
#include "service/base/ids.h"
#include "service/store/change_pages.h"
#include "service/store/change_times.h"
#include "service/store/rocksdb/leaves.h"
#include "service/store/rocksdb/rows.h"
#include "service/store/rocksdb/scan.h"
#include "service/store/store_errors.h"

namespace colophon {
namespace {

constexpr char kMain[] = "refs/heads/main";
template <class Message>
absl::StatusOr<Message> ParseSealed(const Scan& scan, std::string_view what) {
  ASSIGN_OR_RETURN(const std::string_view content, Unseal(scan.key(), scan.value(), what));
  return ParseContent<Message>(content, what);
}

// Moves past the rows that begin with `prefix`: a few steps are cheaper than a
// seek, many are not.
void SkipPrefix(const std::string& prefix, Scan* scan) {
  constexpr int kSteps = 4;
  for (int i = 0; i < kSteps; ++i) {
    scan->Next();
    if (!scan->Valid() || !scan->key().starts_with(prefix)) return;
  }
  scan->Seek(AfterPrefix(prefix));
}

}  // namespace

absl::Status RegistryReads::CheckRepository(std::string_view repository) const {
  ASSIGN_OR_RETURN(const std::optional<std::string> row,
                   database_.Get(Family::kMeta, RepositoryKey(repository)));
  return row ? absl::OkStatus() : RepositoryNotFound(repository);
}

absl::Status RegistryReads::Missing(std::string_view repository, absl::Status status) const {
  RETURN_IF_ERROR(CheckRepository(repository));
  return status;
}

absl::StatusOr<std::vector<v1::Repository>> RegistryReads::ListRepositories() const {
  rocksdb::ManagedSnapshot snapshot(database_.db());
  std::vector<v1::Repository> repositories;
  Scan scan(database_, Family::kMeta, "R", {.snapshot = snapshot.snapshot()});
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
    ASSIGN_OR_RETURN(v1::Repository repository, ParseSealed<v1::Repository>(scan, "a repository"));
    RETURN_IF_ERROR(Complete(&repository, snapshot.snapshot()));
    repositories.push_back(std::move(repository));
  }
  RETURN_IF_ERROR(scan.status());
  return repositories;
}

absl::Status RegistryReads::Complete(v1::Repository* repository,
                                     const rocksdb::Snapshot* snapshot) const {
  ASSIGN_OR_RETURN(const int64_t sequence, NewestSequence(repository->name(), snapshot));
  repository->set_sequence(sequence);
  const std::string what = fmt::format("main of \"{}\"", repository->name());
  ASSIGN_OR_RETURN(
      const std::optional<std::string> main,
      database_.GetSealed(Family::kRegistry, RefKey(repository->name(), kMain), what, snapshot));
  if (main) repository->set_commit(HexEncode(*main));
  return absl::OkStatus();
}

absl::StatusOr<int64_t> RegistryReads::NewestSequence(std::string_view repository,
                                                      const rocksdb::Snapshot* snapshot) const {
  const std::string prefix = RegistryPrefix(RegistryKind::kChange, repository);
  Scan scan(database_, Family::kRegistry, prefix, {.snapshot = snapshot});
  scan.SeekToLast();
  if (!scan.Valid()) {
    RETURN_IF_ERROR(scan.status());
    return 0;
  }
  std::string_view rest = scan.key().substr(prefix.size());
  const std::optional<uint64_t> sequence = TakeU64(&rest);
  if (!sequence) return DamagedRow(fmt::format("the newest change of \"{}\"", repository));
  return static_cast<int64_t>(*sequence);
}

absl::StatusOr<v1::Change> RegistryReads::GetChangeRow(std::string_view repository,
                                                       int64_t sequence) const {
  const std::string what = fmt::format("change {} of \"{}\"", sequence, repository);
  ASSIGN_OR_RETURN(const std::optional<std::string> content,
                   database_.GetSealed(Family::kRegistry, ChangeKey(repository, sequence), what));
  if (!content) {
    return Missing(repository, ChangeNotFound(repository, sequence));
  }
  return ParseContent<v1::Change>(*content, what);
}

absl::StatusOr<v1::Change> RegistryReads::GetChange(std::string_view repository,
                                                    int64_t sequence) const {
  ASSIGN_OR_RETURN(v1::Change row, GetChangeRow(repository, sequence));
  return FirstPage(std::move(row));
}

absl::StatusOr<v1::Change> RegistryReads::GetChangePage(std::string_view repository,
                                                        int64_t sequence, uint32_t page) const {
  const std::string what =
      fmt::format("page {} of change {} of \"{}\"", page, sequence, repository);
  ASSIGN_OR_RETURN(
      const std::optional<std::string> content,
      database_.GetSealed(Family::kRegistry, ChangePageKey(repository, sequence, page), what));
  if (content) return ParseContent<v1::Change>(*content, what);
  // A change of an older server is one row, whatever its size.
  ASSIGN_OR_RETURN(const v1::Change row, GetChangeRow(repository, sequence));
  std::vector<v1::Change> pages = SplitChange(row);
  if (page >= 1 && page <= pages.size()) return std::move(pages[page - 1]);
  return ChangePageNotFound(repository, sequence, page);
}

absl::StatusOr<std::vector<v1::Change>> RegistryReads::ListChanges(std::string_view repository,
                                                                   int64_t from, int step,
                                                                   int limit) const {
  RETURN_IF_ERROR(CheckRepository(repository));
  std::vector<v1::Change> changes;
  if (step > 0) from = std::max<int64_t>(from, 1);
  if (from < 1) return changes;
  Scan scan(database_, Family::kRegistry, RegistryPrefix(RegistryKind::kChange, repository));
  const std::string begin = ChangeKey(repository, from);
  step > 0 ? scan.Seek(begin) : scan.SeekForPrev(begin);
  size_t bytes = 0;
  while (scan.Valid() && static_cast<int64_t>(changes.size()) < limit) {
    ASSIGN_OR_RETURN(v1::Change row,
                     ParseSealed<v1::Change>(scan, fmt::format("a change of \"{}\"", repository)));
    v1::Change change = FirstPage(std::move(row));
    bytes += change.ByteSizeLong();
    if (bytes > kMaxListedChangeBytes && !changes.empty()) return changes;
    changes.push_back(std::move(change));
    step > 0 ? scan.Next() : scan.Prev();
  }
  RETURN_IF_ERROR(scan.status());
  return changes;
}

absl::StatusOr<int64_t> RegistryReads::FindSequence(std::string_view repository, absl::Time time,
                                                    absl::Time now) const {
  RETURN_IF_ERROR(CheckRepository(repository));
  ASSIGN_OR_RETURN(const int64_t newest, NewestSequence(repository));
  std::vector<int64_t> steps_back;
  const std::string prefix = RegistryPrefix(RegistryKind::kStepBack, repository);
  Scan scan(database_, Family::kRegistry, prefix);
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
    std::string_view rest = scan.key().substr(prefix.size());
    const std::optional<uint64_t> sequence = TakeU64(&rest);
    const std::string what = fmt::format("a step of the clock in \"{}\"", repository);
    if (!sequence) return DamagedRow(what);
    RETURN_IF_ERROR(Unseal(scan.key(), scan.value(), what).status());
    // One that was written since belongs to a change that isn't looked at.
    if (static_cast<int64_t>(*sequence) <= newest) {
      steps_back.push_back(static_cast<int64_t>(*sequence));
    }
  }
  RETURN_IF_ERROR(scan.status());
  return FindSequenceAt(
      time, now, newest, steps_back, [&](int64_t sequence) -> absl::StatusOr<absl::Time> {
        ASSIGN_OR_RETURN(const v1::Change change, GetChange(repository, sequence));
        return FromProto(change.change_time());
      });
}

absl::StatusOr<int64_t> RegistryReads::FindSequence(std::string_view repository,
                                                    const ObjectId& commit) const {
  const std::string what = fmt::format("commit \"{}\" of \"{}\"", commit.hex(), repository);
  ASSIGN_OR_RETURN(const std::optional<std::string> content,
                   database_.GetSealed(Family::kRegistry, CommitKey(repository, commit), what));
  if (!content) {
    return Missing(repository, CommitNotFound(repository, commit));
  }
  std::string_view rest = *content;
  const std::optional<uint64_t> sequence = TakeU64(&rest);
  if (!sequence) return DamagedRow(what);
  return static_cast<int64_t>(*sequence);
}

absl::StatusOr<std::optional<RequestRow>> RegistryReads::GetRequest(
    std::string_view repository, std::string_view request_id) const {
  const std::string what = fmt::format("request \"{}\" of \"{}\"", request_id, repository);
  ASSIGN_OR_RETURN(
      const std::optional<std::string> content,
      database_.GetSealed(Family::kRegistry, RequestKey(repository, request_id), what));
  if (!content) {
    RETURN_IF_ERROR(CheckRepository(repository));
    return std::optional<RequestRow>();
  }
  std::optional<RequestRow> row = DecodeRequestRow(*content);
  if (!row) return DamagedRow(what);
  return row;
}

absl::StatusOr<std::optional<std::string>> RegistryReads::FindRecordOfRequest(
    std::string_view repository, std::string_view request_id) const {
  const std::string what =
      fmt::format("record of request \"{}\" of \"{}\"", request_id, repository);
  ASSIGN_OR_RETURN(
      const std::optional<std::string> content,
      database_.GetSealed(Family::kRegistry, RecordRequestKey(repository, request_id), what));
  if (!content) {
    RETURN_IF_ERROR(CheckRepository(repository));
    return std::optional<std::string>();
  }
  if (content->size() != kRecordIdBytes) return DamagedRow(what);
  return UuidFromBytes(*content);
}

absl::StatusOr<int64_t> RegistryReads::GetLogSize(std::string_view repository) const {
  RETURN_IF_ERROR(CheckRepository(repository));
  return ReadLogSize(database_, repository);
}

absl::StatusOr<std::vector<LogLeaf>> RegistryReads::ListLeaves(std::string_view repository,
                                                               int64_t from, int limit) const {
  RETURN_IF_ERROR(CheckRepository(repository));
  return ReadLeaves(database_, repository, from, limit);
}

absl::StatusOr<std::vector<Ref>> RegistryReads::ListRefs(std::string_view repository,
                                                         std::string_view prefix) const {
  RETURN_IF_ERROR(CheckRepository(repository));
  std::vector<Ref> refs;
  const std::string kind = RegistryPrefix(RegistryKind::kRef, repository);
  std::string begin = RefKey(repository, prefix);
  begin.pop_back();  // The end of the text: names that begin so.
  Scan scan(database_, Family::kRegistry, begin);
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
    std::string_view rest = scan.key().substr(kind.size());
    std::optional<std::string> name = TakeText(&rest);
    if (!name) return DamagedRow(fmt::format("a ref of \"{}\"", repository));
    const std::string what = fmt::format("ref \"{}\" of \"{}\"", *name, repository);
    ASSIGN_OR_RETURN(const std::string_view content, Unseal(scan.key(), scan.value(), what));
    const std::optional<ObjectId> target = ObjectId::FromBytes(content);
    if (!target) return DamagedRow(what);
    refs.push_back({*std::move(name), *target});
  }
  RETURN_IF_ERROR(scan.status());
  return refs;
}

absl::StatusOr<std::vector<PromptRow>> RegistryReads::ListPrompts(std::string_view repository,
                                                                  std::string_view after,
                                                                  int limit) const {
  RETURN_IF_ERROR(CheckRepository(repository));
  std::vector<PromptRow> prompts;
  const std::string prefix = RegistryPrefix(RegistryKind::kPrompt, repository);
  Scan scan(database_, Family::kRegistry, prefix);
  after.empty() ? scan.SeekToFirst() : scan.Seek(AfterPrefix(PromptKey(repository, after)));
  for (; scan.Valid() && static_cast<int64_t>(prompts.size()) < limit; scan.Next()) {
    std::string_view rest = scan.key().substr(prefix.size());
    const std::optional<std::string> prompt = TakeText(&rest);
    if (!prompt) return DamagedRow(fmt::format("a prompt of \"{}\"", repository));
    const std::string what = fmt::format("prompt \"{}/{}\"", repository, *prompt);
    ASSIGN_OR_RETURN(const std::string_view content, Unseal(scan.key(), scan.value(), what));
    std::optional<PromptRow> row = DecodePromptRow(*prompt, content);
    if (!row) return DamagedRow(what);
    prompts.push_back(*std::move(row));
  }
  RETURN_IF_ERROR(scan.status());
  return prompts;
}

absl::StatusOr<v1::Version> RegistryReads::GetVersion(std::string_view repository,
                                                      std::string_view prompt,
                                                      uint32_t version) const {
  const std::string what = fmt::format("version {} of \"{}/{}\"", version, repository, prompt);
  ASSIGN_OR_RETURN(
      const std::optional<std::string> content,
      database_.GetSealed(Family::kRegistry, VersionKey(repository, prompt, version), what));
  if (!content) {
    return Missing(repository, VersionNotFound(repository, prompt, version));
  }
  return ParseContent<v1::Version>(*content, what);
}

absl::StatusOr<std::vector<v1::Version>> RegistryReads::ListVersions(std::string_view repository,
                                                                     std::string_view prompt,
                                                                     uint32_t before,
                                                                     int limit) const {
  RETURN_IF_ERROR(CheckRepository(repository));
  std::vector<v1::Version> versions;
  const std::string prefix = PromptPrefix(RegistryKind::kVersion, repository, prompt);
  const std::string end =
      before == 0 ? AfterPrefix(prefix) : VersionKey(repository, prompt, before);
  Scan scan(database_, Family::kRegistry, prefix, end);
  for (scan.SeekToLast(); scan.Valid() && static_cast<int64_t>(versions.size()) < limit;
       scan.Prev()) {
    ASSIGN_OR_RETURN(
        v1::Version version,
        ParseSealed<v1::Version>(scan, fmt::format("a version of \"{}/{}\"", repository, prompt)));
    versions.push_back(std::move(version));
  }
  RETURN_IF_ERROR(scan.status());
  return versions;
}

absl::StatusOr<v1::Version> RegistryReads::GetVersionAt(std::string_view repository,
                                                        std::string_view prompt,
                                                        int64_t sequence) const {
  const std::string what = fmt::format("a version of \"{}/{}\"", repository, prompt);
  Scan scan(database_, Family::kRegistry,
            PromptPrefix(RegistryKind::kPublished, repository, prompt));
  scan.SeekForPrev(PublishedKey(repository, prompt, std::max<int64_t>(sequence, 0)));
  if (!scan.Valid()) {
    RETURN_IF_ERROR(scan.status());
    return Missing(repository, NoVersionAt(repository, prompt, sequence));
  }
  ASSIGN_OR_RETURN(std::string_view rest, Unseal(scan.key(), scan.value(), what));
  const std::optional<uint32_t> version = TakeU32(&rest);
  if (!version) return DamagedRow(what);
  return GetVersion(repository, prompt, *version);
}

absl::StatusOr<std::vector<v1::Label>> RegistryReads::ListLabels(std::string_view repository,
                                                                 std::string_view prompt,
                                                                 int64_t sequence,
                                                                 const LabelRange& range) const {
  RETURN_IF_ERROR(CheckRepository(repository));
  std::vector<v1::Label> labels;
  if (sequence < 1) return labels;
  const std::string prefix = prompt.empty()
                                 ? RegistryPrefix(RegistryKind::kLabel, repository)
                                 : PromptPrefix(RegistryKind::kLabel, repository, prompt);
  constexpr size_t kSequenceBytes = sizeof(uint64_t);
  const std::string what = fmt::format("a label of \"{}\"", repository);
  Scan scan(database_, Family::kRegistry, prefix);
  if (range.after_prompt.empty()) {
    scan.SeekToFirst();
  } else {
    scan.Seek(AfterPrefix(LabelPrefix(repository, range.after_prompt, range.after_label)));
  }
  while (scan.Valid() && static_cast<int64_t>(labels.size()) < range.limit) {
    if (scan.key().size() < prefix.size() + kSequenceBytes) return DamagedRow(what);
    const std::string label_key(scan.key().substr(0, scan.key().size() - kSequenceBytes));
    std::string_view rest = scan.key().substr(label_key.size());
    // Rows of a label stand newest first: the first that isn't newer than
    // `sequence` counts, the rest of them is history.
    if (static_cast<int64_t>(~*TakeU64(&rest)) > sequence) {
      std::string not_newer = label_key;
      AppendU64(~static_cast<uint64_t>(sequence), &not_newer);
      scan.Seek(not_newer);
      continue;
    }
    ASSIGN_OR_RETURN(v1::Label label, ParseSealed<v1::Label>(scan, what));
    if (label.targets().targets_size() > 0) labels.push_back(std::move(label));
    SkipPrefix(label_key, &scan);
  }
  RETURN_IF_ERROR(scan.status());
  return labels;
}

}  // namespace colophon
