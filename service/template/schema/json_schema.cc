#include "service/template/schema/json_schema.h"

#include <utility>

#include "service/base/json.h"
#include "service/template/schema/array_rules.h"
#include "service/template/schema/compiler.h"
#include "service/template/schema/logic_rules.h"
#include "service/template/schema/object_rules.h"
#include "service/template/schema/run.h"
#include "service/template/schema/value_rules.h"

namespace colophon::schema {
namespace {

// In the order in which their rules are checked.
constexpr AddRules kVocabulary[] = {AddReferenceRule, AddValueRules, AddNumberRules,
                                    AddStringRules,   AddArrayRules, AddObjectRules,
                                    AddLogicRules};

}  // namespace

struct JsonSchema::Parts {
  std::vector<std::unique_ptr<const Node>> nodes;
  const Node* root = nullptr;
  int64_t memory = 0;
};

std::shared_ptr<const JsonSchema> JsonSchema::Compile(const json::value& schema,
                                                      std::vector<Problem>* problems, Work* work) {
  Work own(Work::kNoLimit);
  Compiler compiler({AddTypeRule, kVocabulary}, problems, work != nullptr ? work : &own);
  auto parts = std::make_unique<Parts>();
  parts->root = compiler.Compile(schema);
  if (parts->root == nullptr) return nullptr;
  parts->memory = compiler.memory();
  parts->nodes = compiler.TakeNodes();
  return std::shared_ptr<const JsonSchema>(new JsonSchema(std::move(parts)));
}

JsonSchema::JsonSchema(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}

JsonSchema::~JsonSchema() = default;

Result JsonSchema::Check(const json::value& value, const Limits& limits, Work* work) const {
  Work own(limits.steps, limits.stop);
  return Run(value, limits, work != nullptr ? work : &own).Check(*parts_->root);
}

int64_t JsonSchema::memory() const { return parts_->memory; }

}  // namespace colophon::schema
