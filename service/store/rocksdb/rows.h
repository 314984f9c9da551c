#pragma once

// Values of the store. NOTE: the persistent format.
//
//   sealed value   content crc[4]     CRC-32C, big-endian, of key and content:
//                                     a row under another row's key is damage
//   prompt row     u8:1 u32:latest_version u8:archived i64:seconds
//                  u32:nanoseconds bytes:digest list:dependencies list:names
//   counts row     u64:intents u64:outcomes
//   request row    u8:1 bytes:request_digest bytes:response
//   bytes          u32:size content
//   list           u32:count bytes...

#include <optional>
#include <string>
#include <string_view>

#include "google/protobuf/message_lite.h"
#include "service/store/rocksdb/column_families.h"
#include "service/store/store.h"

namespace colophon {

// A key and its sealed value in one buffer, ready to be written.
class SealedRow {
 public:
  SealedRow(Family family, std::string key, std::string_view content);
  SealedRow(Family family, std::string key, const google::protobuf::MessageLite& content);

  Family family() const { return family_; }
  std::string_view key() const { return std::string_view(bytes_).substr(0, key_size_); }
  std::string_view value() const { return std::string_view(bytes_).substr(key_size_); }
  // Without the seal: what was serialized.
  std::string_view content() const;
  size_t size() const { return bytes_.size(); }

 private:
  void Seal();

  Family family_;
  size_t key_size_;
  std::string bytes_;
};

// What is stored must be readable: protobuf writes text that is not UTF-8 and
// then refuses to read it. INVALID_ARGUMENT BAD_RECORD.
template <class Message>
absl::Status CheckReadable(const SealedRow& row) {
  Message message;
  if (message.ParseFromArray(row.content().data(), static_cast<int>(row.content().size()))) {
    return absl::OkStatus();
  }
  return InvalidArgument("BAD_RECORD",
                         "a record holds text that is not UTF-8: put bytes into a media part");
}

// The content of a sealed value; nullopt when it is damaged.
std::optional<std::string_view> Unseal(std::string_view key, std::string_view value);

std::string EncodePromptRow(const PromptRow& row);
// `prompt` comes from the key.
std::optional<PromptRow> DecodePromptRow(std::string_view prompt, std::string_view content);

// How many rows of a repository's records were written.
struct RecordCounts {
  uint64_t intents = 0;
  uint64_t outcomes = 0;

  friend bool operator==(const RecordCounts&, const RecordCounts&) = default;
};

std::string EncodeRecordCounts(const RecordCounts& counts);
std::optional<RecordCounts> DecodeRecordCounts(std::string_view content);

std::string EncodeRequestRow(const RequestRow& row);
std::optional<RequestRow> DecodeRequestRow(std::string_view content);

}  // namespace colophon
