// The partials of TemplateRenderer: files, inline partials and blocks.

#include <utility>

#include "fmt/format.h"
#include "service/template/render/template_renderer.h"

namespace colophon::render {

using syntax::Statement;

void TemplateRenderer::RenderPartial(const Statement& partial, const Scope& scope) {
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
    RenderPartialIn(partial, context, scope);
    return;
  }
  builder_.PushIndent(partial.indent);
  RenderPartialIn(partial, context, scope);
  builder_.PopIndent();
}

// The body of {{#> name}} becomes @partial-block; its inline partials are there
// for the partial it calls.
void TemplateRenderer::RenderPartialIn(const Statement& partial, const Value& context,
                                       const Scope& scope) {
  if (partial.kind == Statement::Kind::kPartial) {
    RunPartial(partial, context, scope, scope, nullptr);
    return;
  }
  const Closed block{partial.program.get(), &scope, Evaluator::PartialBlock(scope.data)};
  DataScope data;
  data.kind = DataScope::Kind::kPartialBlock;
  data.parent = scope.data;
  data.partial_block = &block;
  const InlineScope inlines{partial.program.get(), &scope, scope.inlines};
  Scope callee = scope;
  callee.data = &data;
  if (!partial.program->inlines.empty()) callee.inlines = &inlines;
  RunPartial(partial, context, callee, scope, &block);
}

void TemplateRenderer::RunPartial(const Statement& partial, const Value& context,
                                  const Scope& scope, const Scope& caller, const Closed* block) {
  if (partial.partial_block) {
    const Closed* outer = Evaluator::PartialBlock(caller.data);
    if (outer != nullptr) {
      RunClosed(*outer, context, scope.data);
      return;
    }
  } else {
    const InlineScope* inlines = nullptr;
    if (const syntax::Program* program = FindInline(partial, caller, &inlines)) {
      Scope inner = *inlines->scope;
      inner.data = scope.data;
      inner.inlines = inner.file == caller.file ? caller.inlines : inlines;
      RenderBody(*program, context, inner);
      return;
    }
    if (const auto file = closure_.partials.find(partial.text); file != closure_.partials.end()) {
      // A partial sees nothing of where it is called but what it is given.
      const ContextScope contexts{context, nullptr};
      Scope inner;
      inner.context = context;
      inner.contexts = &contexts;
      inner.data = scope.data;
      inner.inlines = scope.inlines;
      inner.file = file->second.get();
      RenderFile(inner);
      return;
    }
  }
  if (block != nullptr) {  // The partial is missing: the block stands in.
    RunClosed(*block, context, scope.data);
    return;
  }
  evaluator_.Fail(InvalidArgument(
      "MISSING_PARTIAL",
      partial.partial_block
          ? fmt::format("{}: this partial was included without a block, so there is no "
                        "@partial-block: put {{{{#if @partial-block}}}} around it",
                        PlaceOf(caller, partial.position))
          : fmt::format("{}: no partial {} here", PlaceOf(caller, partial.position),
                        Quote(partial.text))));
}

void TemplateRenderer::RunClosed(const Closed& closed, const Value& context,
                                 const DataScope* data) {
  DataScope restored;
  restored.kind = DataScope::Kind::kPartialBlock;
  restored.parent = data;
  restored.partial_block = closed.partial_block;
  Scope inner = *closed.scope;
  inner.data = &restored;
  RenderBody(*closed.program, context, inner);
}

// Leaves in `inlines` the scope that it was found in.
const syntax::Program* TemplateRenderer::FindInline(const Statement& partial, const Scope& caller,
                                                    const InlineScope** inlines) {
  for (*inlines = caller.inlines; *inlines != nullptr; *inlines = (*inlines)->parent) {
    const syntax::Program& program = *(*inlines)->program;
    const auto cost = static_cast<int64_t>(program.inlines.size() / 16) *
                      (1 + Work::OfBytes(partial.text.size()));
    if (!evaluator_.Step(caller, partial.position, cost)) return nullptr;
    // The last one of a name counts.
    for (size_t i = program.inlines.size(); i-- > 0;) {
      const Statement& statement = program.body[program.inlines[i]];
      if (statement.text == partial.text) return statement.program.get();
    }
  }
  return nullptr;
}

}  // namespace colophon::render
