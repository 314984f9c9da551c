#include "service/http/query.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/escaping.h"
#include "fmt/format.h"
#include "service/base/reference.h"

namespace colophon {

std::optional<std::string> PercentDecoded(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      const std::string_view digits = text.substr(i + 1, 2);
      const bool is_hex =
          digits.size() == 2 && std::all_of(digits.begin(), digits.end(), [](char c) {
            return std::isxdigit(static_cast<unsigned char>(c)) != 0;
          });
      if (!is_hex) return std::nullopt;
      decoded += absl::HexStringToBytes({digits.data(), digits.size()});
      i += 2;
    }
  }
  return decoded;
}

absl::StatusOr<std::map<std::string, std::string>> ReadQuery(std::string_view target) {
  std::map<std::string, std::string> query;
  const size_t mark = target.find('?');
  std::string_view rest = mark == target.npos ? "" : target.substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const size_t equals = pair.find('=');
    const auto name = PercentDecoded(pair.substr(0, equals));
    const auto value =
        PercentDecoded(equals == pair.npos ? std::string_view() : pair.substr(equals + 1));
    if (!name || !value) {
      return InvalidArgument("BAD_REQUEST",
                             fmt::format("{} of the query isn't percent-encoded", Quoted(pair)));
    }
    query[*name] = *value;
  }
  return query;
}

}  // namespace colophon
