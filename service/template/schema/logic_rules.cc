#include "service/template/schema/logic_rules.h"

#include <utility>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/schema/preview.h"

namespace colophon {
namespace {

using Nodes = std::vector<const SchemaNode*>;

class ReferenceRule final : public SchemaRule {
 public:
  using SchemaRule::SchemaRule;

  // Not in the document: true, and the compiler has warned of it.
  bool Check(const json::value& value, SchemaRun* run) const override {
    return target_ == nullptr || run->CheckReferred(*target_, value);
  }
  Nodes SameValue() const override { return target_ == nullptr ? Nodes() : Nodes{target_}; }

  const SchemaNode** target() { return &target_; }

 private:
  const SchemaNode* target_ = nullptr;
};

// Whether `node` is about values of this type at all: by its own `type`, or by
// that of the one schema it refers to. For messages.
bool FitsType(const SchemaNode* node, const json::value& value, SchemaRun* run) {
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
bool FailAll(const SchemaRule& rule, const Nodes& nodes, const json::value& value, SchemaRun* run) {
  constexpr size_t kMostReasons = 4;
  if (!run->wants_more()) return false;
  const SchemaNode* fitting = nullptr;
  size_t fitting_count = 0;
  for (const SchemaNode* node : nodes) {
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

class AllOfRule final : public SchemaRule {
 public:
  AllOfRule(std::string pointer, Nodes nodes)
      : SchemaRule(std::move(pointer)), nodes_(std::move(nodes)) {}

  bool Check(const json::value& value, SchemaRun* run) const override {
    bool valid = true;
    for (const SchemaNode* node : nodes_) {
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

class AnyOfRule final : public SchemaRule {
 public:
  AnyOfRule(std::string pointer, Nodes nodes)
      : SchemaRule(std::move(pointer)), nodes_(std::move(nodes)) {}

  bool Check(const json::value& value, SchemaRun* run) const override {
    for (const SchemaNode* node : nodes_) {
      if (run->Probe(*node, value)) return true;
      if (run->stopped()) return false;
    }
    return FailAll(*this, nodes_, value, run);
  }
  Nodes SameValue() const override { return nodes_; }

 private:
  const Nodes nodes_;
};

class OneOfRule final : public SchemaRule {
 public:
  OneOfRule(std::string pointer, Nodes nodes)
      : SchemaRule(std::move(pointer)), nodes_(std::move(nodes)) {}

  bool Check(const json::value& value, SchemaRun* run) const override {
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

class NotRule final : public SchemaRule {
 public:
  NotRule(std::string pointer, const SchemaNode* node)
      : SchemaRule(std::move(pointer)), node_(node) {}

  bool Check(const json::value& value, SchemaRun* run) const override {
    if (!run->Probe(*node_, value)) return !run->stopped();
    return run->Fail(*this,
                     [&] { return fmt::format("{} is what \"not\" excludes", Preview(value)); });
  }
  Nodes SameValue() const override { return {node_}; }

 private:
  const SchemaNode* const node_;
};

class IfRule final : public SchemaRule {
 public:
  IfRule(std::string pointer, const SchemaNode* condition, const SchemaNode* then,
         const SchemaNode* otherwise)
      : SchemaRule(std::move(pointer)), condition_(condition), then_(then), otherwise_(otherwise) {}

  bool Check(const json::value& value, SchemaRun* run) const override {
    const SchemaNode* node = run->Probe(*condition_, value) ? then_ : otherwise_;
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
  const SchemaNode* const condition_;
  const SchemaNode* const then_;
  const SchemaNode* const otherwise_;
};

template <class Rule>
void AddListRule(const SchemaKeywords& keywords, std::string_view name, SchemaCompiler* compiler,
                 SchemaRules* rules) {
  Nodes nodes = compiler->SubschemasOf(keywords, name);
  if (!nodes.empty()) {
    rules->push_back(std::make_unique<const Rule>(keywords.At(name), std::move(nodes)));
  }
}

}  // namespace

void AddReferenceRule(const SchemaKeywords& keywords, SchemaCompiler* compiler,
                      SchemaRules* rules) {
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

void AddLogicRules(const SchemaKeywords& keywords, SchemaCompiler* compiler, SchemaRules* rules) {
  AddListRule<AllOfRule>(keywords, "allOf", compiler, rules);
  AddListRule<AnyOfRule>(keywords, "anyOf", compiler, rules);
  AddListRule<OneOfRule>(keywords, "oneOf", compiler, rules);
  if (const SchemaNode* node = compiler->SubschemaOf(keywords, "not")) {
    rules->push_back(std::make_unique<const NotRule>(keywords.At("not"), node));
  }
  const SchemaNode* condition = compiler->SubschemaOf(keywords, "if");
  const SchemaNode* then = compiler->SubschemaOf(keywords, "then");
  const SchemaNode* otherwise = compiler->SubschemaOf(keywords, "else");
  if (condition != nullptr) {
    rules->push_back(std::make_unique<const IfRule>(keywords.At("if"), condition, then, otherwise));
  }
}

}  // namespace colophon
