#pragma once

#include "service/base/status.h"
#include "service/template/prompt/closure.h"
#include "service/template/render/evaluator.h"
#include "service/template/render/input.h"
#include "service/template/render/limits.h"
#include "service/template/render/message_builder.h"
#include "service/template/render/scope.h"

namespace colophon::render {

// Runs the template of a closure: text and what helpers ask for go to a
// MessageBuilder. For one rendering.
class TemplateRenderer {
 public:
  using History = google::protobuf::RepeatedPtrField<v1::Message>;

  // All arguments stay alive and unchanged. What it does is taken from `work`.
  TemplateRenderer(const prompt::Closure& closure, const Limits& limits, const Input& input,
                   Work* work)
      : closure_(closure),
        limits_(limits),
        input_(input),
        history_(input.history),
        evaluator_(limits, work),
        builder_(limits.output_bytes, work) {}

  // `variables` are the input's with the defaults under them.
  absl::StatusOr<History> Render(const Value& variables, const boost::json::object& metadata);

  // {{history}} was run.
  bool history_placed() const { return history_placed_; }
  // Of the text, when the input asks for them; after Render.
  const google::protobuf::RepeatedPtrField<v1::Span>& spans() const { return builder_.spans(); }

 private:
  class Deeper;

  // A whole file; `scope` says what it sees beside its context.
  void RenderFile(const Value& context, const ValueScope& scope);
  void RenderProgram(const syntax::Program& program, const ValueScope& scope);
  // Runs a block in a context that may be new.
  void RenderBody(const syntax::Program& program, const Value& context, const ValueScope& scope,
                  const ParamScope<Value>* params = nullptr);
  void RenderStatement(const syntax::Statement& statement, const ValueScope& scope);
  void RenderMustache(const syntax::Call& call, const ValueScope& scope);
  void RenderBlock(const syntax::Statement& block, const ValueScope& scope);
  void RenderVariableBlock(const syntax::Statement& block, const ValueScope& scope);
  void RenderEach(const syntax::Statement& block, const Value& list, const Value& otherwise,
                  const ValueScope& scope);
  void RenderWith(const syntax::Statement& block, const Value& value, const Value& otherwise,
                  const ValueScope& scope);
  bool IsTrue(const syntax::Statement& block, const ValueScope& scope);

  void RenderPartial(const syntax::Statement& partial, const ValueScope& scope);
  // Where the partial's indent is settled.
  void RunPartial(const syntax::Statement& partial, const Value& context, const ValueScope& scope);
  absl::Status MissingPartial(const syntax::Statement& partial, const ValueScope& scope) const;

  void AppendText(const Value& value, const syntax::Call& call, const ValueScope& scope);
  // What is written next comes from here; `call` is null for a template's own
  // text.
  void SetSource(const ValueScope& scope, Position position, const syntax::Call* call);
  void AddRole(const syntax::Call& call, const ValueScope& scope);
  void AddHistory(const syntax::Call& call, const ValueScope& scope);
  // Takes the price of a copy of the history. Its bytes.
  int64_t SpendOnHistory();
  void AddMedia(const syntax::Call& call, const ValueScope& scope);
  void AddSection(const syntax::Call& call, const ValueScope& scope);
  bool CheckOutput(const ValueScope& scope, Position position);

  const prompt::Closure& closure_;
  const Limits& limits_;
  const Input& input_;
  const History& history_;
  Evaluator evaluator_;
  MessageBuilder builder_;
  int depth_ = 0;
  int64_t history_bytes_ = -1;  // -1: not counted yet.
  int64_t history_cost_ = 0;
  bool history_placed_ = false;
};

}  // namespace colophon::render
