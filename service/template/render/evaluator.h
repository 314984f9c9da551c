#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "service/base/status.h"
#include "service/base/work.h"
#include "service/template/render/limits.h"
#include "service/template/render/scope.h"
#include "service/template/render/value.h"
#include "service/template/syntax/ast.h"

namespace colophon::render {

// Where names are looked up while a template runs.
using ValueScope = Scope<Value>;

// Works out expressions: paths, literals and helpers that give a value. Takes the
// steps of a rendering and keeps the strings that had to be made.
//
// After an error `ok()` is false and values mean nothing.
class Evaluator {
 public:
  Evaluator(const Limits& limits, Work* work) : limits_(limits), work_(work) {}

  Value Evaluate(const syntax::Expression& expression, const ValueScope& scope);
  // A variable, or a helper that gives a value.
  Value Call(const syntax::Call& call, const ValueScope& scope);
  Value HashArgument(const syntax::Call& call, std::string_view key, const ValueScope& scope);

  bool StrictlyEqual(const Value& a, const Value& b);
  // String(value), as {{value}} prints it.
  std::string TextOf(const Value& value, const ValueScope& scope, Position position);

  // Takes steps; an error when there are none left, or when the rendering was
  // stopped. `cost` is of work that grows with the size of a value.
  bool Step(const ValueScope& scope, Position position, int64_t cost = 1) {
    return work_->Spend(cost) ? ok() : CheckWork(scope, position);
  }
  // After what took steps from work() without a place to tell.
  bool CheckWork(const ValueScope& scope, Position position);
  void Fail(absl::Status status);
  // `limit` is "steps", "depth" or "output".
  void FailLimit(const ValueScope& scope, Position position, const std::string& limit,
                 std::string_view fact);
  bool ok() const { return status_.ok(); }
  const absl::Status& status() const { return status_; }
  std::deque<std::string>* arena() { return &arena_; }
  Work* work() { return work_; }

 private:
  Value Path(const syntax::Path& path, Position position, const ValueScope& scope);
  Value Json(const syntax::Call& call, const ValueScope& scope);
  Value Lookup(const syntax::Call& call, const ValueScope& scope);
  Value DataValue(const DataScope<Value>* data, std::string_view name);
  Value Descend(const Value& value, const syntax::Segment& key) {
    return work_->Spend() ? value.Get(key, work_) : Value();
  }

  const Limits& limits_;
  Work* const work_;
  int64_t scratch_bytes_ = 0;
  std::deque<std::string> arena_;
  absl::Status status_;
};

// "support/triage.prompt:3:7", for messages.
std::string PlaceOf(const ValueScope& scope, Position position);

}  // namespace colophon::render
