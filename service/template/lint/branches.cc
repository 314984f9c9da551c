#include "service/template/lint/branches.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "fmt/format.h"
#include "service/template/lint/warning_limit.h"
#include "service/template/render/value.h"
#include "service/template/syntax/helpers.h"

namespace colophon::lint {

using syntax::Expression;
using syntax::Helper;
using syntax::Program;
using syntax::Statement;

namespace {

// A condition that is known in a branch, and which tag asked it before.
struct Fact {
  bool is_true;
  Position asked;
};

// By the condition's text, see ConditionOf. They hold as long as the context
// and the block parameters stay the same.
using Facts = std::map<std::string, Fact>;

std::string TextOf(const syntax::Call& call);

std::string TextOf(const syntax::Path& path) {
  std::string text =
      fmt::format("path:{}:{}:{}:{}", path.depth, path.data, path.block_depth, path.block_index);
  for (const syntax::Segment& part : path.parts) {
    text += fmt::format(":{}:{}", part.name.size(), part.name);
  }
  return text;
}

std::string TextOf(const Expression& expression) {
  switch (expression.kind) {
    case Expression::Kind::kPath:
      return TextOf(expression.path);
    case Expression::Kind::kString:
      return fmt::format("string:{}:{}", expression.string.size(), expression.string);
    case Expression::Kind::kNumber:
      return fmt::format("number:{}", expression.number);
    case Expression::Kind::kBoolean:
      return expression.boolean ? "true" : "false";
    case Expression::Kind::kUndefined:
      return "undefined";
    case Expression::Kind::kNull:
      return "null";
    case Expression::Kind::kCall:
      return "(" + TextOf(*expression.call) + ")";
  }
  return "";
}

// The same for calls that always give the same value: helpers have no effects.
std::string TextOf(const syntax::Call& call) {
  std::string text = fmt::format("{}{}", syntax::InfoOf(call.helper).name,
                                 call.helper == Helper::kNone ? TextOf(call.path) : "");
  for (const Expression& param : call.params) text += " " + TextOf(param);
  for (const syntax::HashPair& pair : call.hash) {
    text += fmt::format(" {}={}", pair.key, TextOf(pair.value));
  }
  return text;
}

bool IsCondition(const Statement& statement) {
  if (statement.kind != Statement::Kind::kBlock) return false;
  const Helper helper = statement.call.helper;
  return helper == Helper::kIf || helper == Helper::kUnless || helper == Helper::kIfEquals ||
         helper == Helper::kUnlessEquals;
}

bool IsNegated(Helper helper) {
  return helper == Helper::kUnless || helper == Helper::kUnlessEquals;
}

// What a block asks, the same for {{#if x}} and {{#unless x}}.
std::string ConditionOf(const syntax::Call& call) {
  if (call.helper == Helper::kIf || call.helper == Helper::kUnless) {
    std::string text = "if " + TextOf(call.params[0]);
    for (const syntax::HashPair& pair : call.hash) {
      text += fmt::format(" {}={}", pair.key, TextOf(pair.value));
    }
    return text;
  }
  std::string first = TextOf(call.params[0]);
  std::string second = TextOf(call.params[1]);
  if (second < first) std::swap(first, second);
  return "equal " + first + " " + second;
}

// Nullopt: it is no literal.
std::optional<render::Value> LiteralOf(const Expression& expression) {
  switch (expression.kind) {
    case Expression::Kind::kString:
      return render::Value::String(expression.string);
    case Expression::Kind::kNumber:
      return render::Value::Number(expression.number);
    case Expression::Kind::kBoolean:
      return render::Value::Bool(expression.boolean);
    case Expression::Kind::kUndefined:
      return render::Value();
    case Expression::Kind::kNull:
      return render::Value::Null();
    case Expression::Kind::kPath:
    case Expression::Kind::kCall:
      return std::nullopt;
  }
  return std::nullopt;
}

// The condition of literals, without `unless`; as the renderer works it out.
std::optional<bool> ConstantOf(const syntax::Call& call) {
  const std::optional<render::Value> first = LiteralOf(call.params[0]);
  if (!first) return std::nullopt;
  if (call.helper == Helper::kIfEquals || call.helper == Helper::kUnlessEquals) {
    const std::optional<render::Value> second = LiteralOf(call.params[1]);
    if (!second) return std::nullopt;
    return first->StrictlyEquals(*second);
  }
  bool zero_counts = false;
  for (const syntax::HashPair& pair : call.hash) {
    if (pair.key != "includeZero") continue;
    const std::optional<render::Value> value = LiteralOf(pair.value);
    if (!value) return std::nullopt;
    zero_counts = value->IsTruthy();
    break;
  }
  return (zero_counts || first->IsTruthy()) && !first->IsEmpty();
}

class BranchLint {
 public:
  explicit BranchLint(DiagnosticSink* sink) : sink_(sink) {}

  // With nothing known of its context.
  void LintProgram(const Program& program) {
    Facts facts;
    LintStatements(program, &facts);
  }

 private:
  // Leaves `facts` as they were.
  void LintStatements(const Program& program, Facts* facts) {
    for (const Statement& statement : program.body) {
      if (IsCondition(statement)) {
        LintCondition(statement, facts);
        continue;
      }
      // Another context begins, save after {{else}}.
      if (statement.program) LintProgram(*statement.program);
      if (statement.inverse) LintBody(*statement.inverse, facts);
    }
  }

  void LintBody(const Program& program, Facts* facts) {
    if (program.block_params.empty()) {
      LintStatements(program, facts);
    } else {
      LintProgram(program);
    }
  }

  void LintCondition(const Statement& block, Facts* facts) {
    const std::string condition = ConditionOf(block.call);
    const bool negated = IsNegated(block.call.helper);
    std::optional<bool> is_true = ConstantOf(block.call);
    std::string why = "it asks of no variable";
    if (const auto fact = facts->find(condition); !is_true && fact != facts->end()) {
      is_true = fact->second.is_true;
      why = fmt::format("the tag at {}:{} asks the same", fact->second.asked.line,
                        fact->second.asked.column);
    }
    if (is_true && told_ < kMostOfAKind && TellDeadBranch(block, *is_true, why, sink_)) ++told_;
    // `program` is rendered when the condition is `!negated`.
    for (const bool first : {true, false}) {
      const std::unique_ptr<Program>& branch = first ? block.program : block.inverse;
      const bool holds = first != negated;
      if (!branch || (is_true && *is_true != holds)) continue;
      const auto [fact, is_new] = facts->insert({condition, {holds, block.position}});
      LintBody(*branch, facts);
      if (is_new) facts->erase(fact);
    }
  }

  DiagnosticSink* const sink_;
  int told_ = 0;
};

}  // namespace

bool TellDeadBranch(const Statement& block, bool is_true, std::string_view why,
                    DiagnosticSink* sink) {
  const bool negated = IsNegated(block.call.helper);
  const std::unique_ptr<Program>& dead = is_true == negated ? block.program : block.inverse;
  if (!dead || dead->body.empty()) return false;
  // {{^if x}}…{{else}}…{{/if}} has them the other way round.
  const Position begin = dead->body[0].position;
  const Position otherwise = block.else_position;
  const bool after_else = otherwise.line > 0 && std::tie(otherwise.line, otherwise.column) <=
                                                    std::tie(begin.line, begin.column);
  sink->Warning(
      after_else ? otherwise : block.position, "UNREACHABLE_BRANCH",
      fmt::format("this branch is never rendered: the condition of \"{}\" is always {} here, "
                  "because {}; remove the branch, or ask something else",
                  syntax::InfoOf(block.call.helper).name, is_true ? "true" : "false", why));
  return true;
}

void LintBranches(const Program& program, DiagnosticSink* sink) {
  BranchLint(sink).LintProgram(program);
}

}  // namespace colophon::lint
