#pragma once

#include <algorithm>
#include <utility>

#include "client/cpp/client.h"

namespace colophon {

// All pages of a list as one response, at most `limit` items; 0: all. The
// response keeps the token of the next page when there is more.
template <class Request, class Response, class Items>
absl::StatusOr<Response> ReadPages(const Client& client,
                                   absl::StatusOr<Response> (Client::*list)(const Request&,
                                                                            const CallOptions&)
                                       const,
                                   Request request, int limit, Items* (Response::*items)()) {
  constexpr int kLargestPage = 1000;
  Response all;
  do {
    const int missing = limit - (all.*items)()->size();
    request.set_page_size(limit == 0 ? kLargestPage : std::min(missing, kLargestPage));
    ASSIGN_OR_RETURN(Response page, (client.*list)(request, {}));
    request.set_page_token(page.next_page_token());
    all.MergeFrom(page);
    all.set_next_page_token(page.next_page_token());
  } while (!request.page_token().empty() && (limit == 0 || (all.*items)()->size() < limit));
  return all;
}

}  // namespace colophon
