#pragma once

// Pages of lists: their sizes, and by the header below their tokens.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "colophon/v1/registry.pb.h"
#include "google/protobuf/repeated_field.h"
#include "service/base/page_token.h"
#include "service/base/status.h"

namespace colophon {

// 0 means 100, more than 1,000 means 1,000; INVALID_ARGUMENT BAD_PAGE_SIZE for
// a negative one.
absl::StatusOr<int> PageSize(int32_t requested);

// What the rows of a page take at most, unless one row alone has more: half of
// what a client takes by default, 4 MiB.
inline constexpr size_t kPageBytes = 2 << 20;

// A page as it is filled: so many rows, and so many bytes whatever the rows are.
template <class Item>
class Page {
 public:
  explicit Page(int size) : size_(size) {}

  // False, and the item isn't taken, when the page is full: there is more.
  bool Add(Item item) {
    bytes_ += item.ByteSizeLong();
    if (std::ssize(items_) == size_ || (bytes_ > kPageBytes && !items_.empty())) {
      has_more_ = true;
      return false;
    }
    items_.push_back(std::move(item));
    return true;
  }

  bool has_more() const { return has_more_; }
  // How many rows more it may take.
  int room() const { return size_ - static_cast<int>(items_.size()); }
  const std::vector<Item>& items() const { return items_; }
  void MoveTo(google::protobuf::RepeatedPtrField<Item>* list) && {
    list->Reserve(static_cast<int>(items_.size()));
    for (Item& item : items_) list->Add(std::move(item));
  }

 private:
  const int size_;
  std::vector<Item> items_;
  size_t bytes_ = 0;
  bool has_more_ = false;
};

// The store names the next page of a change by its number; an answer by a token.
void SealPageToken(v1::Change* change);
// The number; 1 for an empty token. INVALID_ARGUMENT BAD_PAGE_TOKEN.
absl::StatusOr<uint32_t> ReadChangePageToken(const std::string& repository, int64_t sequence,
                                             std::string_view token);

}  // namespace colophon
