#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "service/base/status.h"
#include "service/template/ast.h"
#include "service/template/renderer.h"
#include "service/template/scope.h"
#include "service/template/value.h"

namespace colophon {

// Works out expressions: paths, literals and helpers that give a value. Counts
// steps and keeps the strings that had to be made.
//
// After an error `ok()` is false and values mean nothing.
class Evaluator {
 public:
  explicit Evaluator(const RenderLimits& limits) : limits_(limits), steps_left_(limits.steps) {}

  Value Evaluate(const ast::Expression& expression, const Scope& scope);
  // A variable, or a helper that gives a value.
  Value Call(const ast::Call& call, const Scope& scope);
  Value HashArgument(const ast::Call& call, std::string_view key, const Scope& scope);

  bool StrictlyEqual(const Value& a, const Value& b);
  bool LooselyEqual(const Value& a, const Value& b);

  // What @partial-block is; null: there is none.
  static const Closed* PartialBlock(const DataScope* data);

  // Takes steps; an error when there are none left. `cost` is of work that
  // grows with the size of a value.
  bool Step(const Scope& scope, Position position, int64_t cost = 1);
  void Fail(absl::Status status);
  void FailLimit(const Scope& scope, Position position, std::string_view limit);
  bool ok() const { return status_.ok(); }
  const absl::Status& status() const { return status_; }
  std::deque<std::string>* arena() { return &arena_; }

 private:
  Value Path(const ast::Path& path, Position position, const Scope& scope);
  Value Json(const ast::Call& call, const Scope& scope);
  Value Lookup(const ast::Call& call, const Scope& scope);
  Value Descend(const Value& value, const ast::Segment& key);

  const RenderLimits& limits_;
  int64_t steps_left_;
  int64_t scratch_bytes_ = 0;
  std::deque<std::string> arena_;
  absl::Status status_;
};

// "support/triage.prompt:3:7", for messages.
std::string PlaceOf(const Scope& scope, Position position);

}  // namespace colophon
