#include "service/store/rocksdb/keys.h"

#include <algorithm>

#include "service/base/hash.h"

namespace colophon {
namespace {

using By = RecordQuery::By;

template <class Number>
void AppendBigEndian(Number number, std::string* key) {
  for (int shift = 8 * (sizeof(number) - 1); shift >= 0; shift -= 8) {
    *key += static_cast<char>(number >> shift);
  }
}

template <class Number>
std::optional<Number> TakeBigEndian(std::string_view* key) {
  if (key->size() < sizeof(Number)) return std::nullopt;
  Number number = 0;
  for (size_t i = 0; i < sizeof(Number); ++i) {
    number = number << 8 | static_cast<unsigned char>((*key)[i]);
  }
  key->remove_prefix(sizeof(Number));
  return number;
}

char IndexKind(By by) {
  switch (by) {
    case By::kRepository:
      return 'r';
    case By::kPrompt:
      return 'p';
    case By::kVersion:
      return 'v';
    case By::kLabel:
      return 'l';
    case By::kCaller:
      return 'c';
    case By::kStatus:
      return 's';
    case By::kOutput:
      return 'o';
  }
  return 0;
}

void AppendIndexPrefix(const RecordIndex& index, std::string* key) {
  *key += IndexKind(index.by);
  if (index.by == By::kOutput) {
    // Hex that isn't any finds nothing: checked when it is written.
    *key += HexDecode(index.output_digest.substr(0, 2 * kOutputDigestBytes))
                .value_or(std::string(kOutputDigestBytes, '\0'));
    return;
  }
  AppendText(index.repository, key);
  switch (index.by) {
    case By::kPrompt:
      AppendText(index.prompt, key);
      break;
    case By::kVersion:
      AppendText(index.prompt, key);
      AppendU32(index.version, key);
      break;
    case By::kLabel:
      AppendText(index.prompt, key);
      AppendText(index.label, key);
      break;
    case By::kCaller:
      AppendText(index.caller, key);
      break;
    case By::kStatus:
      *key += static_cast<char>(index.status);
      break;
    case By::kRepository:
    case By::kOutput:
      break;
  }
}

}  // namespace

void AppendText(std::string_view text, std::string* key) {
  if (std::none_of(text.begin(), text.end(), [](unsigned char c) { return c <= 1; })) {
    *key += text;
  } else {
    for (const char c : text) {
      const bool escaped = static_cast<unsigned char>(c) <= 1;
      if (escaped) *key += '\1';
      *key += escaped ? static_cast<char>(c + 1) : c;
    }
  }
  *key += '\0';
}

void AppendU16(uint16_t number, std::string* key) { AppendBigEndian(number, key); }
void AppendU32(uint32_t number, std::string* key) { AppendBigEndian(number, key); }
void AppendU64(uint64_t number, std::string* key) { AppendBigEndian(number, key); }

std::optional<std::string> TakeText(std::string_view* key) {
  const size_t end = key->find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  std::string text;
  text.reserve(end);
  for (size_t i = 0; i < end; ++i) {
    char c = (*key)[i];
    if (c == '\1') {
      if (++i == end || ((*key)[i] != '\1' && (*key)[i] != '\2')) return std::nullopt;
      c = static_cast<char>((*key)[i] - 1);
    }
    text += c;
  }
  key->remove_prefix(end + 1);
  return text;
}

std::optional<uint16_t> TakeU16(std::string_view* key) { return TakeBigEndian<uint16_t>(key); }
std::optional<uint32_t> TakeU32(std::string_view* key) { return TakeBigEndian<uint32_t>(key); }
std::optional<uint64_t> TakeU64(std::string_view* key) { return TakeBigEndian<uint64_t>(key); }

std::string AfterPrefix(std::string_view prefix) {
  std::string after(prefix);
  while (!after.empty() && after.back() == '\xff') after.pop_back();
  if (!after.empty()) ++after.back();
  return after;
}

std::string FormatKey() { return "F"; }

std::string RepositoryKey(std::string_view repository) {
  std::string key = "R";
  AppendText(repository, &key);
  return key;
}

std::string RecordCountsKey(std::string_view repository) {
  std::string key = "N";
  AppendText(repository, &key);
  return key;
}

std::string LossKey(absl::Time time) {
  std::string key = "L";
  AppendU64(static_cast<uint64_t>(absl::ToUnixMicros(time)), &key);
  return key;
}

std::string AccessKey(std::string_view key_id) {
  std::string key = "K";
  AppendText(key_id, &key);
  return key;
}

std::string RegistryPrefix(RegistryKind kind, std::string_view repository) {
  std::string key(1, static_cast<char>(kind));
  AppendText(repository, &key);
  return key;
}

std::string PromptPrefix(RegistryKind kind, std::string_view repository, std::string_view prompt) {
  std::string key = RegistryPrefix(kind, repository);
  AppendText(prompt, &key);
  return key;
}

std::string ChangeKey(std::string_view repository, int64_t sequence) {
  std::string key = RegistryPrefix(RegistryKind::kChange, repository);
  AppendU64(static_cast<uint64_t>(sequence), &key);
  return key;
}

std::string StepBackKey(std::string_view repository, int64_t sequence) {
  std::string key = RegistryPrefix(RegistryKind::kStepBack, repository);
  AppendU64(static_cast<uint64_t>(sequence), &key);
  return key;
}

std::string ChangePageKey(std::string_view repository, int64_t sequence, uint32_t page) {
  std::string key = RegistryPrefix(RegistryKind::kChangePage, repository);
  AppendU64(static_cast<uint64_t>(sequence), &key);
  AppendU32(page, &key);
  return key;
}

std::string CommitKey(std::string_view repository, const ObjectId& commit) {
  std::string key = RegistryPrefix(RegistryKind::kCommit, repository);
  key += commit.bytes();
  return key;
}

std::string RefKey(std::string_view repository, std::string_view ref) {
  std::string key = RegistryPrefix(RegistryKind::kRef, repository);
  AppendText(ref, &key);
  return key;
}

std::string PromptKey(std::string_view repository, std::string_view prompt) {
  return PromptPrefix(RegistryKind::kPrompt, repository, prompt);
}

std::string VersionKey(std::string_view repository, std::string_view prompt, uint32_t version) {
  std::string key = PromptPrefix(RegistryKind::kVersion, repository, prompt);
  AppendU32(version, &key);
  return key;
}

std::string PublishedKey(std::string_view repository, std::string_view prompt, int64_t sequence) {
  std::string key = PromptPrefix(RegistryKind::kPublished, repository, prompt);
  AppendU64(static_cast<uint64_t>(sequence), &key);
  return key;
}

std::string LabelPrefix(std::string_view repository, std::string_view prompt,
                        std::string_view label) {
  std::string key = PromptPrefix(RegistryKind::kLabel, repository, prompt);
  AppendText(label, &key);
  return key;
}

std::string LabelKey(std::string_view repository, std::string_view prompt, std::string_view label,
                     int64_t sequence) {
  std::string key = LabelPrefix(repository, prompt, label);
  AppendU64(~static_cast<uint64_t>(sequence), &key);
  return key;
}

std::string RequestKey(std::string_view repository, std::string_view request_id) {
  return PromptPrefix(RegistryKind::kRequest, repository, request_id);
}

std::string RecordRequestKey(std::string_view repository, std::string_view request_id) {
  return PromptPrefix(RegistryKind::kRecordRequest, repository, request_id);
}

std::string ObjectPrefix(std::string_view repository) {
  std::string key;
  AppendText(repository, &key);
  return key;
}

std::string ObjectKey(std::string_view repository, const ObjectId& id) {
  std::string key = ObjectPrefix(repository);
  key += id.bytes();
  return key;
}

std::string IntentKey(std::string_view id) { return std::string(id) + 'i'; }
std::string OutcomeKey(std::string_view id) { return std::string(id) + 'o'; }
std::string ScoresKey(std::string_view id) { return std::string(id) + 's'; }

std::string MediaKey(std::string_view repository, std::string_view sha256) {
  std::string key;
  AppendText(repository, &key);
  key.append(sha256).push_back('v');
  return key;
}

std::string KnownMediaKey(std::string_view repository, std::string_view sha256) {
  std::string key = MediaKey(repository, sha256);
  key.back() = 'k';
  return key;
}

std::string MediaReferenceKey(std::string_view repository, std::string_view sha256,
                              std::string_view id) {
  std::string key = MediaKey(repository, sha256);
  key.back() = 'r';
  key.append(id);
  return key;
}

std::string SegmentKey(uint32_t segment) {
  std::string key = "g";
  AppendU32(segment, &key);
  return key;
}

std::string SegmentIdsKey(uint32_t segment, uint16_t chunk) {
  std::string key = "i";
  AppendU32(segment, &key);
  AppendU16(chunk, &key);
  return key;
}

std::string PostingsPrefix(uint16_t bucket) {
  std::string key = "x";
  AppendU16(bucket, &key);
  return key;
}

std::string PostingsKey(uint16_t bucket, uint32_t segment) {
  std::string key = PostingsPrefix(bucket);
  AppendU32(~segment, &key);
  return key;
}

std::optional<uint32_t> SegmentOfPostingsKey(uint16_t bucket, std::string_view key) {
  const std::string prefix = PostingsPrefix(bucket);
  if (!key.starts_with(prefix)) return std::nullopt;
  key.remove_prefix(prefix.size());
  const std::optional<uint32_t> segment = TakeU32(&key);
  if (!segment || !key.empty()) return std::nullopt;
  return ~*segment;
}

std::string LogPrefix(std::string_view repository) {
  std::string key;
  AppendText(repository, &key);
  return key;
}

std::string LogKey(std::string_view repository, int64_t end) {
  std::string key = LogPrefix(repository);
  AppendU64(static_cast<uint64_t>(end), &key);
  return key;
}

std::optional<int64_t> EndOfLogKey(std::string_view key) {
  if (!TakeText(&key)) return std::nullopt;
  const std::optional<uint64_t> end = TakeU64(&key);
  if (!end || !key.empty()) return std::nullopt;
  return static_cast<int64_t>(*end);
}

std::string IndexPrefix(const RecordIndex& index) {
  std::string key;
  AppendIndexPrefix(index, &key);
  return key;
}

void AppendIndexKey(const RecordIndex& index, std::string_view id, std::string* key) {
  AppendIndexPrefix(index, key);
  *key += id;
  if (index.by == By::kOutput) AppendText(index.repository, key);
}

std::string IndexKey(const RecordIndex& index, std::string_view id) {
  std::string key;
  AppendIndexKey(index, id, &key);
  return key;
}

std::optional<std::string_view> RecordIdOfIndexKey(std::string_view key) {
  if (key.size() <= kRecordIdBytes) return std::nullopt;
  if (key[0] != 'o') return key.substr(key.size() - kRecordIdBytes);
  if (key.size() <= 1 + kOutputDigestBytes + kRecordIdBytes) return std::nullopt;
  return key.substr(1 + kOutputDigestBytes, kRecordIdBytes);
}

}  // namespace colophon
