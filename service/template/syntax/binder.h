#pragma once

#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "service/template/syntax/ast.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon::syntax {

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

  void Bind(Program* root) { BindProgram(root); }

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

  void BindProgram(Program* program);
  void BindStatement(Statement* statement);
  void BindBlock(Statement* block);
  void BindPartial(Statement* partial);
  void BindInline(Statement* block);
  // `expression`: it is an argument, not a tag of its own.
  void BindCall(Call* call, bool has_block, bool expression);
  void BindArguments(Call* call);
  void BindExpression(Expression* expression);
  void BindPath(Path* path);
  void CheckHelper(const Call& call, bool has_block, bool expression);
  void CheckArguments(const Call& call);
  void CheckRole(const Call& call);
  void CheckMedia(const Call& call);
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

}  // namespace colophon::syntax
