#include "service/template/schema/array_rules.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/schema/count_rules.h"
#include "service/template/schema/json_compare.h"
#include "service/template/schema/preview.h"

namespace colophon::schema {
namespace {

// The first items have a schema each, all others one.
class ItemsRule final : public Rule {
 public:
  ItemsRule(std::string pointer, std::vector<const Node*> first, const Node* rest)
      : Rule(std::move(pointer)), first_(std::move(first)), rest_(rest) {}

  bool Check(const json::value& value, Run* run) const override {
    if (!value.is_array()) return true;
    const json::array& items = value.get_array();
    bool valid = true;
    for (size_t i = 0; i < items.size(); ++i) {
      const Node* node = i < first_.size() ? first_[i] : rest_;
      if (node == nullptr) break;
      if (run->CheckItem(*node, items[i], i)) continue;
      valid = false;
      if (!run->wants_more()) break;
    }
    return valid;
  }

 private:
  const std::vector<const Node*> first_;
  const Node* const rest_;
};

void AddItemsRule(const Keywords& keywords, Compiler* compiler, Rules* rules) {
  // Up to 2019-09 prefixItems was written as items, and items as additionalItems.
  const json::value* items = keywords.Find("items");
  const bool is_old = items != nullptr && items->is_array();
  if (is_old && keywords.Find("prefixItems") != nullptr) {
    compiler->Error(keywords.At("items"),
                    "\"items\" is a list beside \"prefixItems\": it has to be one schema");
    return;
  }
  std::vector<const Node*> first;
  if (!is_old) {
    first = compiler->SubschemasOf(keywords, "prefixItems");
  } else if (!items->get_array().empty()) {
    first = compiler->SubschemasOf(keywords, "items");
  }
  // Without a list it never meant anything, but it is read: it may be referred to.
  const Node* additional = compiler->SubschemaOf(keywords, "additionalItems");
  const Node* rest = is_old ? additional : compiler->SubschemaOf(keywords, "items");
  if (first.empty() && rest == nullptr) return;
  rules->push_back(std::make_unique<const ItemsRule>(keywords.At("items"), std::move(first), rest));
}

void AddContainsRule(const Keywords& keywords, Compiler* compiler, Rules* rules) {
  const std::optional<size_t> min = compiler->SizeOf(keywords, "minContains");
  const std::optional<size_t> max = compiler->SizeOf(keywords, "maxContains");
  const Node* node = compiler->SubschemaOf(keywords, "contains");
  if (node == nullptr) return;
  rules->push_back(MakeRule(
      keywords.At("contains"),
      [node, least = min.value_or(1), max](const Rule& rule, const json::value& value, Run* run) {
        if (!value.is_array()) return true;
        size_t count = 0;
        for (const json::value& item : value.get_array()) {
          if (run->Probe(*node, item)) ++count;
          if (run->stopped() || (max && count > *max)) break;
          if (!max && count >= least) break;
        }
        if (count < least) {
          return run->Fail(rule, [&] {
            return fmt::format("{} of the {} what \"contains\" describes; at least {}",
                               count == 1 ? "1" : std::to_string(count),
                               value.get_array().size() == 1
                                   ? "1 item is"
                                   : fmt::format("{} items are", value.get_array().size()),
                               least == 1 ? "1 has to be" : fmt::format("{} have to be", least));
          });
        }
        if (!max || count <= *max) return true;
        return run->Fail(rule, [&] {
          return fmt::format("more than {} of the {} are what \"contains\" describes", *max,
                             Count(value.get_array().size(), "item"));
        });
      }));
}

// Two indexes of equal items, the lower first; nullopt: all differ.
std::optional<std::pair<size_t, size_t>> FindEqual(const json::array& items, Run* run) {
  std::vector<std::pair<size_t, size_t>> hashes;  // Hash, index.
  hashes.reserve(items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    hashes.emplace_back(JsonHash(items[i], run->work()), i);
    if (!run->CheckWork()) return std::nullopt;
  }
  std::sort(hashes.begin(), hashes.end());
  for (size_t i = 0; i < hashes.size(); ++i) {
    for (size_t j = i + 1; j < hashes.size() && hashes[j].first == hashes[i].first; ++j) {
      const bool equal = JsonEquals(items[hashes[i].second], items[hashes[j].second], run->work());
      if (!run->CheckWork()) return std::nullopt;
      if (equal) return std::pair(hashes[i].second, hashes[j].second);
    }
  }
  return std::nullopt;
}

void AddUniqueRule(const Keywords& keywords, Compiler* compiler, Rules* rules) {
  const json::value* unique = keywords.Find("uniqueItems");
  if (unique == nullptr) return;
  if (!unique->is_bool()) {
    compiler->Error(
        keywords.At("uniqueItems"),
        fmt::format("\"uniqueItems\" is {}: it has to be true or false", Preview(*unique)));
    return;
  }
  if (!unique->get_bool()) return;
  rules->push_back(MakeRule(
      keywords.At("uniqueItems"), [](const Rule& rule, const json::value& value, Run* run) {
        if (!value.is_array()) return true;
        const auto equal = FindEqual(value.get_array(), run);
        if (!equal) return !run->stopped();
        return run->Fail(rule, [&] {
          return fmt::format("the items {} and {} are equal: {}", equal->first, equal->second,
                             Preview(value.get_array()[equal->first]));
        });
      }));
}

}  // namespace

void AddArrayRules(const Keywords& keywords, Compiler* compiler, Rules* rules) {
  const auto count = [](const json::value& value) -> std::optional<size_t> {
    if (!value.is_array()) return std::nullopt;
    return value.get_array().size();
  };
  AddCountRules(keywords, "minItems", "maxItems", "item", count, compiler, rules);
  AddUniqueRule(keywords, compiler, rules);
  AddItemsRule(keywords, compiler, rules);
  AddContainsRule(keywords, compiler, rules);
}

}  // namespace colophon::schema
