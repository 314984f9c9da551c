#include "client/cli/moment.h"

#include <charconv>

#include "client/cli/arguments.h"
#include "fmt/format.h"
#include "service/base/clock.h"

namespace colophon {

absl::StatusOr<int64_t> SequenceAt(const Client& client, const std::string& name,
                                   const std::string& at) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(at.data(), at.data() + at.size(), number);
  if (error == std::errc() && end == at.data() + at.size()) return number;
  ASSIGN_OR_RETURN(const absl::Time time, ParseTime(at, Clock::Real()->Now()));
  v1::ListChangesRequest request;
  request.set_name(name.substr(0, name.find('/')));
  while (true) {
    ASSIGN_OR_RETURN(const auto page, client.ListChanges(request));
    for (const v1::Change& change : page.changes()) {
      if (FromProto(change.change_time()) <= time) return change.sequence();
    }
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  return NotFound("BEFORE_FIRST", fmt::format("{} had no change yet at {}", request.name(), at));
}

}  // namespace colophon
