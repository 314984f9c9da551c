#pragma once

// Values of the store. NOTE: the persistent format.
//
//   sealed value   content u8:version crc[4]
//                                     CRC-32C, big-endian, of the key and what stands
//                                     before it: a row under another row's key is damage
//   version        of the format of what stands before it: 1
//   prompt row     u32:latest_version u8:archived i64:seconds
//                  u32:nanoseconds bytes:digest list:dependencies list:names
//   counts row     u64:intents u64:outcomes u64:scores; without scores before there were any
//   request row    bytes:request_digest bytes:response
//   bytes          u32:size content
//   list           u32:count bytes...

#include <optional>
#include <string>
#include <string_view>

#include "google/protobuf/message_lite.h"
#include "service/store/rocksdb/column_families.h"
#include "service/store/store.h"
#include "service/store/store_errors.h"

namespace colophon {

// A key and its sealed value in one buffer, ready to be written.
class SealedRow {
 public:
  SealedRow(Family family, std::string key, std::string_view content);
  SealedRow(Family family, std::string key, const google::protobuf::MessageLite& content);

  Family family() const { return family_; }
  std::string_view key() const { return std::string_view(bytes_).substr(0, key_size_); }
  std::string_view value() const { return std::string_view(bytes_).substr(key_size_); }
  // Without version and seal: what was serialized.
  std::string_view content() const;
  // Without the seal.
  std::string_view stored() const;
  size_t size() const { return bytes_.size(); }

 private:
  void Seal();

  Family family_;
  size_t key_size_;
  std::string bytes_;
};

// What is stored must be readable. INVALID_ARGUMENT BAD_RECORD.
template <class Message>
absl::Status CheckReadable(const SealedRow& row) {
  Message message;
  if (message.ParseFromArray(row.content().data(), static_cast<int>(row.content().size()))) {
    return absl::OkStatus();
  }
  return RecordNotUtf8();
}

// DATA_LOSS CORRUPT_STORE for a row whose seal or content is wrong.
absl::Status DamagedRow(std::string_view what);

// The content of a sealed value. `what` names the row in errors, "change 12".
// DATA_LOSS CORRUPT_STORE when it is damaged, FAILED_PRECONDITION ROW_FORMAT
// when it is of a version that isn't known.
absl::StatusOr<std::string_view> Unseal(std::string_view key, std::string_view value,
                                        std::string_view what);
// A sealed value without its seal, unchecked.
std::string_view StoredPart(std::string_view value);

std::string EncodePromptRow(const PromptRow& row);
// `prompt` comes from the key.
std::optional<PromptRow> DecodePromptRow(std::string_view prompt, std::string_view content);

// How many rows of a repository's records were written, and scores of them.
struct RecordCounts {
  uint64_t intents = 0;
  uint64_t outcomes = 0;
  uint64_t scores = 0;

  friend bool operator==(const RecordCounts&, const RecordCounts&) = default;
};

std::string EncodeRecordCounts(const RecordCounts& counts);
std::optional<RecordCounts> DecodeRecordCounts(std::string_view content);

std::string EncodeRequestRow(const RequestRow& row);
std::optional<RequestRow> DecodeRequestRow(std::string_view content);

}  // namespace colophon
