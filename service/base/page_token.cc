#include "service/base/page_token.h"

#include <charconv>

#include "fmt/format.h"
#include "service/base/hash.h"

namespace colophon {
namespace {

constexpr size_t kCheckSize = 8;

absl::Status BadToken() {
  return InvalidArgument("BAD_PAGE_TOKEN",
                         "the page token is not one of this list; pass on next_page_token with the "
                         "same request, or leave it empty to begin again");
}

std::string Check(std::string_view list, std::string_view position) {
  const Sha256Digest digest = Sha256(fmt::format("{}\n{}", list, position));
  return std::string(digest.begin(), digest.begin() + kCheckSize);
}

}  // namespace

std::string MakePageToken(std::string_view list, std::string_view position) {
  return HexEncode(Check(list, position) + std::string(position));
}

absl::StatusOr<std::string> ReadPageToken(std::string_view list, std::string_view token) {
  if (token.empty()) return "";
  const auto bytes = HexDecode(token);
  if (!bytes || bytes->size() <= kCheckSize) return BadToken();
  std::string position = bytes->substr(kCheckSize);
  if (bytes->substr(0, kCheckSize) != Check(list, position)) return BadToken();
  return position;
}

absl::StatusOr<int64_t> ReadPageNumber(std::string_view list, std::string_view token) {
  ASSIGN_OR_RETURN(const std::string position, ReadPageToken(list, token));
  if (position.empty()) return 0;
  int64_t number = 0;
  const char* const end = position.data() + position.size();
  const auto [rest, error] = std::from_chars(position.data(), end, number);
  if (error != std::errc() || rest != end || number < 1) return BadToken();
  return number;
}

}  // namespace colophon
