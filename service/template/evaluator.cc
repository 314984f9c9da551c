#include "service/template/evaluator.h"

#include <utility>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/stringify.h"

namespace colophon {

using ast::Expression;
using ast::Helper;

namespace {

// data[name]. A frame has all that the frames around it have.
Value DataValue(const DataScope* data, std::string_view name) {
  for (; data != nullptr; data = data->parent) {
    switch (data->kind) {
      case DataScope::Kind::kEach:
        if (name == "index") return Value::Index(data->index);
        if (name == "key") return data->key;
        if (name == "first") return Value::Bool(data->index == 0);
        if (name == "last") return Value::Bool(data->last);
        break;
      case DataScope::Kind::kPartialBlock:
        if (name == "partial-block") {
          return data->partial_block != nullptr ? Value::Function() : Value();
        }
        break;
      case DataScope::Kind::kRoot:
        if (name == "root") return data->root;
        break;
      case DataScope::Kind::kBase:
        if (const json::value* found = data->context->if_contains({name.data(), name.size()})) {
          return Value(*found);
        }
        if (name == "metadata") return Value(*data->metadata);
        break;
    }
  }
  return Value();
}

}  // namespace

std::string PlaceOf(const Scope& scope, Position position) {
  return fmt::format("{}:{}:{}", scope.file->path(), position.line, position.column);
}

const Closed* Evaluator::PartialBlock(const DataScope* data) {
  for (; data != nullptr; data = data->parent) {
    if (data->kind == DataScope::Kind::kPartialBlock) return data->partial_block;
  }
  return nullptr;
}

void Evaluator::Fail(absl::Status status) {
  if (status_.ok()) status_ = std::move(status);
}

void Evaluator::FailLimit(const Scope& scope, Position position, std::string_view limit) {
  Fail(ResourceExhausted("RENDER_LIMIT",
                         fmt::format("{}: rendering stopped: {}", PlaceOf(scope, position), limit),
                         {{"file", scope.file->path()}, {"line", std::to_string(position.line)}}));
}

bool Evaluator::Step(const Scope& scope, Position position, int64_t cost) {
  steps_left_ -= cost;
  if (steps_left_ < 0) {
    FailLimit(
        scope, position,
        fmt::format("it took more than {} steps: shorten the lists that it walks", limits_.steps));
  }
  return ok();
}

// Comparing long strings is work in proportion to them.
bool Evaluator::StrictlyEqual(const Value& a, const Value& b) {
  if (a.IsText() && b.IsText() && a.text().size() == b.text().size()) {
    steps_left_ -= static_cast<int64_t>(a.text().size() / 64);
  }
  return a.StrictlyEquals(b);
}

bool Evaluator::LooselyEqual(const Value& a, const Value& b) {
  for (const Value* value : {&a, &b}) {
    if (value->IsText()) steps_left_ -= static_cast<int64_t>(value->text().size() / 64);
    // A list and a text are compared by the text of the list.
    if (value->kind() == Value::Kind::kArray &&
        (a.IsText() || b.IsText() || a.IsNumber() || b.IsNumber())) {
      steps_left_ -= static_cast<int64_t>(value->array().size());
    }
  }
  return a.LooselyEquals(b);
}

Value Evaluator::Descend(const Value& value, const ast::Segment& key) {
  // The length of a text has to be counted.
  if (value.IsText()) steps_left_ -= static_cast<int64_t>(value.text().size() / 64);
  return value.Get(key);
}

Value Evaluator::Evaluate(const Expression& expression, const Scope& scope) {
  switch (expression.kind) {
    case Expression::Kind::kPath:
      return Path(expression.path, expression.position, scope);
    case Expression::Kind::kString:
      return Value::String(expression.string);
    case Expression::Kind::kNumber:
      return Value::Number(expression.number);
    case Expression::Kind::kBoolean:
      return Value::Bool(expression.boolean);
    case Expression::Kind::kUndefined:
      return Value();
    case Expression::Kind::kNull:
      return Value::Null();
    case Expression::Kind::kCall:
      if (!Step(scope, expression.position)) return Value();
      return Call(*expression.call, scope);
  }
  return Value();
}

Value Evaluator::Call(const ast::Call& call, const Scope& scope) {
  switch (call.helper) {
    case Helper::kNone:
      return Path(call.path, call.position, scope);
    case Helper::kJson:
      return Json(call, scope);
    case Helper::kLookup:
      return Lookup(call, scope);
    default:
      return Value();  // {{log}} says nothing.
  }
}

Value Evaluator::HashArgument(const ast::Call& call, std::string_view key, const Scope& scope) {
  // The first one of a name counts, as in Handlebars.js.
  for (const ast::HashPair& pair : call.hash) {
    if (pair.key == key) return Evaluate(pair.value, scope);
  }
  return Value();
}

Value Evaluator::Path(const ast::Path& path, Position position, const Scope& scope) {
  size_t next = 0;
  Value value;
  // {{this}}, {{..}}; in Handlebars.js {{""}} means the same.
  const bool is_context = path.parts.empty() || path.parts[0].name.empty();
  if (path.block_depth >= 0) {
    const ParamScope* params = scope.params;
    for (int i = 0; i < path.block_depth && params != nullptr; ++i) params = params->parent;
    if (params == nullptr) return Value();
    if (path.block_index < 2) value = params->values[path.block_index];
    next = 1;
  } else if (path.data && !is_context) {
    const DataScope* data = scope.data;
    for (int i = 0; i < path.depth && data != nullptr; ++i) data = data->parent;
    value = DataValue(data, path.parts[0].name);
    // Of @ paths anything false ends the walk, of others only null.
    for (next = 1; next < path.parts.size() && value.IsTruthy(); ++next) {
      value = Descend(value, path.parts[next]);
    }
    return value;
  } else if (path.depth == 0) {
    value = scope.context;
  } else {
    const ContextScope* context = scope.contexts;
    for (int i = 0; i < path.depth && context != nullptr; ++i) context = context->parent;
    if (context != nullptr) value = context->value;
  }
  if (is_context) next = path.parts.size();
  for (; next < path.parts.size() && !value.IsNullish(); ++next) {
    value = Descend(value, path.parts[next]);
  }
  if (steps_left_ < 0) Step(scope, position, 0);
  return value;
}

Value Evaluator::Json(const ast::Call& call, const Scope& scope) {
  const Value value = Evaluate(call.params[0], scope);
  if (value.kind() == Value::Kind::kUndefined) {
    // A text of its own: two of them are not equal, and one is equal to itself.
    return Value::SafeString(arena_.emplace_back(Value::kUndefinedText));
  }
  const std::string indent = IndentOf(HashArgument(call, "indent", scope));
  const int64_t left = limits_.output_bytes - scratch_bytes_;
  std::string text = Stringify(value, indent, static_cast<size_t>(left), &arena_);
  scratch_bytes_ += static_cast<int64_t>(text.size());
  if (scratch_bytes_ > limits_.output_bytes) {
    FailLimit(
        scope, call.position,
        fmt::format("the JSON it writes has more than {} bytes in all", limits_.output_bytes));
    return Value();
  }
  return Value::SafeString(arena_.emplace_back(std::move(text)));
}

Value Evaluator::Lookup(const ast::Call& call, const Scope& scope) {
  const Value object = Evaluate(call.params[0], scope);
  const Value field = Evaluate(call.params[1], scope);
  if (!object.IsTruthy()) return object;
  if (field.IsText()) return Descend(object, ast::MakeSegment(std::string(field.text())));
  std::string key;
  if (field.IsNullish()) {
    key = field.kind() == Value::Kind::kNull ? "null" : "undefined";
  } else {
    field.AppendTo(&key);
  }
  return Descend(object, ast::MakeSegment(std::move(key)));
}

}  // namespace colophon
