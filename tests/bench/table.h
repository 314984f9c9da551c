#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/json.h"

namespace colophon::bench {

struct Goal {
  enum class Kind { kNone, kAtLeast, kAtMost };
  Kind kind = Kind::kNone;
  double bound = 0;

  static Goal AtLeast(double bound) { return {Kind::kAtLeast, bound}; }
  static Goal AtMost(double bound) { return {Kind::kAtMost, bound}; }
};

// One line of the table. What is compared with the goal is the median of
// ours[i] / theirs[i], each pair from one round; without `theirs`, of ours[i].
struct Row {
  std::string measure;         // "M1"
  std::string what;            // "GetVersion by label"
  std::string against;         // "bare gRPC echo"; empty with an absolute goal.
  std::string unit;            // Of both sides, "calls/s".
  std::vector<double> ours;    // One a round.
  std::vector<double> theirs;  // Likewise, or empty.
  Goal goal;

  std::vector<double> Compared() const;
  // nullopt without a goal.
  std::optional<bool> Met() const;
};

// What was measured and what could not be.
class Table {
 public:
  void Add(Row row) { rows_.push_back(std::move(row)); }
  // A line of explanation, printed below the tables: "M1: GetVersionResponse has 2,345 bytes".
  void Note(std::string_view measure, std::string_view text);
  void NotMeasured(std::string_view measure, std::string_view why);

  // For people.
  std::string Format() const;
  // For programs: every round of every row.
  json::object ToJson() const;

 private:
  struct Remark {
    std::string measure;
    std::string text;
  };
  std::vector<Row> rows_;
  std::vector<Remark> notes_;
  std::vector<Remark> not_measured_;
};

// "18,300", "0.973", "0.0042": three digits that count, all of a whole number.
std::string FormatNumber3(double number);

}  // namespace colophon::bench
