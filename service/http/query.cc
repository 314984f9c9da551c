#include "service/http/query.h"

#include <algorithm>

#include "fmt/format.h"
#include "service/base/percent.h"
#include "service/base/reference.h"

namespace colophon {

namespace {

// Of a form: "+" is a blank.
std::string FormDecoded(std::string_view text) {
  std::string blanks(text);
  std::replace(blanks.begin(), blanks.end(), '+', ' ');
  return PercentDecoded(blanks);
}

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> ReadQuery(std::string_view target) {
  std::map<std::string, std::string> query;
  const size_t mark = target.find('?');
  std::string_view rest = mark == target.npos ? "" : target.substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const size_t equals = pair.find('=');
    if (!IsPercentEncoded(pair)) {
      return InvalidArgument("BAD_REQUEST",
                             fmt::format("{} of the query isn't percent-encoded", Quoted(pair)));
    }
    query[FormDecoded(pair.substr(0, equals))] =
        FormDecoded(equals == pair.npos ? std::string_view() : pair.substr(equals + 1));
  }
  return query;
}

}  // namespace colophon
