#include "service/template/prompt/include_check.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "fmt/format.h"
#include "service/template/prompt/include_cycles.h"
#include "service/template/syntax/ast.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon::prompt {
namespace {

constexpr size_t kMaxIncludeDepth = 32;

class IncludeCheck {
 public:
  IncludeCheck(const Closure& closure, std::vector<v1::Diagnostic>* found)
      : closure_(closure), found_(found) {}

  void Check() {
    std::vector<std::string> chain;
    std::map<std::string, int> depths;
    Visit(*closure_.prompt, "", &chain, &depths);
    for (const InlineCycle& cycle : FindInlineCycles(closure_)) {
      Error(cycle.path, cycle.position, "INCLUDE_CYCLE",
            fmt::format("this inline partial includes itself whatever the variables are: {}: put "
                        "an {{{{#if}}}} around one of these includes, or remove it",
                        cycle.names));
    }
    CheckPartialBlocks();
  }

 private:
  // What the prompt itself includes outside of any block is rendered in every call.
  void CheckPartialBlocks() {
    for (const syntax::Statement& statement : closure_.prompt->program().body) {
      if (statement.kind != syntax::Statement::Kind::kPartial || !statement.partial_block) continue;
      Error(closure_.path, statement.position, "MISSING_PARTIAL",
            "nothing includes a prompt with a block, so there is no @partial-block here: remove "
            "it, or write {{#> @partial-block}} with what stands in for it");
    }
  }

  // Of each name that `file` includes, the use that is deepest inside of blocks.
  static std::map<std::string_view, const syntax::PartialUse*> DeepestUses(const PromptFile& file) {
    std::map<std::string_view, const syntax::PartialUse*> uses;
    for (const syntax::PartialUse& use : file.partial_uses()) {
      const auto [found, is_new] = uses.emplace(use.name, &use);
      if (!is_new && found->second->depth < use.depth) found->second = &use;
    }
    return uses;
  }

  // Depth first. `chain` is how `file` was come to. Gives how many blocks and
  // partials stand inside each other from there on.
  int Visit(const PromptFile& file, const std::string& name, std::vector<std::string>* chain,
            std::map<std::string, int>* depths) {
    chain->push_back(name);
    int deepest = file.depth();
    for (const auto& [used, deepest_use] : DeepestUses(file)) {
      const syntax::PartialUse& use = *deepest_use;
      const auto partial = closure_.partials.find(use.name);
      if (partial == closure_.partials.end()) continue;
      const auto again = std::find(chain->begin() + 1, chain->end(), use.name);
      if (again != chain->end()) {
        std::string cycle;
        for (auto it = again; it != chain->end(); ++it) cycle += *it + " → ";
        Error(file.path(), use.position, "INCLUDE_CYCLE",
              fmt::format("the partials include each other: {}{}: remove one of these includes",
                          cycle, use.name));
      } else if (chain->size() > kMaxIncludeDepth) {
        Error(file.path(), use.position, "TOO_DEEP",
              fmt::format("more than {} partials include one another", kMaxIncludeDepth));
      } else {
        const auto known = depths->find(use.name);
        const int below = known != depths->end() ? known->second
                                                 : Visit(*partial->second, use.name, chain, depths);
        deepest = std::max(deepest, use.depth + below);
        if (use.depth + below > syntax::kMaxDepth && below <= syntax::kMaxDepth) {
          Error(file.path(), use.position, "TOO_DEEP",
                fmt::format("with what this partial includes, more than {} blocks and partials "
                            "are inside each other, which is never rendered: take some of the "
                            "blocks away",
                            syntax::kMaxDepth));
        }
      }
    }
    chain->pop_back();
    return (*depths)[name] = deepest;
  }

  void Error(const std::string& path, Position position, std::string_view code,
             std::string_view message) {
    DiagnosticSink(path, found_).Error(position, code, message);
  }

  const Closure& closure_;
  std::vector<v1::Diagnostic>* const found_;
};

}  // namespace

void CheckIncludes(const Closure& closure, std::vector<v1::Diagnostic>* found) {
  IncludeCheck(closure, found).Check();
}

}  // namespace colophon::prompt
