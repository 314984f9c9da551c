#pragma once

// A change in pages. One edit of a partial may publish every prompt there is, and
// no message, row or answer should be as large as a repository.

#include <cstddef>
#include <functional>
#include <vector>

#include "colophon/v1/registry.pb.h"
#include "service/store/store.h"

namespace colophon {

// The rows of a page, all lists together, unless one row alone has more.
inline constexpr size_t kChangePageBytes = 256 << 10;

// The pages of a whole change, in order. Its lists go on from page to page in the
// order of their fields; what isn't a list is in each of them. `next_page_token`
// is the number of the next page, from "2". A change that fits is its only page,
// as it is.
std::vector<v1::Change> SplitChange(const v1::Change& change);

// The first of them.
v1::Change FirstPage(v1::Change change);

// Reads the pages after `first`, which the store gave, until `visit` says false.
absl::Status ReadPagesAfter(Store* store, const v1::Change& first,
                            const std::function<bool(const v1::Change&)>& visit);

// What is told of a change that nothing keeps, so that its other pages can't be
// asked for: as many rows as a page holds, versions after all others.
// `version_count` says how many there are.
v1::Change CutToPage(v1::Change change);

}  // namespace colophon
