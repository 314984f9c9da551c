#include "service/store/rocksdb/registry_verifier.h"

#include <utility>

#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/hash.h"
#include "service/store/rocksdb/registry_reads.h"
#include "service/store/rocksdb/rows.h"
#include "service/store/write_check.h"

namespace colophon {
namespace {

template <class Message>
std::optional<Message> Parse(std::string_view content) {
  auto message = ParseContent<Message>(content, "");
  if (!message.ok()) return std::nullopt;
  return *std::move(message);
}

// The whole of `content` as a number.
template <class Number>
std::optional<Number> ParseNumber(std::optional<Number> (*take)(std::string_view*),
                                  std::string_view content) {
  const std::optional<Number> number = take(&content);
  if (!content.empty()) return std::nullopt;
  return number;
}

}  // namespace

RegistryVerifier::RegistryVerifier(const Database* database, const rocksdb::Snapshot* snapshot,
                                   std::string repository, CheckSource* source,
                                   v1::VerifyStoreResponse* response)
    : database_(*database),
      snapshot_(snapshot),
      repository_(std::move(repository)),
      source_(*source),
      response_(*response),
      problems_(response),
      checker_(repository_, source, &problems_) {}

absl::Status RegistryVerifier::Verify() {
  const auto walk = [this](RegistryKind kind, std::string_view what,
                           bool (RegistryVerifier::*check)(std::string_view, std::string_view)) {
    return ForEachRow(kind, what, [this, check](std::string_view rest, std::string_view content) {
      return (this->*check)(rest, content);
    });
  };
  RETURN_IF_ERROR(walk(RegistryKind::kChange, "change", &RegistryVerifier::CheckChange));
  RETURN_IF_ERROR(
      walk(RegistryKind::kStepBack, "step of the clock", &RegistryVerifier::CheckStepBack));
  RETURN_IF_ERROR(
      walk(RegistryKind::kChangePage, "page of a change", &RegistryVerifier::CheckChangePage));
  RETURN_IF_ERROR(walk(RegistryKind::kCommit, "commit", &RegistryVerifier::CheckCommit));
  RETURN_IF_ERROR(walk(RegistryKind::kRef, "ref", &RegistryVerifier::CheckRef));
  RETURN_IF_ERROR(walk(RegistryKind::kVersion, "version", &RegistryVerifier::CheckVersion));
  RETURN_IF_ERROR(
      walk(RegistryKind::kPublished, "version by change", &RegistryVerifier::CheckPublished));
  RETURN_IF_ERROR(walk(RegistryKind::kPrompt, "prompt", &RegistryVerifier::CheckPrompt));
  RETURN_IF_ERROR(walk(RegistryKind::kLabel, "label", &RegistryVerifier::CheckLabel));
  RETURN_IF_ERROR(walk(RegistryKind::kRequest, "request", &RegistryVerifier::CheckRequest));
  RETURN_IF_ERROR(walk(RegistryKind::kRecordRequest, "request of a record",
                       &RegistryVerifier::CheckRecordRequest));
  RETURN_IF_ERROR(CheckObjects());
  checker_.Finish();
  return absl::OkStatus();
}

absl::Status RegistryVerifier::ForEachRow(RegistryKind kind, std::string_view what,
                                          const CheckRow& check) {
  const std::string prefix = RegistryPrefix(kind, repository_);
  Scan scan(database_, Family::kRegistry, prefix, {.snapshot = snapshot_, .fill_cache = false});
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
    const std::string_view rest = scan.key().substr(prefix.size());
    const auto content = Unseal(scan.key(), scan.value(), what);
    if (!content.ok()) {
      problems_.Add(repository_,
                    absl::IsDataLoss(content.status())
                        ? fmt::format("{} row (key {}) doesn't match its checksum", what,
                                      HexEncode(scan.key()))
                        : fmt::format("{} row (key {}): {}", what, HexEncode(scan.key()),
                                      MessageOf(content.status())));
    } else if (!check(rest, *content)) {
      problems_.Add(repository_, fmt::format("{} row (key {}) doesn't hold what its key says", what,
                                             HexEncode(scan.key())));
    }
  }
  return scan.status();
}

bool RegistryVerifier::RowHolds(const std::string& key, std::string_view content) {
  const auto stored = database_.GetSealed(Family::kRegistry, key, "", snapshot_);
  return stored.ok() && *stored == content;
}

bool RegistryVerifier::CheckChange(std::string_view rest, std::string_view content) {
  response_.set_change_count(response_.change_count() + 1);
  const std::string sequence(rest);
  const std::optional<uint64_t> number = TakeU64(&rest);
  const auto change = Parse<v1::Change>(content);
  if (!number || !rest.empty() || !change || change->sequence() != static_cast<int64_t>(*number)) {
    return false;
  }
  checker_.CheckChange(*change, RowHolds(StepBackKey(repository_, change->sequence()), ""));
  if (!HasNextPage(*change, 1)) {
    problems_.Add(repository_, fmt::format("change {} lacks its second page", *number));
  }
  const std::optional<ObjectId> commit = ObjectId::FromHex(change->commit());
  if (commit && !RowHolds(CommitKey(repository_, *commit), sequence)) {
    problems_.Add(repository_,
                  fmt::format("change {} can't be found by its commit {}: the entry is missing, "
                              "damaged or names another",
                              *number, commit->hex()));
  }
  return true;
}

// That the page before names it, and what it names is there: with the walk of all
// pages, that each change has all of its own and no others.
bool RegistryVerifier::HasNextPage(const v1::Change& page, uint32_t number) {
  if (page.next_page_token().empty()) return true;
  if (page.next_page_token() != std::to_string(number + 1)) return false;
  const auto next = database_.GetSealed(
      Family::kRegistry, ChangePageKey(repository_, page.sequence(), number + 1), "", snapshot_);
  return next.ok() && *next;
}

bool RegistryVerifier::CheckChangePage(std::string_view rest, std::string_view content) {
  const std::optional<uint64_t> sequence = TakeU64(&rest);
  const std::optional<uint32_t> number = ParseNumber(&TakeU32, rest);
  const auto page = Parse<v1::Change>(content);
  if (!sequence || !number || *number < 2 || !page ||
      page->sequence() != static_cast<int64_t>(*sequence)) {
    return false;
  }
  const std::string before_key = *number == 2
                                     ? ChangeKey(repository_, page->sequence())
                                     : ChangePageKey(repository_, page->sequence(), *number - 1);
  const auto stored = database_.GetSealed(Family::kRegistry, before_key, "", snapshot_);
  if (!stored.ok() || !*stored) return false;
  const auto before = Parse<v1::Change>(**stored);
  return before && before->commit() == page->commit() &&
         before->next_page_token() == std::to_string(*number) && HasNextPage(*page, *number);
}

bool RegistryVerifier::CheckCommit(std::string_view rest, std::string_view content) {
  const std::optional<ObjectId> commit = ObjectId::FromBytes(rest);
  const std::optional<uint64_t> sequence = ParseNumber(&TakeU64, content);
  if (!commit || !sequence) return false;
  const auto stored = database_.GetSealed(
      Family::kRegistry, ChangeKey(repository_, static_cast<int64_t>(*sequence)), "", snapshot_);
  if (!stored.ok() || !*stored) return false;
  const auto change = Parse<v1::Change>(**stored);
  return change && change->commit() == commit->hex();
}

// What it says was compared with the change.
bool RegistryVerifier::CheckStepBack(std::string_view rest, std::string_view content) {
  const std::optional<uint64_t> sequence = ParseNumber(&TakeU64, rest);
  return sequence && content.empty() && static_cast<int64_t>(*sequence) <= checker_.sequence();
}

bool RegistryVerifier::CheckRef(std::string_view rest, std::string_view content) {
  std::optional<std::string> name = TakeText(&rest);
  const std::optional<ObjectId> target = ObjectId::FromBytes(content);
  if (!name || !rest.empty() || !target) return false;
  checker_.CheckRef({*std::move(name), *target});
  return true;
}

bool RegistryVerifier::CheckVersion(std::string_view rest, std::string_view content) {
  response_.set_version_count(response_.version_count() + 1);
  const std::optional<std::string> prompt = TakeText(&rest);
  const std::string number_bytes(rest);
  const std::optional<uint32_t> number = ParseNumber(&TakeU32, rest);
  const auto version = Parse<v1::Version>(content);
  if (!prompt || !number || !version || version->prompt() != *prompt ||
      version->version() != *number) {
    return false;
  }
  checker_.CheckVersion(*version);
  if (!RowHolds(PublishedKey(repository_, *prompt, version->sequence()), number_bytes)) {
    problems_.Add(repository_, fmt::format("version {} of {} can't be found by its change {}",
                                           *number, *prompt, version->sequence()));
  }
  return true;
}

bool RegistryVerifier::CheckPublished(std::string_view rest, std::string_view content) {
  const std::optional<std::string> prompt = TakeText(&rest);
  const std::optional<uint64_t> sequence = ParseNumber(&TakeU64, rest);
  const std::optional<uint32_t> number = ParseNumber(&TakeU32, content);
  if (!prompt || !sequence || !number) return false;
  const auto version = source_.FindVersion(repository_, *prompt, *number);
  return version.ok() && *version && (*version)->sequence() == static_cast<int64_t>(*sequence);
}

bool RegistryVerifier::CheckPrompt(std::string_view rest, std::string_view content) {
  const std::optional<std::string> prompt = TakeText(&rest);
  if (!prompt || !rest.empty()) return false;
  const std::optional<PromptRow> row = DecodePromptRow(*prompt, content);
  if (!row) return false;
  checker_.CheckPrompt(*row);
  return true;
}

bool RegistryVerifier::CheckLabel(std::string_view rest, std::string_view content) {
  const std::optional<std::string> prompt = TakeText(&rest);
  const std::optional<std::string> label_name = TakeText(&rest);
  const std::optional<uint64_t> sequence = ParseNumber(&TakeU64, rest);
  const auto label = Parse<v1::Label>(content);
  if (!prompt || !label_name || !sequence || !label) return false;
  const std::optional<LabelNameParts> name = SplitLabelName(repository_, label->name());
  if (!name || name->prompt != *prompt || name->label != *label_name ||
      label->sequence() != static_cast<int64_t>(~*sequence)) {
    return false;
  }
  checker_.CheckLabel(*label);
  return true;
}

bool RegistryVerifier::CheckRequest(std::string_view rest, std::string_view content) {
  const std::optional<std::string> id = TakeText(&rest);
  return id && rest.empty() && DecodeRequestRow(content);
}

bool RegistryVerifier::CheckRecordRequest(std::string_view rest, std::string_view content) {
  const std::optional<std::string> id = TakeText(&rest);
  if (!id || !rest.empty() || content.size() != kRecordIdBytes) return false;
  const auto intent = database_.Get(Family::kRecords, IntentKey(content), snapshot_);
  return intent.ok() && intent->has_value();
}

absl::Status RegistryVerifier::CheckObjects() {
  const std::string prefix = ObjectPrefix(repository_);
  Scan scan(database_, Family::kObjects, prefix, {.snapshot = snapshot_, .fill_cache = false});
  for (scan.SeekToFirst(); scan.Valid(); scan.Next()) {
    response_.set_object_count(response_.object_count() + 1);
    const std::optional<ObjectId> id = ObjectId::FromBytes(scan.key().substr(prefix.size()));
    if (!id) {
      problems_.Add(repository_, fmt::format("object row (key {}) has no object id in its key",
                                             HexEncode(scan.key())));
      continue;
    }
    const absl::StatusOr<Object> object = DecodeObject(*id, scan.value());
    if (!object.ok()) {
      problems_.Add(repository_, MessageOf(object.status()));
      continue;
    }
    checker_.CheckObject(*object);
  }
  return scan.status();
}

}  // namespace colophon
