#include "service/template/lint/variable_walk.h"

#include <map>
#include <memory>
#include <utility>

namespace colophon::lint {

using syntax::Expression;
using syntax::Helper;
using syntax::Program;
using syntax::Statement;

namespace {

constexpr int64_t kCostOfStatement = 8;
constexpr int kMostDepth = 400;
// An inline partial that includes itself shows nothing new when it is walked
// once more.
constexpr int kMostRecursion = 3;

class VariableWalk {
 public:
  VariableWalk(const prompt::Closure& closure, VariableReads* reads)
      : closure_(closure), reads_(*reads) {}

  bool Walk() {
    Shape variables;
    variables.kind = Shape::Kind::kVariables;
    render::DataScope<Shape> root;
    root.kind = render::DataScope<Shape>::Kind::kRoot;
    root.root = variables;
    ShapeScope scope;
    scope.data = &root;
    scope.file = closure_.prompt.get();
    WalkFile(variables, scope);
    return !gave_up_ && !reads_.gave_up();
  }

 private:
  void WalkFile(const Shape& context, const ShapeScope& scope) {
    const render::FileScope<Shape> file(context, scope);
    WalkProgram(scope.file->program(), *file);
  }

  void WalkProgram(const Program& program, const ShapeScope& scope) {
    if (++depth_ > kMostDepth) gave_up_ = true;
    for (const Statement& statement : program.body) {
      if (gave_up_ || !reads_.work()->Spend(kCostOfStatement)) break;
      WalkStatement(statement, scope);
    }
    --depth_;
  }

  // `same`: the context is the one that `scope` has.
  void WalkBody(const Program& program, const Shape& context, const ShapeScope& scope, bool same,
                const render::ParamScope<Shape>* params = nullptr) {
    same |= scope.contexts != nullptr && context.IsSameAs(scope.contexts->value);
    const render::BodyScope<Shape> body(program, context, same, scope, params);
    WalkProgram(program, *body);
  }

  void WalkStatement(const Statement& statement, const ShapeScope& scope) {
    switch (statement.kind) {
      case Statement::Kind::kContent:
      case Statement::Kind::kComment:
      case Statement::Kind::kInline:
        return;
      case Statement::Kind::kMustache:
        return reads_.Read(reads_.CallOf(statement.call, scope));
      case Statement::Kind::kBlock:
        return WalkBlock(statement, scope);
      case Statement::Kind::kPartial:
      case Statement::Kind::kPartialBlock:
        return WalkPartial(statement, scope);
    }
  }

  void WalkBlock(const Statement& block, const ShapeScope& scope) {
    switch (block.call.helper) {
      case Helper::kNone:
        return WalkVariableBlock(block, scope);
      case Helper::kIf:
      case Helper::kUnless:
      case Helper::kIfEquals:
      case Helper::kUnlessEquals: {
        reads_.CheckEqual(block, scope);
        for (const Expression& param : block.call.params) {
          NoteTest(param, scope);
          const Shape value = reads_.Evaluate(param, scope);
          if (block.call.params.size() > 1) reads_.Read(value);
        }
        for (const syntax::HashPair& pair : block.call.hash)
          reads_.Read(reads_.Evaluate(pair.value, scope));
        if (block.program) WalkBody(*block.program, scope.context, scope, /*same=*/true);
        if (block.inverse) WalkBody(*block.inverse, scope.context, scope, /*same=*/true);
        return;
      }
      case Helper::kEach: {
        NoteTest(block.call.params[0], scope);
        const Shape list = reads_.Evaluate(block.call.params[0], scope);
        reads_.Read(list);
        WalkEach(block, Shape::OfSchema(list.schema.Items()), scope);
        return;
      }
      case Helper::kWith:
        NoteTest(block.call.params[0], scope);
        WalkWith(block, reads_.Evaluate(block.call.params[0], scope), scope);
        return;
      default:
        reads_.Read(reads_.CallOf(block.call, scope));
    }
  }

  // A block that is run for each element, all of which have the shape `item`.
  void WalkEach(const Statement& block, const Shape& item, const ShapeScope& scope) {
    render::EachScope<Shape> each(scope);
    each.Set(item, Shape(), 0, false);
    if (block.program) WalkBody(*block.program, item, *each, /*same=*/false, each.params());
    if (block.inverse) WalkBody(*block.inverse, scope.context, scope, /*same=*/true);
  }

  // A block whose context is `value`, and its first parameter too.
  void WalkWith(const Statement& block, const Shape& value, const ShapeScope& scope) {
    const render::ParamScope<Shape> params = render::WithParams(value, scope);
    if (block.program) WalkBody(*block.program, value, scope, /*same=*/false, &params);
    if (block.inverse) WalkBody(*block.inverse, scope.context, scope, /*same=*/true);
  }

  // {{#name}}…{{/name}} keeps its context when the value is true, else it is the
  // value or each of its elements.
  void WalkVariableBlock(const Statement& block, const ShapeScope& scope) {
    reads_.NoteTest(block.call.path, scope);
    const Shape value = reads_.CallOf(block.call, scope);
    const std::string_view type = value.schema.OnlyType();
    if (type == "array") {
      WalkEach(block, Shape::OfSchema(value.schema.Items()), scope);
      return;
    }
    const bool may_be_true = type.empty() || type == "boolean";
    if (may_be_true && value.kind != Shape::Kind::kVariables && block.program) {
      WalkBody(*block.program, scope.context, scope, /*same=*/true);
    }
    if (type != "boolean") {
      WalkWith(block, value, scope);
    } else if (block.inverse) {
      WalkBody(*block.inverse, scope.context, scope, /*same=*/true);
    }
  }

  void WalkPartial(const Statement& partial, const ShapeScope& scope) {
    Shape context = scope.context;
    if (!partial.call.params.empty()) context = reads_.Evaluate(partial.call.params[0], scope);
    if (!partial.call.hash.empty()) {
      auto layers = std::make_shared<ShapeLayers>();
      layers->under = context;
      for (const syntax::HashPair& pair : partial.call.hash) {
        if (pair.value.kind == Expression::Kind::kUndefined) continue;
        if (!reads_.work()->Spend(kCostOfStatement)) return;
        layers->over.emplace(pair.key, reads_.Evaluate(pair.value, scope));
      }
      context = {Shape::Kind::kLayers, {}, std::move(layers)};
    }
    using Target = render::PartialCall<Shape>::Target;
    render::PartialCall<Shape> call(partial, scope);
    const auto may_look = [&](size_t names) {
      return reads_.work()->Spend(1 + static_cast<int64_t>(names));
    };
    switch (call.Find(closure_.partials, may_look)) {
      case Target::kInline:
        return WalkInline(call.program(), context, call.scope());
      case Target::kBlock:
        return WalkBody(call.program(), context, call.scope(), /*same=*/false);
      case Target::kFile:
        return WalkFile(context, call.scope());
      case Target::kMissing:
      case Target::kStopped:
        return;
    }
  }

  void WalkInline(const Program& program, const Shape& context, const ShapeScope& scope) {
    int& active = active_[&program];
    if (active >= kMostRecursion) return;
    ++active;
    WalkBody(program, context, scope, /*same=*/false);
    --active_[&program];
  }

  void NoteTest(const Expression& expression, const ShapeScope& scope) {
    if (expression.kind == Expression::Kind::kPath) reads_.NoteTest(expression.path, scope);
  }

  const prompt::Closure& closure_;
  VariableReads& reads_;
  std::map<const Program*, int> active_;
  int depth_ = 0;
  bool gave_up_ = false;
};

}  // namespace

bool WalkVariables(const prompt::Closure& closure, VariableReads* reads) {
  return VariableWalk(closure, reads).Walk();
}

}  // namespace colophon::lint
