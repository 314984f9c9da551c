#pragma once

#include <set>
#include <string>
#include <vector>

#include "service/template/ast.h"
#include "service/template/diagnostics.h"

namespace colophon {

// One {{> name}} that no inline partial around it defines.
struct PartialUse {
  std::string name;
  Position position;
  bool has_fallback = false;  // {{#> name}}what stands there without it{{/name}}
};

// Settles what each name of a parsed template means: a helper, a block
// parameter or a variable; reports what means nothing. All problems are
// reported, not only the first.
class Binder {
 public:
  explicit Binder(DiagnosticSink* sink) : sink_(sink) {}

  void Bind(ast::Program* root) { BindProgram(root); }

  // In the order they stand in.
  const std::vector<PartialUse>& partial_uses() const { return partial_uses_; }
  // Of {{#*inline "name"}}.
  const std::set<std::string>& inline_names() const { return inline_names_; }

 private:
  void BindProgram(ast::Program* program);
  void BindStatement(ast::Statement* statement);
  void BindPartial(ast::Statement* partial);
  void BindInline(ast::Statement* block);
  // `expression`: it is an argument, not a tag of its own.
  void BindCall(ast::Call* call, bool has_block, bool expression);
  void BindArguments(ast::Call* call);
  void BindExpression(ast::Expression* expression);
  void BindPath(ast::Path* path);
  void CheckHelper(const ast::Call& call, bool has_block, bool expression);
  void CheckArguments(const ast::Call& call);
  void CheckRole(const ast::Call& call);
  void CheckMedia(const ast::Call& call);
  bool FindBlockParam(const std::string& name, int* depth, int* index) const;
  bool IsInline(const std::string& name) const;

  DiagnosticSink* const sink_;
  std::vector<const std::vector<std::string>*> block_params_;
  std::vector<std::set<std::string>> inline_scopes_;
  std::vector<PartialUse> partial_uses_;
  std::set<std::string> inline_names_;
};

}  // namespace colophon
