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
    ShapeScope scope;
    scope.context.kind = Shape::Kind::kVariables;
    const ShapeFrame frame{scope.context, nullptr};
    scope.frames = &frame;
    scope.file = closure_.prompt.get();
    WalkFile(scope);
    return !gave_up_ && !reads_.gave_up();
  }

 private:
  void WalkFile(const ShapeScope& scope) {
    const Program& program = scope.file->program();
    ShapeScope outside = scope;
    outside.frames = nullptr;
    const ShapeInlines inlines{&program, &outside, scope.inlines};
    ShapeScope inner = scope;
    if (!program.inlines.empty()) inner.inlines = &inlines;
    WalkProgram(program, inner);
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
                const ShapeParams* params = nullptr) {
    ShapeScope inner = scope;
    inner.context = context;
    const ShapeFrame frame{context, scope.frames};
    same |= scope.frames != nullptr && context.IsSameAs(scope.frames->value);
    if (!same || scope.frames == nullptr) inner.frames = &frame;
    ShapeParams none;
    if (!program.block_params.empty()) {
      none.parent = scope.params;
      inner.params = params != nullptr ? params : &none;
    }
    const ShapeInlines inlines{&program, &scope, scope.inlines};
    if (!program.inlines.empty()) inner.inlines = &inlines;
    WalkProgram(program, inner);
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
        WalkWith(block, Shape::OfSchema(list.schema.Items()), scope);
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

  // A block whose context is `value`, and its first parameter too.
  void WalkWith(const Statement& block, const Shape& value, const ShapeScope& scope) {
    ShapeParams params;
    params.values[0] = value;
    params.parent = scope.params;
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
      WalkWith(block, Shape::OfSchema(value.schema.Items()), scope);
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
    if (partial.kind == Statement::Kind::kPartial) {
      RunPartial(partial, context, scope, scope, nullptr);
      return;
    }
    const ShapeClosed block{partial.program.get(), &scope, scope.partial_block};
    const ShapeInlines inlines{partial.program.get(), &scope, scope.inlines};
    ShapeScope callee = scope;
    callee.partial_block = &block;
    if (!partial.program->inlines.empty()) callee.inlines = &inlines;
    RunPartial(partial, context, callee, scope, &block);
  }

  // As TemplateRenderer::RunPartial.
  void RunPartial(const Statement& partial, const Shape& context, const ShapeScope& scope,
                  const ShapeScope& caller, const ShapeClosed* block) {
    if (partial.partial_block) {
      if (caller.partial_block != nullptr) {
        RunClosed(*caller.partial_block, context);
        return;
      }
    } else {
      for (const ShapeInlines* inlines = caller.inlines; inlines != nullptr;
           inlines = inlines->parent) {
        if (!reads_.work()->Spend(1 + static_cast<int64_t>(inlines->program->inlines.size())))
          return;
        const Program* const program = FindInline(*inlines->program, partial.text);
        if (program == nullptr) continue;
        RunInline(*program, *inlines, context, scope, caller);
        return;
      }
      const auto file = closure_.partials.find(partial.text);
      if (file != closure_.partials.end()) {
        ShapeScope inner;
        inner.context = context;
        const ShapeFrame frame{context, nullptr};
        inner.frames = &frame;
        inner.inlines = scope.inlines;
        inner.partial_block = scope.partial_block;
        inner.file = file->second.get();
        WalkFile(inner);
        return;
      }
    }
    if (block != nullptr) RunClosed(*block, context);
  }

  void RunInline(const Program& program, const ShapeInlines& inlines, const Shape& context,
                 const ShapeScope& scope, const ShapeScope& caller) {
    int& active = active_[&program];
    if (active >= kMostRecursion) return;
    ++active;
    ShapeScope inner = *inlines.scope;
    inner.partial_block = scope.partial_block;
    inner.inlines = inner.file == caller.file ? caller.inlines : &inlines;
    WalkBody(program, context, inner, /*same=*/false);
    --active_[&program];
  }

  void RunClosed(const ShapeClosed& closed, const Shape& context) {
    ShapeScope inner = *closed.scope;
    inner.partial_block = closed.partial_block;
    WalkBody(*closed.program, context, inner, /*same=*/false);
  }

  // The last one of a name counts.
  static const Program* FindInline(const Program& program, const std::string& name) {
    for (size_t i = program.inlines.size(); i-- > 0;) {
      const Statement& statement = program.body[program.inlines[i]];
      if (statement.text == name) return statement.program.get();
    }
    return nullptr;
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
