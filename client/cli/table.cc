#include "client/cli/table.h"

#include <algorithm>
#include <numeric>

#include "client/cli/text.h"

namespace colophon {
namespace {

constexpr int kGap = 2;
// Narrower than this a text says nothing.
constexpr int kLeastWidth = 8;

std::string Padded(const std::string& text, int width) {
  return text + std::string(std::max(0, width - DisplayWidth(text)), ' ');
}

}  // namespace

void Table::SetStyle(size_t column, Style style) {
  styles_.resize(std::max(styles_.size(), column + 1), Style::kPlain);
  styles_[column] = style;
}

void Table::SetWhole(size_t column) {
  whole_.resize(std::max(whole_.size(), column + 1), false);
  whole_[column] = true;
}

void Table::Print(const Output& output) const {
  if (output.terminal()) {
    PrintAligned(output);
    return;
  }
  for (const std::vector<std::string>& row : rows_) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) line += (i == 0 ? "" : "\t") + FirstLine(row[i]);
    output.Line(line);
  }
}

// All but the optional ones that have to go.
std::vector<size_t> Table::ColumnsThatFit(int room, const std::vector<int>& widths) const {
  std::vector<size_t> columns(widths.size());
  std::iota(columns.begin(), columns.end(), size_t{0});
  for (const size_t optional : optional_) {
    int total = kGap * (static_cast<int>(columns.size()) - 1);
    for (const size_t column : columns) total += widths[column];
    if (total <= room) break;
    columns.erase(std::find(columns.begin(), columns.end(), optional));
  }
  return columns;
}

// Takes from the widest columns until all fit. Where even that isn't enough
// the terminal wraps, and nothing more is lost.
void Table::Narrow(int room, const std::vector<size_t>& columns, std::vector<int>* widths) const {
  int total = kGap * (static_cast<int>(columns.size()) - 1);
  for (const size_t column : columns) total += (*widths)[column];
  for (; total > room; --total) {
    int* widest = nullptr;
    for (const size_t i : columns) {
      int& width = (*widths)[i];
      const bool whole = i < whole_.size() && whole_[i];
      const int least = std::max(kLeastWidth, DisplayWidth(heading_[i]));
      if (!whole && width > least && (widest == nullptr || width > *widest)) widest = &width;
    }
    if (widest == nullptr) return;
    --*widest;
  }
}

void Table::PrintAligned(const Output& output) const {
  if (rows_.empty()) return;
  std::vector<int> widths;
  for (const std::string& name : heading_) widths.push_back(DisplayWidth(name));
  std::vector<std::vector<std::string>> visible;
  for (const std::vector<std::string>& row : rows_) {
    std::vector<std::string>& cells = visible.emplace_back();
    for (size_t i = 0; i < row.size(); ++i) {
      cells.push_back(Visible(FirstLine(row[i])));
      widths[i] = std::max(widths[i], DisplayWidth(cells[i]));
    }
  }
  const std::vector<size_t> columns = ColumnsThatFit(output.width(), widths);
  Narrow(output.width(), columns, &widths);

  const std::string gap(kGap, ' ');
  std::string line;
  for (const size_t i : columns) {
    line += i == columns.back() ? heading_[i] : Padded(heading_[i], widths[i]) + gap;
  }
  output.Line(output.Styled(Style::kDim, line));
  for (const std::vector<std::string>& cells : visible) {
    line.clear();
    for (const size_t i : columns) {
      const Style style = i < styles_.size() ? styles_[i] : Style::kPlain;
      const std::string cell = Truncate(cells[i], widths[i]);
      line += i == columns.back() ? output.Styled(style, cell)
                                  : output.Styled(style, Padded(cell, widths[i])) + gap;
    }
    output.Line(line);
  }
}

}  // namespace colophon
