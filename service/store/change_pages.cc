#include "service/store/change_pages.h"

#include <algorithm>
#include <string>
#include <utility>

namespace colophon {
namespace {

template <class Row>
using Rows = google::protobuf::RepeatedPtrField<Row>;
template <class Row>
using List = Rows<Row>* (v1::Change::*)();

// What a row takes in a message beside its own bytes: key and length.
constexpr size_t kRowOverhead = 6;

size_t SizeOf(const std::string& row) { return row.size() + kRowOverhead; }
template <class Message>
size_t SizeOf(const Message& row) {
  return row.ByteSizeLong() + kRowOverhead;
}

template <class Row>
size_t SizeOfRows(const Rows<Row>& rows) {
  size_t size = 0;
  for (const auto& row : rows) size += SizeOf(row);
  return size;
}

size_t SizeOfAllRows(const v1::Change& change) {
  return SizeOfRows(change.versions()) + SizeOfRows(change.label_moves()) +
         SizeOfRows(change.archived_prompts()) + SizeOfRows(change.paths());
}

// The change without its lists.
v1::Change HeaderOf(const v1::Change& change) {
  v1::Change header;
  header.set_repository(change.repository());
  header.set_sequence(change.sequence());
  header.set_commit(change.commit());
  header.set_branch(change.branch());
  header.set_author(change.author());
  header.set_description(change.description());
  if (change.has_change_time()) *header.mutable_change_time() = change.change_time();
  header.set_version_count(std::max(change.version_count(), change.versions_size()));
  return header;
}

// Fills one page after the other.
class Splitter {
 public:
  explicit Splitter(const v1::Change& change) : header_(HeaderOf(change)), pages_({header_}) {}

  // `list` is v1::Change::mutable_….
  template <class Row>
  void Add(const Rows<Row>& rows, List<Row> list) {
    for (const auto& row : rows) {
      const size_t size = SizeOf(row);
      if (size_ > 0 && size_ + size > kChangePageBytes) {
        pages_.back().set_next_page_token(std::to_string(pages_.size() + 1));
        pages_.push_back(header_);
        size_ = 0;
      }
      size_ += size;
      *(pages_.back().*list)()->Add() = row;
    }
  }

  std::vector<v1::Change> Pages() && { return std::move(pages_); }

 private:
  const v1::Change header_;
  std::vector<v1::Change> pages_;
  size_t size_ = 0;  // Of the last page's rows.
};

// Copies rows while there is room.
template <class Row>
void CopyRows(const Rows<Row>& rows, List<Row> list, v1::Change* page, size_t* size) {
  for (const auto& row : rows) {
    *size += SizeOf(row);
    if (*size > kChangePageBytes) return;
    *(page->*list)()->Add() = row;
  }
}

}  // namespace

std::vector<v1::Change> SplitChange(const v1::Change& change) {
  if (SizeOfAllRows(change) <= kChangePageBytes) return {change};
  Splitter splitter(change);
  splitter.Add(change.versions(), &v1::Change::mutable_versions);
  splitter.Add(change.label_moves(), &v1::Change::mutable_label_moves);
  splitter.Add(change.archived_prompts(), &v1::Change::mutable_archived_prompts);
  splitter.Add(change.paths(), &v1::Change::mutable_paths);
  return std::move(splitter).Pages();
}

v1::Change FirstPage(v1::Change change) {
  if (SizeOfAllRows(change) <= kChangePageBytes) return change;
  return std::move(SplitChange(change).front());
}

absl::Status ReadPagesAfter(Store* store, const v1::Change& first,
                            const std::function<bool(const v1::Change&)>& visit) {
  bool has_more = !first.next_page_token().empty();
  for (uint32_t number = 2; has_more; ++number) {
    ASSIGN_OR_RETURN(const v1::Change page,
                     store->GetChangePage(first.repository(), first.sequence(), number));
    has_more = visit(page) && !page.next_page_token().empty();
  }
  return absl::OkStatus();
}

v1::Change CutToPage(v1::Change change) {
  if (SizeOfAllRows(change) <= kChangePageBytes) return change;
  v1::Change page = HeaderOf(change);
  size_t size = 0;
  CopyRows(change.label_moves(), &v1::Change::mutable_label_moves, &page, &size);
  CopyRows(change.archived_prompts(), &v1::Change::mutable_archived_prompts, &page, &size);
  CopyRows(change.paths(), &v1::Change::mutable_paths, &page, &size);
  CopyRows(change.versions(), &v1::Change::mutable_versions, &page, &size);
  return page;
}

}  // namespace colophon
