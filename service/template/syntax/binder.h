#pragma once

#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "service/template/syntax/ast.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon {

// One {{> name}} that no inline partial around it defines.
struct PartialUse {
  std::string name;
  Position position;
  bool has_fallback = false;  // {{#> name}}what stands there without it{{/name}}
  int depth = 0;              // With it, so many blocks and partials stand inside each other.
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
  // So many blocks and partials stand inside each other at most, an {{else if}} not
  // counted; what an inline partial is called in is not known.
  int deepest() const { return deepest_; }

 private:
  // A block that has parameters, and where in its list a name stands.
  struct BlockParam {
    size_t block;
    size_t index;
  };
  class Deeper;

  void BindProgram(ast::Program* program);
  void BindStatement(ast::Statement* statement);
  void BindBlock(ast::Statement* block);
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

  DiagnosticSink* const sink_;
  size_t block_count_ = 0;  // Of those with parameters, around what is bound now.
  // By name; the innermost last.
  std::unordered_map<std::string, std::vector<BlockParam>> block_params_;
  // How many programs around define an inline partial of the name.
  std::unordered_map<std::string, int> inlines_around_;
  int depth_ = 0;
  int deepest_ = 0;
  std::vector<PartialUse> partial_uses_;
  std::set<std::string> inline_names_;
};

}  // namespace colophon
