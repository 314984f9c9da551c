#include "tests/bench/table.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fmt/format.h"
#include "tests/bench/stats.h"

namespace colophon::bench {
namespace {

using Cells = std::vector<std::string>;

// Columns as wide as their widest cell.
std::string FormatCells(const std::vector<Cells>& lines) {
  std::vector<size_t> widths(lines.front().size());
  for (const Cells& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) {
      // "≥" and "–" are three bytes and one column.
      const auto tails =
          std::count_if(line[i].begin(), line[i].end(), [](char c) { return (c & 0xC0) == 0x80; });
      widths[i] = std::max(widths[i], line[i].size() - static_cast<size_t>(tails));
    }
  }
  std::string text;
  for (const Cells& line : lines) {
    std::string row;
    for (size_t i = 0; i < line.size(); ++i) row += fmt::format("{:<{}}  ", line[i], widths[i]);
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + "\n";
  }
  return text;
}

std::string FormatSpread(const std::vector<double>& values) {
  const Spread spread = SpreadOf(values);
  return fmt::format("{} ({}–{})", FormatNumber3(spread.median), FormatNumber3(spread.low),
                     FormatNumber3(spread.high));
}

std::string FormatGoal(const Row& row) {
  if (row.goal.kind == Goal::Kind::kNone) return "";
  const std::string unit = row.theirs.empty() ? " " + row.unit : "";
  const char* sign = row.goal.kind == Goal::Kind::kAtLeast ? "≥" : "≤";
  return fmt::format("{} {}{}", sign, FormatNumber3(row.goal.bound), unit);
}

std::string FormatMet(const Row& row) {
  const std::optional<bool> met = row.Met();
  if (!met) return "";
  return *met ? "met" : "MISSED";
}

json::array ToArray(const std::vector<double>& values) {
  json::array array;
  for (double value : values) array.push_back(value);
  return array;
}

json::string ToJsonString(const std::string& text) {
  return json::string(text.data(), text.size());
}

}  // namespace

std::vector<double> Row::Compared() const {
  if (theirs.empty()) return ours;
  std::vector<double> ratios;
  for (size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
    ratios.push_back(theirs[i] == 0 ? std::nan("") : ours[i] / theirs[i]);
  }
  return ratios;
}

std::optional<bool> Row::Met() const {
  if (goal.kind == Goal::Kind::kNone) return std::nullopt;
  const double median = Median(Compared());
  return goal.kind == Goal::Kind::kAtLeast ? median >= goal.bound : median <= goal.bound;
}

void Table::Note(std::string_view measure, std::string_view text) {
  notes_.push_back({std::string(measure), std::string(text)});
}

void Table::NotMeasured(std::string_view measure, std::string_view why) {
  not_measured_.push_back({std::string(measure), std::string(why)});
}

std::string Table::Format() const {
  std::string text;
  if (!rows_.empty()) {
    std::vector<Cells> ratios = {{"", "what", "against", "ratio (min–max)", "goal", ""}};
    std::vector<Cells> figures = {{"", "what", "unit", "Colophon (min–max)", "against (min–max)"}};
    for (const Row& row : rows_) {
      const std::string compared = FormatSpread(row.Compared());
      ratios.push_back({row.measure, row.what, row.theirs.empty() ? "-" : row.against,
                        row.theirs.empty() ? compared + " " + row.unit : compared, FormatGoal(row),
                        FormatMet(row)});
      figures.push_back({row.measure, row.what, row.unit, FormatSpread(row.ours),
                         row.theirs.empty() ? "-" : FormatSpread(row.theirs)});
    }
    text += FormatCells(ratios) + "\nAbsolute figures\n" + FormatCells(figures);
  }
  if (!notes_.empty()) text += "\nNotes\n";
  for (const Remark& note : notes_) text += fmt::format("{}: {}\n", note.measure, note.text);
  if (!not_measured_.empty()) text += "\nNot measured\n";
  for (const Remark& remark : not_measured_) {
    text += fmt::format("{}: {}\n", remark.measure, remark.text);
  }
  return text;
}

json::object Table::ToJson() const {
  json::array rows;
  for (const Row& row : rows_) {
    json::object object;
    object["measure"] = ToJsonString(row.measure);
    object["what"] = ToJsonString(row.what);
    object["unit"] = ToJsonString(row.unit);
    object["colophon"] = ToArray(row.ours);
    object["median"] = Median(row.Compared());
    if (!row.theirs.empty()) {
      object["against"] = ToJsonString(row.against);
      object["peer"] = ToArray(row.theirs);
      object["ratios"] = ToArray(row.Compared());
    }
    if (row.goal.kind != Goal::Kind::kNone) {
      object[row.goal.kind == Goal::Kind::kAtLeast ? "at_least" : "at_most"] = row.goal.bound;
      object["met"] = *row.Met();
    }
    rows.push_back(std::move(object));
  }
  auto remarks = [](const std::vector<Remark>& from) {
    json::array array;
    for (const Remark& remark : from) {
      array.push_back(json::object{{"measure", ToJsonString(remark.measure)},
                                   {"text", ToJsonString(remark.text)}});
    }
    return array;
  };
  return {{"rows", std::move(rows)},
          {"notes", remarks(notes_)},
          {"not_measured", remarks(not_measured_)}};
}

std::string FormatNumber3(double number) {
  if (!std::isfinite(number)) return "?";
  const double size = std::abs(number);
  if (size < 100) {
    const int digits = size == 0 ? 0 : 2 - static_cast<int>(std::floor(std::log10(size)));
    std::string text = fmt::format("{:.{}f}", number, std::clamp(digits, 0, 6));
    if (text.find('.') != std::string::npos) text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
  }
  std::string text = fmt::format("{:.0f}", number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > (number < 0 ? 1 : 0); at -= 3) {
    text.insert(static_cast<size_t>(at), ",");
  }
  return text;
}

}  // namespace colophon::bench
