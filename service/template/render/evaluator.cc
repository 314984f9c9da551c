#include "service/template/render/evaluator.h"

#include <utility>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/render/stringify.h"

namespace colophon::render {

using syntax::Expression;
using syntax::Helper;

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

void Evaluator::FailLimit(const Scope& scope, Position position, const std::string& limit,
                          std::string_view fact) {
  Fail(LimitError(limit, PlaceOf(scope, position), fact,
                  {{"file", scope.file->path()}, {"line", std::to_string(position.line)}}));
}

bool Evaluator::CheckWork(const Scope& scope, Position position) {
  if (!work_->ok() && ok()) {
    Fail(WorkError(*work_, limits_, PlaceOf(scope, position),
                   {{"file", scope.file->path()}, {"line", std::to_string(position.line)}}));
  }
  return ok();
}

bool Evaluator::StrictlyEqual(const Value& a, const Value& b) {
  if (a.IsText() && b.IsText() && a.text().size() == b.text().size()) {
    if (!work_->SpendBytes(a.text().size())) return false;
  }
  return a.StrictlyEquals(b);
}

std::string Evaluator::TextOf(const Value& value, const Scope& scope, Position position) {
  std::string text;
  if (!value.AppendTo(&text, work_)) CheckWork(scope, position);
  return text;
}

// data[name]. A frame has all that the frames around it have.
Value Evaluator::DataValue(const DataScope* data, std::string_view name) {
  constexpr int64_t kFramesPerStep = 8;
  int64_t frames = 0;
  for (; data != nullptr; data = data->parent) {
    if (++frames % kFramesPerStep == 0 && !work_->Spend()) return Value();
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
        if (!work_->SpendBytes(name.size())) return Value();
        if (const json::value* found = data->context->if_contains({name.data(), name.size()})) {
          return Value(*found);
        }
        if (name == "metadata") return Value(*data->metadata);
        break;
    }
  }
  return Value();
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

Value Evaluator::Call(const syntax::Call& call, const Scope& scope) {
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

Value Evaluator::HashArgument(const syntax::Call& call, std::string_view key, const Scope& scope) {
  // The first one of a name counts, as in Handlebars.js.
  for (const syntax::HashPair& pair : call.hash) {
    if (pair.key == key) return Evaluate(pair.value, scope);
  }
  return Value();
}

Value Evaluator::Path(const syntax::Path& path, Position position, const Scope& scope) {
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
    CheckWork(scope, position);
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
  CheckWork(scope, position);
  return value;
}

Value Evaluator::Json(const syntax::Call& call, const Scope& scope) {
  const Value value = Evaluate(call.params[0], scope);
  if (!ok()) return Value();
  if (value.kind() == Value::Kind::kUndefined) {
    // A text of its own: two of them are not equal, and one is equal to itself.
    return Value::SafeString(arena_.emplace_back(Value::kUndefinedText));
  }
  const std::string indent = IndentOf(HashArgument(call, "indent", scope));
  const int64_t left = limits_.output_bytes - scratch_bytes_;
  std::string text = Stringify(value, indent, static_cast<size_t>(left), &arena_, work_);
  if (!CheckWork(scope, call.position)) return Value();
  scratch_bytes_ += static_cast<int64_t>(text.size());
  if (scratch_bytes_ > limits_.output_bytes) {
    FailLimit(
        scope, call.position, "output",
        fmt::format("the JSON it writes has more than {} bytes in all", limits_.output_bytes));
    return Value();
  }
  return Value::SafeString(arena_.emplace_back(std::move(text)));
}

Value Evaluator::Lookup(const syntax::Call& call, const Scope& scope) {
  const Value object = Evaluate(call.params[0], scope);
  const Value field = Evaluate(call.params[1], scope);
  if (!ok() || !object.IsTruthy()) return object;
  std::string key;
  if (field.IsNullish()) {
    key = field.kind() == Value::Kind::kNull ? "null" : "undefined";
  } else if (key = TextOf(field, scope, call.position); !ok()) {
    return Value();
  }
  const Value found = Descend(object, syntax::MakeSegment(std::move(key)));
  CheckWork(scope, call.position);
  return found;
}

}  // namespace colophon::render
