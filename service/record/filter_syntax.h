#pragma once

// The filter language of AIP-160, read without knowing any field:
//
//   filter   = [ any ]
//   any      = part { "AND" part } | part { "OR" part } | part { part }
//   part     = [ "NOT" | "-" ] simple
//   simple   = "(" any ")" | term
//   term     = path comparator value
//   path     = name { "." name }
//   name     = 1*( letter | digit | "_" | "-" ) | quoted
//   comparator = "=" | "!=" | "<" | "<=" | ">" | ">=" | ":"
//   value    = 1*( any but white space, quotes and parentheses ) | quoted
//   quoted   = '"' { char | "\" char } '"', or the same in "'"
//
// Parts beside each other are joined by AND. In AIP-160 OR binds closer than AND, in most
// other languages it is the other way round: both in one row are refused, and parentheses
// say which is meant.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/status.h"

namespace colophon {

enum class Comparator { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual, kHas };

// "<="
std::string_view TextOf(Comparator comparator);
// `order` is -1, 0 or 1 as what a record has is less than, equal to or greater than what it
// is compared with.
bool Holds(Comparator comparator, int order);

// `latency > 2s`
struct FilterTerm {
  std::vector<std::string> path;  // Never empty.
  Comparator comparator = Comparator::kEqual;
  std::string value;
  bool quoted = false;
  // Where they begin, in bytes.
  size_t path_at = 0;
  size_t value_at = 0;

  std::string PathText() const;
  // `FIELD : *`: it has one.
  bool IsPresence() const { return comparator == Comparator::kHas && !quoted && value == "*"; }
};

struct FilterNode {
  enum class Kind { kTerm, kAnd, kOr, kNot };
  Kind kind = Kind::kTerm;
  FilterTerm term;                   // kTerm.
  std::vector<FilterNode> children;  // One of kNot; two or more of kAnd and kOr.
};

inline constexpr size_t kMaxFilterBytes = 4'096;
inline constexpr int kMaxFilterTerms = 100;

// nullopt: an empty filter. INVALID_ARGUMENT BAD_FILTER.
absl::StatusOr<std::optional<FilterNode>> ParseFilter(std::string_view text);

// "filter, column 9: …" with the column, counted in characters from 1, in the metadata.
absl::Status BadFilter(std::string_view text, size_t at, std::string_view message);

}  // namespace colophon
