#include "service/record/record_ids.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "fmt/format.h"
#include "service/base/hash.h"
#include "service/base/ids.h"
#include "service/base/reference.h"
#include "service/store/store_errors.h"

namespace colophon {
namespace {

constexpr size_t kLeastDigits = 8;
constexpr size_t kAllDigits = 32;
constexpr int kMostTold = 5;

// With as many of `digit` behind it as make it an id.
std::string FilledWith(char digit, std::string digits) {
  digits.resize(kAllDigits, digit);
  return UuidFromBytes(HexDecode(digits).value_or(std::string(kAllDigits / 2, '\0')));
}

}  // namespace

absl::StatusOr<std::string> FindRecordId(RecordStore* store, const std::string& given) {
  if (UuidToBytes(given)) return given;
  std::string digits = absl::StrReplaceAll(given, {{"-", ""}});
  absl::AsciiStrToLower(&digits);
  const bool is_hex = std::all_of(digits.begin(), digits.end(), absl::ascii_isxdigit);
  if (!is_hex || digits.size() < kLeastDigits || digits.size() > kAllDigits) {
    return InvalidArgument(
        "BAD_RECORD_ID",
        fmt::format("{} is not a record id: it is a UUID such as "
                    "0198f2c4-5b1e-7c3a-9d2f-8e4b6a1c0d37, or its first {} or more hex digits",
                    Quoted(given), kLeastDigits));
  }
  ASSIGN_OR_RETURN(
      std::vector<std::string> ids,
      store->ListRecordIds(FilledWith('0', digits), FilledWith('f', digits), kMostTold + 1));
  if (ids.empty()) return RecordNotFound(given);
  if (ids.size() == 1) return std::move(ids[0]);
  const bool more = ids.size() > kMostTold;
  if (more) ids.resize(kMostTold);
  return InvalidArgument(
      "AMBIGUOUS_RECORD_ID",
      fmt::format("{} begins the ids of several records: {}{}; write more of it", Quoted(given),
                  absl::StrJoin(ids, ", "), more ? " and more" : ""));
}

}  // namespace colophon
