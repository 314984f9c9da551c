#pragma once

#include <string>
#include <vector>

#include "client/cli/output.h"

namespace colophon {

// Rows of short texts: aligned under a heading on a terminal, with the widest
// columns cut so that a row is a line; in a pipe tab-separated, without a
// heading and whole.
class Table {
 public:
  explicit Table(std::vector<std::string> heading) : heading_(std::move(heading)) {}

  // As many cells as the heading has. Of each the first line is shown.
  void Add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  // Of one column; plain when it isn't called.
  void SetStyle(size_t column, Style style);
  // Never cut: what is copied from it must work.
  void SetWhole(size_t column);
  // Left out, the one that was set first, where not all columns fit whole.
  void SetOptional(size_t column) { optional_.push_back(column); }
  void Print(const Output& output) const;

 private:
  std::vector<size_t> ColumnsThatFit(int room, const std::vector<int>& widths) const;
  void Narrow(int room, const std::vector<size_t>& columns, std::vector<int>* widths) const;
  void PrintAligned(const Output& output) const;

  const std::vector<std::string> heading_;
  std::vector<Style> styles_;
  std::vector<bool> whole_;
  std::vector<size_t> optional_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace colophon
