#include "service/template/schema/object_rules.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/schema/count_rules.h"
#include "service/template/schema/preview.h"
#include "service/template/syntax/pointer.h"

namespace colophon::schema {
namespace {

struct PatternProperty {
  std::shared_ptr<const Pattern> pattern;
  const Node* node;
};

// One walk over the members, in their order.
class PropertiesRule final : public Rule {
 public:
  PropertiesRule(std::string pointer, std::vector<std::pair<std::string, const Node*>> named,
                 std::vector<PatternProperty> patterns, const Node* additional)
      : Rule(std::move(pointer)),
        named_(named.begin(), named.end()),
        patterns_(std::move(patterns)),
        additional_(additional) {
    for (const auto& [name, node] : named) names_.emplace_back(json::string(name));
  }

  bool Check(const json::value& value, Run* run) const override {
    if (!value.is_object()) return true;
    bool valid = true;
    for (const auto& member : value.get_object()) {
      valid = CheckOne(member, run) && valid;
      if (!valid && !run->wants_more()) break;
    }
    return valid;
  }

 private:
  bool CheckOne(const json::key_value_pair& member, Run* run) const {
    if (!run->Spend(1 + Work::OfBytes(member.key().size()))) return false;
    bool valid = true;
    bool known = false;
    const auto named = named_.find(absl::string_view(member.key().data(), member.key().size()));
    if (named != named_.end()) {
      known = true;
      valid = run->CheckMember(*named->second, member);
    }
    for (const PatternProperty& property : patterns_) {
      const bool matches = property.pattern->Matches(View(member.key()), run->work());
      if (!run->CheckWork()) return false;
      if (!matches) continue;
      known = true;
      valid = run->CheckMember(*property.node, member) && valid;
    }
    if (known || additional_ == nullptr) return valid;
    if (!additional_->never) return run->CheckMember(*additional_, member);
    return run->FailMember(member, additional_->pointer, [&] {
      if (names_.empty()) return std::string("there may be no such property");
      return fmt::format("there is no such property; there is {}", PreviewList(names_));
    });
  }

  const absl::flat_hash_map<std::string, const Node*> named_;
  const std::vector<PatternProperty> patterns_;
  const Node* const additional_;
  std::vector<json::value> names_;  // For messages.
};

void AddPropertiesRule(const Keywords& keywords, Compiler* compiler, Rules* rules) {
  std::vector<std::pair<std::string, const Node*>> named;
  if (const json::object* properties = compiler->ObjectOf(keywords, "properties")) {
    for (const auto& member : *properties) {
      const std::string_view name = View(member.key());
      named.emplace_back(
          name, compiler->Subschema(member.value(),
                                    syntax::ChildPointer(keywords.At("properties"), name)));
    }
  }
  std::vector<PatternProperty> patterns;
  bool unknown_pattern = false;
  if (const json::object* properties = compiler->ObjectOf(keywords, "patternProperties")) {
    for (const auto& member : *properties) {
      const std::string at =
          syntax::ChildPointer(keywords.At("patternProperties"), View(member.key()));
      const Node* node = compiler->Subschema(member.value(), at);
      auto pattern = compiler->PatternOf(View(member.key()), at);
      if (pattern == nullptr) {
        unknown_pattern = true;
      } else {
        patterns.push_back({std::move(pattern), node});
      }
    }
  }
  const Node* additional = compiler->SubschemaOf(keywords, "additionalProperties");
  if (unknown_pattern && additional != nullptr) {
    // Which properties are additional isn't known then.
    compiler->Warning(keywords.At("additionalProperties"),
                      "\"additionalProperties\" is not enforced, because a pattern of "
                      "\"patternProperties\" isn't");
    additional = nullptr;
  }
  if (named.empty() && patterns.empty() && additional == nullptr) return;
  rules->push_back(std::make_unique<const PropertiesRule>(
      keywords.At("properties"), std::move(named), std::move(patterns), additional));
}

// Of looking for members of these names.
int64_t CostOf(const std::vector<std::string>& names) {
  int64_t cost = 0;
  for (const std::string& name : names) cost += 1 + Work::OfBytes(name.size());
  return cost;
}

void AddRequiredRule(const Keywords& keywords, Compiler* compiler, Rules* rules) {
  const json::value* value = keywords.Find("required");
  if (value == nullptr) return;
  std::vector<std::string> names = compiler->StringsOf(*value, keywords.At("required"));
  if (names.empty()) return;
  const int64_t cost = CostOf(names);
  rules->push_back(
      MakeRule(keywords.At("required"),
               [names = std::move(names), cost](const Rule& rule, const json::value& of, Run* run) {
                 if (!of.is_object()) return true;
                 if (!run->Spend(cost)) return false;
                 bool valid = true;
                 for (const std::string& name : names) {
                   if (of.get_object().contains(name)) continue;
                   valid = run->Fail(rule, [&] {
                     return fmt::format("the required property {} is missing", Quote(name));
                   });
                   if (!run->wants_more()) break;
                 }
                 return valid;
               }));
}

void AddNamesRule(const Keywords& keywords, Compiler* compiler, Rules* rules) {
  const Node* node = compiler->SubschemaOf(keywords, "propertyNames");
  if (node == nullptr) return;
  rules->push_back(MakeRule(
      keywords.At("propertyNames"), [node](const Rule& rule, const json::value& of, Run* run) {
        if (!of.is_object()) return true;
        bool valid = true;
        for (const auto& member : of.get_object()) {
          const json::value& name = run->NameOf(member);
          if (run->Probe(*node, name)) continue;
          valid = run->FailMember(member, rule.pointer(), [&] {
            return run->gives_reasons()
                       ? fmt::format("the name is not allowed: {}", run->Reason(*node, name))
                       : std::string("the name is not allowed");
          });
          if (!run->wants_more()) break;
        }
        return valid;
      }));
}

// Applies when the object has the property.
class DependentSchemaRule final : public Rule {
 public:
  DependentSchemaRule(std::string pointer, std::string_view name, const Node* node)
      : Rule(std::move(pointer)), name_(name), node_(node) {}

  bool Check(const json::value& value, Run* run) const override {
    if (!run->SpendBytes(name_.size())) return false;
    if (!value.is_object() || !value.get_object().contains(name_)) return true;
    return run->Check(*node_, value);
  }
  std::vector<const Node*> SameValue() const override { return {node_}; }

 private:
  const std::string name_;
  const Node* const node_;
};

void AddDependentNames(std::string_view name, const json::value& value, const std::string& at,
                       Compiler* compiler, Rules* rules) {
  std::vector<std::string> needed = compiler->StringsOf(value, at);
  const int64_t cost = CostOf(needed);
  rules->push_back(MakeRule(at, [name = std::string(name), needed = std::move(needed), cost](
                                    const Rule& rule, const json::value& of, Run* run) {
    if (!run->SpendBytes(name.size())) return false;
    if (!of.is_object() || !of.get_object().contains(name)) return true;
    if (!run->Spend(cost)) return false;
    bool valid = true;
    for (const std::string& other : needed) {
      if (of.get_object().contains(other)) continue;
      valid = run->Fail(rule, [&] {
        return fmt::format("the property {} is missing, which {} requires", Quote(other),
                           Quote(name));
      });
      if (!run->wants_more()) break;
    }
    return valid;
  }));
}

void AddDependentRules(const Keywords& keywords, Compiler* compiler, Rules* rules) {
  // Draft 7's dependencies holds both kinds.
  for (const std::string_view keyword : {"dependentRequired", "dependentSchemas", "dependencies"}) {
    const json::object* dependents = compiler->ObjectOf(keywords, keyword);
    if (dependents == nullptr) continue;
    for (const auto& member : *dependents) {
      const std::string_view name = View(member.key());
      const std::string at = syntax::ChildPointer(keywords.At(keyword), name);
      const bool is_names = keyword == "dependentRequired" ||
                            (keyword == "dependencies" && member.value().is_array());
      if (is_names) {
        AddDependentNames(name, member.value(), at, compiler, rules);
      } else {
        rules->push_back(std::make_unique<const DependentSchemaRule>(
            at, name, compiler->Subschema(member.value(), at)));
      }
    }
  }
}

}  // namespace

void AddObjectRules(const Keywords& keywords, Compiler* compiler, Rules* rules) {
  const auto count = [](const json::value& value) -> std::optional<size_t> {
    if (!value.is_object()) return std::nullopt;
    return value.get_object().size();
  };
  AddCountRules(keywords, "minProperties", "maxProperties", "property", count, compiler, rules);
  AddRequiredRule(keywords, compiler, rules);
  AddNamesRule(keywords, compiler, rules);
  AddPropertiesRule(keywords, compiler, rules);
  AddDependentRules(keywords, compiler, rules);
}

}  // namespace colophon::schema
