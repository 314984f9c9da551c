#pragma once

// What a JSON Schema compiles to, and one check of a value against it.
// Internal to this room.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "boost/json/value.hpp"
#include "service/base/work.h"
#include "service/template/schema/result.h"

namespace colophon::schema {

class Run;
struct Node;

// One keyword, or some that only mean something together.
class Rule {
 public:
  // `pointer` into the schema, "/properties/a/minLength".
  explicit Rule(std::string pointer) : pointer_(std::move(pointer)) {}
  virtual ~Rule() = default;
  Rule(const Rule&) = delete;
  Rule& operator=(const Rule&) = delete;

  // True when `value` keeps it. Tells `run` about what doesn't.
  virtual bool Check(const boost::json::value& value, Run* run) const = 0;
  // The schemas that it applies to the same value, to find those that lead back
  // to themselves.
  virtual std::vector<const Node*> SameValue() const { return {}; }

  const std::string& pointer() const { return pointer_; }

 private:
  const std::string pointer_;
};

// A rule that is a function: bool check(const Rule&, const json::value&,
// Run*).
template <class Function>
class FunctionRule final : public Rule {
 public:
  FunctionRule(std::string pointer, Function check)
      : Rule(std::move(pointer)), check_(std::move(check)) {}
  bool Check(const boost::json::value& value, Run* run) const override {
    return check_(*this, value, run);
  }

 private:
  const Function check_;
};

template <class Function>
std::unique_ptr<const Rule> MakeRule(std::string pointer, Function check) {
  return std::make_unique<const FunctionRule<Function>>(std::move(pointer), std::move(check));
}

using Rules = std::vector<std::unique_ptr<const Rule>>;

// A schema or a part of one that is a schema itself.
struct Node {
  std::string pointer;
  bool never = false;     // `false`: nothing is valid. `true` has no rules.
  bool has_type = false;  // The first rule is `type`; what breaks it is told only that.
  Rules rules;
};

class Run {
 public:
  Run(const boost::json::value& value, const Limits& limits, Work* work)
      : limits_(limits), value_(value), work_(work), before_(work->spent()) {}

  // Checks all of the value.
  Result Check(const Node& root);

  // For rules: whether `value` is valid by `node`, and reports what isn't when
  // this run reports. Member and Item are of the value that the rule looks at.
  bool Check(const Node& node, const boost::json::value& value);
  bool CheckMember(const Node& node, const boost::json::key_value_pair& member);
  bool CheckItem(const Node& node, const boost::json::value& item, size_t index);
  // What a $ref refers to: once for each value.
  bool CheckReferred(const Node& node, const boost::json::value& value);

  // The same, and nothing is reported.
  bool Probe(const Node& node, const boost::json::value& value);

  bool ProbeRule(const Rule& rule, const boost::json::value& value);

  // What is wrong first when `value` isn't valid by `node`, with its place when
  // that is further inside: "/a: 5 is not a string".
  std::string Reason(const Node& node, const boost::json::value& value);
  // False inside of a Reason, which would become a tree of reasons.
  bool gives_reasons() const { return reporting_ && !in_reason_; }
  // A rule that found something wrong goes on to find the rest.
  bool wants_more() const { return reporting_ && !stopped_; }

  // The name of a member as a value, for propertyNames.
  const boost::json::value& NameOf(const boost::json::key_value_pair& member);

  // False when the limit is reached; then nothing is true any more and the run
  // ends as fast as it can.
  bool Spend(int64_t steps) { return !stopped_ && (work_->Spend(steps) || CheckWork()); }
  bool SpendBytes(size_t bytes) { return Spend(Work::OfBytes(bytes)); }
  bool stopped() const { return stopped_; }
  // For what takes steps by itself; CheckWork after it is false when they ended.
  Work* work() { return work_; }
  bool CheckWork();

  // Reports `message()`, which is made only when it is wanted. False, to return.
  template <class MakeMessage>
  bool Fail(const Rule& rule, const MakeMessage& message) {
    if (wants_more()) Report(rule.pointer(), message());
    return false;
  }
  // The same about a member of the value that the rule looks at; `rule` is a
  // pointer into the schema.
  template <class MakeMessage>
  bool FailMember(const boost::json::key_value_pair& member, const std::string& rule,
                  const MakeMessage& message) {
    if (!wants_more()) return false;
    std::string text = message();
    path_.push_back({{member.key().data(), member.key().size()}, 0, true});
    Report(rule, std::move(text));
    path_.pop_back();
    return false;
  }

 private:
  struct Step {
    std::string_view name;
    size_t index;
    bool is_name;
  };
  using Pair = std::pair<const Node*, const boost::json::value*>;

  void Report(const std::string& rule, std::string message);
  void Stop(std::string message);
  std::string Pointer(size_t from) const;

  const Limits& limits_;
  const boost::json::value& value_;
  Work* const work_;
  const int64_t before_;
  Result result_;
  std::vector<Step> path_;
  int depth_ = 0;
  bool reporting_ = true;
  bool in_reason_ = false;
  bool stopped_ = false;
  std::string limit_message_;
  // Where reports go inside of a Reason.
  std::string reason_;
  size_t reason_from_ = 0;
  absl::flat_hash_map<Pair, bool> referred_;
  absl::flat_hash_set<Pair> reported_;
  // By member, so that a name has one address during the run.
  std::unordered_map<const boost::json::key_value_pair*, boost::json::value> names_;
};

}  // namespace colophon::schema
