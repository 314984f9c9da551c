#include "client/cli/table.h"

#include <algorithm>

#include "client/cli/text.h"

namespace colophon {
namespace {

constexpr int kGap = 2;
constexpr int kLeastLastColumn = 12;

std::string Padded(const std::string& text, int width) {
  return text + std::string(std::max(0, width - DisplayWidth(text)), ' ');
}

}  // namespace

void Table::SetStyle(size_t column, Style style) {
  styles_.resize(std::max(styles_.size(), column + 1), Style::kPlain);
  styles_[column] = style;
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
  const size_t last = heading_.size() - 1;
  int before = 0;
  for (size_t i = 0; i < last; ++i) before += widths[i] + kGap;
  const int room = std::max(kLeastLastColumn, output.width() - before);

  const std::string gap(kGap, ' ');
  std::string line;
  for (size_t i = 0; i < last; ++i) line += Padded(heading_[i], widths[i]) + gap;
  output.Line(output.Styled(Style::kDim, line + heading_[last]));
  for (const std::vector<std::string>& cells : visible) {
    line.clear();
    for (size_t i = 0; i <= last; ++i) {
      const Style style = i < styles_.size() ? styles_[i] : Style::kPlain;
      line += output.Styled(
          style, i == last ? Truncate(cells[i], room) : Padded(cells[i], widths[i]) + gap);
    }
    output.Line(line);
  }
}

}  // namespace colophon
