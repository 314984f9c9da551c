#include "service/template/render/evaluator.h"

#include <utility>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/render/stringify.h"

namespace colophon::render {

using syntax::Expression;
using syntax::Helper;

std::string PlaceOf(const ValueScope& scope, Position position) {
  return fmt::format("{}:{}:{}", scope.file->path(), position.line, position.column);
}

void Evaluator::Fail(absl::Status status) {
  if (status_.ok()) status_ = std::move(status);
}

void Evaluator::FailLimit(const ValueScope& scope, Position position, const std::string& limit,
                          std::string_view fact) {
  Fail(LimitError(limit, PlaceOf(scope, position), fact,
                  {{"file", scope.file->path()}, {"line", std::to_string(position.line)}}));
}

bool Evaluator::CheckWork(const ValueScope& scope, Position position) {
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

std::string Evaluator::TextOf(const Value& value, const ValueScope& scope, Position position) {
  std::string text;
  if (!value.AppendTo(&text, work_)) CheckWork(scope, position);
  return text;
}

// data[name]. A frame has all that the frames around it have.
Value Evaluator::DataValue(const DataScope<Value>* data, std::string_view name) {
  constexpr int64_t kFramesPerStep = 8;
  int64_t frames = 0;
  for (; data != nullptr; data = data->parent) {
    if (++frames % kFramesPerStep == 0 && !work_->Spend()) return Value();
    switch (NameIn(*data, name)) {
      case DataName::kNone:
        break;
      case DataName::kIndex:
        return Value::Index(data->index);
      case DataName::kKey:
        return data->key;
      case DataName::kFirst:
        return Value::Bool(data->index == 0);
      case DataName::kLast:
        return Value::Bool(data->last);
      case DataName::kPartialBlock:
        return data->partial_block != nullptr ? Value::Function() : Value();
      case DataName::kRoot:
        return data->root;
      case DataName::kBase:
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

Value Evaluator::Evaluate(const Expression& expression, const ValueScope& scope) {
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

Value Evaluator::Call(const syntax::Call& call, const ValueScope& scope) {
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

Value Evaluator::HashArgument(const syntax::Call& call, std::string_view key,
                              const ValueScope& scope) {
  // The first one of a name counts, as in Handlebars.js.
  for (const syntax::HashPair& pair : call.hash) {
    if (pair.key == key) return Evaluate(pair.value, scope);
  }
  return Value();
}

Value Evaluator::Path(const syntax::Path& path, Position position, const ValueScope& scope) {
  const PathStart<Value> start = StartOf(path, scope);
  Value value = start.value;
  if (start.kind == PathStart<Value>::Kind::kData) {
    value = DataValue(start.data, path.parts[0].name);
    // Of @ paths anything false ends the walk, of others only null.
    for (size_t next = 1; next < path.parts.size() && value.IsTruthy(); ++next) {
      value = Descend(value, path.parts[next]);
    }
  } else {
    for (size_t next = start.next; next < path.parts.size() && !value.IsNullish(); ++next) {
      value = Descend(value, path.parts[next]);
    }
  }
  CheckWork(scope, position);
  return value;
}

Value Evaluator::Json(const syntax::Call& call, const ValueScope& scope) {
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

Value Evaluator::Lookup(const syntax::Call& call, const ValueScope& scope) {
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
