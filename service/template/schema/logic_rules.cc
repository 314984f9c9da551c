#include "service/template/schema/logic_rules.h"

#include <utility>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/schema/preview.h"

namespace colophon::schema {
namespace {

using Nodes = std::vector<const Node*>;

class ReferenceRule final : public Rule {
 public:
  using Rule::Rule;

  // Not in the document: true, and the compiler has warned of it.
  bool Check(const json::value& value, Run* run) const override {
    return target_ == nullptr || run->CheckReferred(*target_, value);
  }
  Nodes SameValue() const override { return target_ == nullptr ? Nodes() : Nodes{target_}; }

  const Node** target() { return &target_; }

 private:
  const Node* target_ = nullptr;
};

// Whether `node` is about values of this type at all: by its own `type`, or by
// that of the one schema it refers to. For messages.
bool FitsType(const Node* node, const json::value& value, Run* run) {
  constexpr int kMaxHops = 10;
  for (int hop = 0; hop < kMaxHops; ++hop) {
    if (node->never) return false;
    if (node->rules.empty()) return true;
    if (node->has_type) return run->ProbeRule(*node->rules.front(), value);
    const Nodes same = node->rules.front()->SameValue();
    if (same.size() != 1) return true;
    node = same.front();
  }
  return true;
}

// No alternative holds. When only one is about values of this type, what it
// finds is told; else what each of the first of them finds first.
bool FailAll(const Rule& rule, const Nodes& nodes, const json::value& value, Run* run) {
  constexpr size_t kMostReasons = 4;
  if (!run->wants_more()) return false;
  const Node* fitting = nullptr;
  size_t fitting_count = 0;
  for (const Node* node : nodes) {
    if (!FitsType(node, value, run)) continue;
    fitting = node;
    ++fitting_count;
  }
  if (fitting_count == 1) return run->Check(*fitting, value);
  return run->Fail(rule, [&] {
    std::string message =
        fmt::format("{} is none of the {}", Preview(value), Count(nodes.size(), "alternative"));
    if (!run->gives_reasons()) return message;
    for (size_t i = 0; i < nodes.size() && i < kMostReasons; ++i) {
      message +=
          fmt::format("{}({}) {}", i == 0 ? ": " : "; ", i + 1, run->Reason(*nodes[i], value));
    }
    if (nodes.size() > kMostReasons) message += "; …";
    return message;
  });
}

class AllOfRule final : public Rule {
 public:
  AllOfRule(std::string pointer, Nodes nodes)
      : Rule(std::move(pointer)), nodes_(std::move(nodes)) {}

  bool Check(const json::value& value, Run* run) const override {
    bool valid = true;
    for (const Node* node : nodes_) {
      if (run->Check(*node, value)) continue;
      valid = false;
      if (!run->wants_more()) break;
    }
    return valid;
  }
  Nodes SameValue() const override { return nodes_; }

 private:
  const Nodes nodes_;
};

class AnyOfRule final : public Rule {
 public:
  AnyOfRule(std::string pointer, Nodes nodes)
      : Rule(std::move(pointer)), nodes_(std::move(nodes)) {}

  bool Check(const json::value& value, Run* run) const override {
    for (const Node* node : nodes_) {
      if (run->Probe(*node, value)) return true;
      if (run->stopped()) return false;
    }
    return FailAll(*this, nodes_, value, run);
  }
  Nodes SameValue() const override { return nodes_; }

 private:
  const Nodes nodes_;
};

class OneOfRule final : public Rule {
 public:
  OneOfRule(std::string pointer, Nodes nodes)
      : Rule(std::move(pointer)), nodes_(std::move(nodes)) {}

  bool Check(const json::value& value, Run* run) const override {
    std::vector<size_t> valid;  // From 1.
    for (size_t i = 0; i < nodes_.size() && valid.size() < 2; ++i) {
      if (run->Probe(*nodes_[i], value)) valid.push_back(i + 1);
      if (run->stopped()) return false;
    }
    if (valid.size() == 1) return true;
    if (valid.empty()) return FailAll(*this, nodes_, value, run);
    return run->Fail(*this, [&] {
      return fmt::format("{} is more than one of the {}, which exclude each other: ({}) and ({})",
                         Preview(value), Count(nodes_.size(), "alternative"), valid[0], valid[1]);
    });
  }
  Nodes SameValue() const override { return nodes_; }

 private:
  const Nodes nodes_;
};

class NotRule final : public Rule {
 public:
  NotRule(std::string pointer, const Node* node) : Rule(std::move(pointer)), node_(node) {}

  bool Check(const json::value& value, Run* run) const override {
    if (!run->Probe(*node_, value)) return !run->stopped();
    return run->Fail(*this,
                     [&] { return fmt::format("{} is what \"not\" excludes", Preview(value)); });
  }
  Nodes SameValue() const override { return {node_}; }

 private:
  const Node* const node_;
};

class IfRule final : public Rule {
 public:
  IfRule(std::string pointer, const Node* condition, const Node* then, const Node* otherwise)
      : Rule(std::move(pointer)), condition_(condition), then_(then), otherwise_(otherwise) {}

  bool Check(const json::value& value, Run* run) const override {
    const Node* node = run->Probe(*condition_, value) ? then_ : otherwise_;
    if (run->stopped()) return false;
    return node == nullptr || run->Check(*node, value);
  }
  Nodes SameValue() const override {
    Nodes nodes = {condition_};
    if (then_ != nullptr) nodes.push_back(then_);
    if (otherwise_ != nullptr) nodes.push_back(otherwise_);
    return nodes;
  }

 private:
  const Node* const condition_;
  const Node* const then_;
  const Node* const otherwise_;
};

template <class ListRule>
void AddListRule(const Keywords& keywords, std::string_view name, Compiler* compiler,
                 Rules* rules) {
  Nodes nodes = compiler->SubschemasOf(keywords, name);
  if (!nodes.empty()) {
    rules->push_back(std::make_unique<const ListRule>(keywords.At(name), std::move(nodes)));
  }
}

}  // namespace

void AddReferenceRule(const Keywords& keywords, Compiler* compiler, Rules* rules) {
  const json::value* reference = keywords.Find("$ref");
  if (reference == nullptr) return;
  const std::string at = keywords.At("$ref");
  if (!reference->is_string()) {
    compiler->Error(at, fmt::format("\"$ref\" is {}: it has to be text", Preview(*reference)));
    return;
  }
  auto rule = std::make_unique<ReferenceRule>(at);
  compiler->Refer(View(reference->get_string()), at, rule->target());
  rules->push_back(std::move(rule));
}

void AddLogicRules(const Keywords& keywords, Compiler* compiler, Rules* rules) {
  AddListRule<AllOfRule>(keywords, "allOf", compiler, rules);
  AddListRule<AnyOfRule>(keywords, "anyOf", compiler, rules);
  AddListRule<OneOfRule>(keywords, "oneOf", compiler, rules);
  if (const Node* node = compiler->SubschemaOf(keywords, "not")) {
    rules->push_back(std::make_unique<const NotRule>(keywords.At("not"), node));
  }
  const Node* condition = compiler->SubschemaOf(keywords, "if");
  const Node* then = compiler->SubschemaOf(keywords, "then");
  const Node* otherwise = compiler->SubschemaOf(keywords, "else");
  if (condition != nullptr) {
    rules->push_back(std::make_unique<const IfRule>(keywords.At("if"), condition, then, otherwise));
  }
}

}  // namespace colophon::schema
