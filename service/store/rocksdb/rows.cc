#include "service/store/rocksdb/rows.h"

#include <vector>

#include "service/store/rocksdb/crc32c.h"
#include "service/store/rocksdb/keys.h"

namespace colophon {
namespace {

constexpr size_t kSealBytes = 4;
constexpr char kRowFormat = 1;

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
  bytes_.reserve(key_size_ + content.size() + kSealBytes);
  bytes_ += content;
  Seal();
}

SealedRow::SealedRow(Family family, std::string key, const google::protobuf::MessageLite& content)
    : family_(family), key_size_(key.size()), bytes_(std::move(key)) {
  bytes_.reserve(key_size_ + content.ByteSizeLong() + kSealBytes);
  content.AppendToString(&bytes_);
  Seal();
}

void SealedRow::Seal() { AppendU32(Crc32c(0, bytes_), &bytes_); }

std::string_view SealedRow::content() const {
  return value().substr(0, value().size() - kSealBytes);
}

std::optional<std::string_view> Unseal(std::string_view key, std::string_view value) {
  if (value.size() < kSealBytes) return std::nullopt;
  const std::string_view content = value.substr(0, value.size() - kSealBytes);
  std::string_view seal = value.substr(content.size());
  if (Crc32c(Crc32c(0, key), content) != TakeU32(&seal)) return std::nullopt;
  return content;
}

std::string EncodePromptRow(const PromptRow& row) {
  std::string content(1, kRowFormat);
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
  if (reader.U8() != kRowFormat) return std::nullopt;
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
  return content;
}

std::optional<RecordCounts> DecodeRecordCounts(std::string_view content) {
  FieldReader reader(content);
  RecordCounts counts;
  counts.intents = reader.U64();
  counts.outcomes = reader.U64();
  if (!reader.Finished()) return std::nullopt;
  return counts;
}

std::string EncodeRequestRow(const RequestRow& row) {
  std::string content(1, kRowFormat);
  AppendBytes(row.request_digest, &content);
  AppendBytes(row.response, &content);
  return content;
}

std::optional<RequestRow> DecodeRequestRow(std::string_view content) {
  FieldReader reader(content);
  if (reader.U8() != kRowFormat) return std::nullopt;
  RequestRow row;
  row.request_digest = reader.Bytes();
  row.response = reader.Bytes();
  if (!reader.Finished()) return std::nullopt;
  return row;
}

}  // namespace colophon
