#include "service/store/rocksdb/rows.h"

#include <algorithm>
#include <vector>

#include "fmt/format.h"
#include "service/store/rocksdb/crc32c.h"
#include "service/store/rocksdb/keys.h"

namespace colophon {
namespace {

// Of every sealed row.
constexpr char kRowVersion = 1;
constexpr size_t kVersionBytes = 1;
constexpr size_t kSealBytes = 4;

void AppendBytes(std::string_view bytes, std::string* out) {
  AppendU32(static_cast<uint32_t>(bytes.size()), out);
  *out += bytes;
}

void AppendList(const std::vector<std::string>& list, std::string* out) {
  AppendU32(static_cast<uint32_t>(list.size()), out);
  for (const std::string& item : list) AppendBytes(item, out);
}

// Takes fields off the front; remembers when one wasn't there.
class FieldReader {
 public:
  explicit FieldReader(std::string_view content) : rest_(content) {}

  uint8_t U8() {
    if (rest_.empty()) {
      ok_ = false;
      return 0;
    }
    const auto number = static_cast<uint8_t>(rest_[0]);
    rest_.remove_prefix(1);
    return number;
  }
  uint32_t U32() { return OrFail(TakeU32(&rest_)); }
  uint64_t U64() { return OrFail(TakeU64(&rest_)); }
  std::string Bytes() {
    const uint32_t size = U32();
    if (size > rest_.size()) {
      ok_ = false;
      return "";
    }
    std::string bytes(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return bytes;
  }
  std::vector<std::string> List() {
    std::vector<std::string> list;
    const uint32_t count = U32();
    for (uint32_t i = 0; i < count && ok_; ++i) list.push_back(Bytes());
    return list;
  }

  // All fields were there and nothing is left.
  bool Finished() const { return ok_ && rest_.empty(); }

 private:
  template <class Number>
  Number OrFail(std::optional<Number> number) {
    if (!number) ok_ = false;
    return number.value_or(0);
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace

SealedRow::SealedRow(Family family, std::string key, std::string_view content)
    : family_(family), key_size_(key.size()), bytes_(std::move(key)) {
  bytes_.reserve(key_size_ + content.size() + kVersionBytes + kSealBytes);
  bytes_ += content;
  Seal();
}

SealedRow::SealedRow(Family family, std::string key, const google::protobuf::MessageLite& content)
    : family_(family), key_size_(key.size()), bytes_(std::move(key)) {
  bytes_.reserve(key_size_ + content.ByteSizeLong() + kVersionBytes + kSealBytes);
  content.AppendToString(&bytes_);
  Seal();
}

void SealedRow::Seal() {
  bytes_ += kRowVersion;
  AppendU32(Crc32c(0, bytes_), &bytes_);
}

std::string_view SealedRow::content() const {
  return value().substr(0, value().size() - kVersionBytes - kSealBytes);
}

std::string_view SealedRow::stored() const { return StoredPart(value()); }

absl::Status DamagedRow(std::string_view what) {
  return DataLoss("CORRUPT_STORE",
                  fmt::format("the stored row of {} is damaged: it doesn't match its checksum or "
                              "can't be parsed. Restore a backup",
                              what));
}

absl::StatusOr<std::string_view> Unseal(std::string_view key, std::string_view value,
                                        std::string_view what) {
  if (value.size() < kVersionBytes + kSealBytes) return DamagedRow(what);
  const std::string_view stored = StoredPart(value);
  std::string_view seal = value.substr(stored.size());
  if (Crc32c(Crc32c(0, key), stored) != TakeU32(&seal)) return DamagedRow(what);
  if (stored.back() != kRowVersion) {
    return FailedPrecondition(
        "ROW_FORMAT",
        fmt::format("the stored row of {} is of format version {}, and this server reads "
                    "version {}: run the server that wrote it, or restore a backup "
                    "of this one's",
                    what, static_cast<unsigned char>(stored.back()),
                    static_cast<unsigned char>(kRowVersion)));
  }
  return stored.substr(0, stored.size() - kVersionBytes);
}

std::string_view StoredPart(std::string_view value) {
  return value.substr(0, value.size() - std::min(value.size(), kSealBytes));
}

std::string EncodePromptRow(const PromptRow& row) {
  std::string content;
  AppendU32(row.latest_version, &content);
  content += static_cast<char>(row.archived ? 1 : 0);
  const int64_t seconds = absl::ToUnixSeconds(row.update_time);
  AppendU64(static_cast<uint64_t>(seconds), &content);
  AppendU32(static_cast<uint32_t>(
                absl::ToInt64Nanoseconds(row.update_time - absl::FromUnixSeconds(seconds))),
            &content);
  AppendBytes(row.digest, &content);
  AppendList(row.dependencies, &content);
  AppendList(row.names, &content);
  return content;
}

std::optional<PromptRow> DecodePromptRow(std::string_view prompt, std::string_view content) {
  FieldReader reader(content);
  PromptRow row;
  row.prompt = prompt;
  row.latest_version = reader.U32();
  row.archived = reader.U8() != 0;
  const auto seconds = static_cast<int64_t>(reader.U64());
  row.update_time = absl::FromUnixSeconds(seconds) + absl::Nanoseconds(reader.U32());
  row.digest = reader.Bytes();
  row.dependencies = reader.List();
  row.names = reader.List();
  if (!reader.Finished()) return std::nullopt;
  return row;
}

std::string EncodeRecordCounts(const RecordCounts& counts) {
  std::string content;
  AppendU64(counts.intents, &content);
  AppendU64(counts.outcomes, &content);
  AppendU64(counts.scores, &content);
  return content;
}

std::optional<RecordCounts> DecodeRecordCounts(std::string_view content) {
  FieldReader reader(content);
  RecordCounts counts;
  counts.intents = reader.U64();
  counts.outcomes = reader.U64();
  constexpr size_t kBytesWithoutScores = 16;
  if (content.size() > kBytesWithoutScores) counts.scores = reader.U64();
  if (!reader.Finished()) return std::nullopt;
  return counts;
}

std::string EncodeRequestRow(const RequestRow& row) {
  std::string content;
  AppendBytes(row.request_digest, &content);
  AppendBytes(row.response, &content);
  return content;
}

std::optional<RequestRow> DecodeRequestRow(std::string_view content) {
  FieldReader reader(content);
  RequestRow row;
  row.request_digest = reader.Bytes();
  row.response = reader.Bytes();
  if (!reader.Finished()) return std::nullopt;
  return row;
}

}  // namespace colophon
