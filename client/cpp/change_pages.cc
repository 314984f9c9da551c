#include "client/cpp/change_pages.h"

namespace colophon {

absl::Status ReadChangePages(const Client& client, const v1::Change& first,
                             const CallOptions& options,
                             const std::function<bool(const v1::Change&)>& visit) {
  v1::GetChangeRequest request;
  request.set_repository(first.repository());
  request.set_sequence(first.sequence());
  request.set_page_token(first.next_page_token());
  while (!request.page_token().empty()) {
    ASSIGN_OR_RETURN(const v1::GetChangeResponse response, client.GetChange(request, options));
    if (!visit(response.change())) break;
    request.set_page_token(response.change().next_page_token());
  }
  return absl::OkStatus();
}

}  // namespace colophon
