#include "service/template/render/template_renderer.h"

#include <utility>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/syntax/helpers.h"

namespace colophon::render {

using syntax::Helper;
using syntax::Statement;

namespace {

// "name", "json order"
std::string ExpressionText(const syntax::Call& call) {
  constexpr size_t kMost = 200;  // Each piece of text is told its expression.
  std::string text = call.path.original.substr(0, kMost);
  for (const syntax::Expression& param : call.params) {
    if (text.size() >= kMost) break;
    if (param.kind == syntax::Expression::Kind::kPath) {
      text += " " + param.path.original.substr(0, kMost);
    }
    if (param.kind == syntax::Expression::Kind::kCall) {
      text += " (" + ExpressionText(*param.call) + ")";
    }
  }
  return text;
}

}  // namespace

// Counts one block or partial; an error when it is one too many.
class TemplateRenderer::Deeper {
 public:
  Deeper(TemplateRenderer* renderer, const Statement& statement, const ValueScope& scope)
      : renderer_(renderer) {
    if (++renderer_->depth_ <= renderer_->limits_.depth) return;
    renderer_->evaluator_.FailLimit(
        scope, statement.position, "depth",
        fmt::format("more than {} blocks and partials are inside each other",
                    renderer_->limits_.depth));
  }
  ~Deeper() { --renderer_->depth_; }

 private:
  TemplateRenderer* const renderer_;
};

absl::StatusOr<TemplateRenderer::History> TemplateRenderer::Render(const Value& variables,
                                                                   const json::object& metadata) {
  const json::object& context = input_.context;
  DataScope<Value> base;
  base.context = &context;
  base.metadata = &metadata;
  DataScope<Value> root;
  root.kind = DataScope<Value>::Kind::kRoot;
  root.parent = &base;
  root.root = variables;
  ValueScope scope;
  // A context value named "root" is what @root means.
  scope.data = context.contains("root") ? &base : &root;
  scope.file = closure_.prompt.get();
  RenderFile(variables, scope);
  if (evaluator_.ok() && !history_placed_) SpendOnHistory();
  History messages;
  const Position start{1, 1};
  if (evaluator_.CheckWork(scope, start)) messages = builder_.Finish(history_);
  if (!evaluator_.CheckWork(scope, start)) return evaluator_.status();
  return messages;
}

void TemplateRenderer::RenderFile(const Value& context, const ValueScope& scope) {
  const FileScope<Value> file(context, scope);
  RenderProgram(scope.file->program(), *file);
}

void TemplateRenderer::RenderProgram(const syntax::Program& program, const ValueScope& scope) {
  for (const Statement& statement : program.body) {
    if (!evaluator_.Step(scope, statement.position)) return;
    RenderStatement(statement, scope);
  }
}

void TemplateRenderer::RenderBody(const syntax::Program& program, const Value& context,
                                  const ValueScope& scope, const ParamScope<Value>* params) {
  // As Handlebars.js has it, an equal context is no step for "../", nor is the
  // {} that stands in for null.
  const ContextScope<Value>* const outer = scope.contexts;
  const bool same =
      outer != nullptr &&
      (context.LooselyEquals(outer->value, evaluator_.work()) ||
       (outer->value.kind() == Value::Kind::kNull && context.StrictlyEquals(Value::EmptyObject())));
  const BodyScope<Value> body(program, context, same, scope, params);
  if (program.chained) {
    // A chain of {{else if}} is not nested, though the tree of it is.
    if (evaluator_.Step(scope, program.body[0].position)) RenderBlock(program.body[0], *body);
    return;
  }
  RenderProgram(program, *body);
}

void TemplateRenderer::RenderStatement(const Statement& statement, const ValueScope& scope) {
  switch (statement.kind) {
    case Statement::Kind::kContent:
      if (input_.spans) SetSource(scope, statement.position, nullptr);
      builder_.Text(statement.text);
      CheckOutput(scope, statement.position);
      return;
    case Statement::Kind::kMustache:
      RenderMustache(statement.call, scope);
      return;
    case Statement::Kind::kBlock: {
      Deeper deeper(this, statement, scope);
      if (evaluator_.ok()) RenderBlock(statement, scope);
      return;
    }
    case Statement::Kind::kPartial:
    case Statement::Kind::kPartialBlock: {
      Deeper deeper(this, statement, scope);
      if (evaluator_.ok()) RenderPartial(statement, scope);
      return;
    }
    case Statement::Kind::kComment:
    case Statement::Kind::kInline:
      return;
  }
}

void TemplateRenderer::RenderMustache(const syntax::Call& call, const ValueScope& scope) {
  switch (call.helper) {
    case Helper::kRole:
      return AddRole(call, scope);
    case Helper::kHistory:
      return AddHistory(call, scope);
    case Helper::kMedia:
      return AddMedia(call, scope);
    case Helper::kSection:
      return AddSection(call, scope);
    default:
      return AppendText(evaluator_.Call(call, scope), call, scope);
  }
}

bool TemplateRenderer::IsTrue(const Statement& block, const ValueScope& scope) {
  const syntax::Call& call = block.call;
  const Value first = evaluator_.Evaluate(call.params[0], scope);
  switch (call.helper) {
    case Helper::kIf:
    case Helper::kUnless: {
      const bool zero_counts =
          !call.hash.empty() && evaluator_.HashArgument(call, "includeZero", scope).IsTruthy();
      const bool is_true = (zero_counts || first.IsTruthy()) && !first.IsEmpty();
      return is_true == (call.helper == Helper::kIf);
    }
    default: {
      const Value second = evaluator_.Evaluate(call.params[1], scope);
      return evaluator_.StrictlyEqual(first, second) == (call.helper == Helper::kIfEquals);
    }
  }
}

void TemplateRenderer::RenderBlock(const Statement& block, const ValueScope& scope) {
  // Helpers run in {} where there is no context.
  const Value self = scope.context.IsNullish() ? Value::EmptyObject() : scope.context;
  switch (block.call.helper) {
    case Helper::kNone:
      return RenderVariableBlock(block, scope);
    case Helper::kIf:
    case Helper::kUnless:
    case Helper::kIfEquals:
    case Helper::kUnlessEquals: {
      const auto& program = IsTrue(block, scope) ? block.program : block.inverse;
      if (program && evaluator_.ok()) RenderBody(*program, self, scope);
      return;
    }
    case Helper::kEach:
      return RenderEach(block, evaluator_.Evaluate(block.call.params[0], scope), self, scope);
    case Helper::kWith:
      return RenderWith(block, evaluator_.Evaluate(block.call.params[0], scope), self, scope);
    default:
      return RenderMustache(block.call, scope);
  }
}

// {{#name}}…{{/name}}, Mustache's way: true, a list, a context or nothing.
void TemplateRenderer::RenderVariableBlock(const Statement& block, const ValueScope& scope) {
  const Value value = evaluator_.Call(block.call, scope);
  const bool is_false = value.kind() == Value::Kind::kBool && !value.boolean();
  const bool is_true = value.kind() == Value::Kind::kBool && value.boolean();
  const bool is_list = value.kind() == Value::Kind::kArray;
  if (is_true) {
    if (block.program) RenderBody(*block.program, scope.context, scope);
  } else if (is_false || value.IsNullish() || (is_list && value.array().empty())) {
    if (block.inverse) RenderBody(*block.inverse, scope.context, scope);
  } else if (is_list) {
    RenderEach(block, value, scope.context, scope);
  } else if (block.program) {
    RenderBody(*block.program, value, scope);
  }
}

void TemplateRenderer::RenderWith(const Statement& block, const Value& value,
                                  const Value& otherwise, const ValueScope& scope) {
  if (value.IsEmpty()) {
    if (block.inverse) RenderBody(*block.inverse, otherwise, scope);
    return;
  }
  if (!block.program) return;
  const ParamScope<Value> params = WithParams(value, scope);
  RenderBody(*block.program, value, scope, &params);
}

void TemplateRenderer::RenderEach(const Statement& block, const Value& list, const Value& otherwise,
                                  const ValueScope& scope) {
  Members members;
  const bool is_list = list.kind() == Value::Kind::kArray;
  if (list.IsObject() || list.kind() == Value::Kind::kSafeString) {
    members = MembersOf(list, evaluator_.arena(), evaluator_.work());
    if (!evaluator_.CheckWork(scope, block.position)) return;
  }
  const size_t size = is_list ? list.array().size() : members.size();
  if (size == 0) {
    if (block.inverse) RenderBody(*block.inverse, otherwise, scope);
    return;
  }
  if (!block.program) return;
  EachScope<Value> each(scope);
  for (size_t i = 0; i < size; ++i) {
    if (!evaluator_.Step(scope, block.position)) return;
    const Value value = is_list ? Value(list.array()[i]) : members[i].second;
    const auto index = static_cast<int64_t>(i);
    each.Set(value, is_list ? Value::Index(index) : Value::String(members[i].first), index,
             i + 1 == size);
    RenderBody(*block.program, value, *each, each.params());
  }
}

void TemplateRenderer::RenderPartial(const Statement& partial, const ValueScope& scope) {
  Value context = scope.context;
  if (!partial.call.params.empty()) context = evaluator_.Evaluate(partial.call.params[0], scope);
  Layers layers;
  if (!partial.call.hash.empty()) {
    layers.under = context;
    // In Handlebars.js' order, which is backwards; the first one of a name counts.
    for (size_t i = partial.call.hash.size(); i-- > 0;) {
      const syntax::HashPair& pair = partial.call.hash[i];
      // {{> p x=undefined}} doesn't hide an x of the context.
      if (pair.value.kind == syntax::Expression::Kind::kUndefined) continue;
      if (!evaluator_.Step(scope, pair.position)) return;
      layers.Set(pair.key, evaluator_.Evaluate(pair.value, scope), evaluator_.work());
    }
    context = Value(layers);
  }
  if (!evaluator_.ok()) return;
  if (partial.indent.empty()) {
    RunPartial(partial, context, scope);
    return;
  }
  builder_.PushIndent(partial.indent);
  RunPartial(partial, context, scope);
  builder_.PopIndent();
}

void TemplateRenderer::RunPartial(const Statement& partial, const Value& context,
                                  const ValueScope& scope) {
  using Target = PartialCall<Value>::Target;
  PartialCall<Value> call(partial, scope);
  const auto may_look = [&](size_t names) {
    return evaluator_.Step(
        scope, partial.position,
        static_cast<int64_t>(names / 16) * (1 + Work::OfBytes(partial.text.size())));
  };
  switch (call.Find(closure_.partials, may_look)) {
    case Target::kInline:
    case Target::kBlock:
      return RenderBody(call.program(), context, call.scope());
    case Target::kFile:
      return RenderFile(context, call.scope());
    case Target::kMissing:
      return evaluator_.Fail(MissingPartial(partial, scope));
    case Target::kStopped:
      return;
  }
}

absl::Status TemplateRenderer::MissingPartial(const Statement& partial,
                                              const ValueScope& scope) const {
  const std::string place = PlaceOf(scope, partial.position);
  return InvalidArgument(
      "MISSING_PARTIAL",
      partial.partial_block
          ? fmt::format("{}: this partial was included without a block, so there is no "
                        "@partial-block: put {{{{#if @partial-block}}}} around it",
                        place)
          : fmt::format("{}: no partial {} here", place, Quote(partial.text)));
}

bool TemplateRenderer::CheckOutput(const ValueScope& scope, Position position) {
  if (builder_.bytes() > limits_.output_bytes) {
    evaluator_.FailLimit(scope, position, "output",
                         fmt::format("its output has more than {} bytes", limits_.output_bytes));
  }
  return evaluator_.CheckWork(scope, position);
}

void TemplateRenderer::SetSource(const ValueScope& scope, Position position,
                                 const syntax::Call* call) {
  v1::Span source;
  if (call != nullptr) source.set_expression(ExpressionText(*call));
  source.set_path(scope.file->path());
  source.set_line(position.line);
  source.set_column(position.column);
  builder_.SetSource(std::move(source));
}

void TemplateRenderer::AppendText(const Value& value, const syntax::Call& call,
                                  const ValueScope& scope) {
  if (!evaluator_.ok() || value.IsNullish()) return;
  std::string made;
  std::string_view text;
  if (value.IsText()) {
    text = value.text();
  } else {
    made = evaluator_.TextOf(value, scope, call.position);
    if (!evaluator_.ok()) return;
    text = made;
  }
  if (!evaluator_.Step(scope, call.position, Work::OfBytes(text.size()))) return;
  if (!IsUtf8(text)) {
    evaluator_.Fail(InvalidArgument(
        "NOT_UTF8", fmt::format("{}: the value printed here is not UTF-8: send text, or bytes as "
                                "media",
                                PlaceOf(scope, call.position))));
    return;
  }
  if (input_.spans) SetSource(scope, call.position, &call);
  builder_.Text(text);
  CheckOutput(scope, call.position);
}

void TemplateRenderer::AddRole(const syntax::Call& call, const ValueScope& scope) {
  const Value value = evaluator_.Evaluate(call.params[0], scope);
  const std::string name = evaluator_.TextOf(value, scope, call.position);
  if (!evaluator_.ok()) return;
  const std::optional<v1::Role> role = syntax::RoleOf(name);
  if (!role) {
    evaluator_.Fail(InvalidArgument(
        "UNKNOWN_ROLE",
        fmt::format("{}: unknown role {}: there are \"system\", \"user\", \"model\" "
                    "and \"tool\"",
                    PlaceOf(scope, call.position), Quote(name))));
    return;
  }
  builder_.Role(*role);
}

void TemplateRenderer::AddHistory(const syntax::Call& call, const ValueScope& scope) {
  builder_.History(SpendOnHistory());
  CheckOutput(scope, call.position);
  history_placed_ = true;
}

// It is copied, and written for the digest.
int64_t TemplateRenderer::SpendOnHistory() {
  Work* const work = evaluator_.work();
  if (history_bytes_ < 0) {
    const int64_t before = work->spent();
    if (!SpendOnMessages(history_, work)) return 0;
    history_cost_ = 2 * (work->spent() - before);
    history_bytes_ = 0;
    for (const v1::Message& message : history_) {
      history_bytes_ += static_cast<int64_t>(message.ByteSizeLong());
    }
  }
  work->Spend(history_cost_);
  return history_bytes_;
}

void TemplateRenderer::AddMedia(const syntax::Call& call, const ValueScope& scope) {
  const Value url = evaluator_.HashArgument(call, "url", scope);
  const Value type = evaluator_.HashArgument(call, "contentType", scope);
  if (!evaluator_.ok()) return;
  std::string type_text;
  if (type.IsTruthy()) type_text = evaluator_.TextOf(type, scope, call.position);
  if (!evaluator_.ok()) return;
  if (!url.IsText() || url.text().empty() || !IsUtf8(url.text()) || !IsUtf8(type_text)) {
    evaluator_.Fail(InvalidArgument(
        "BAD_MEDIA", fmt::format("{}: the url of \"media\" is no text here: give the variable it "
                                 "comes from, or put {{{{#if}}}} around it",
                                 PlaceOf(scope, call.position))));
    return;
  }
  builder_.Media(std::string(url.text()), std::move(type_text));
  CheckOutput(scope, call.position);
}

void TemplateRenderer::AddSection(const syntax::Call& call, const ValueScope& scope) {
  const Value value = evaluator_.Evaluate(call.params[0], scope);
  std::string name = evaluator_.TextOf(value, scope, call.position);
  if (!evaluator_.ok()) return;
  if (name.empty() || !IsUtf8(name)) {
    evaluator_.Fail(InvalidArgument("BAD_SECTION",
                                    fmt::format("{}: the name of \"section\" is empty or not UTF-8",
                                                PlaceOf(scope, call.position))));
    return;
  }
  builder_.Section(std::move(name));
  CheckOutput(scope, call.position);
}

}  // namespace colophon::render
