#include "service/template/prompt/include_cycles.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "service/base/work.h"
#include "service/template/syntax/ast.h"

namespace colophon::prompt {

using syntax::Program;
using syntax::Statement;

namespace {

class CycleFinder {
 public:
  explicit CycleFinder(const Closure& closure) : closure_(closure) {
    Collect(*closure.prompt, closure.prompt->program());
    for (const auto& [name, partial] : closure.partials) Collect(*partial, partial->program());
  }

  std::vector<InlineCycle> Find() {
    std::vector<InlineCycle> cycles;
    constexpr size_t kMostCycles = 20;
    for (const auto& [name, one] : inlines_) {
      if (one.definitions != 1 || known_.count(name) > 0) continue;
      if (!work_.ok() || cycles.size() == kMostCycles) break;
      start_ = &one;
      start_name_ = name;
      seen_.clear();
      chain_ = {name};
      if (!LeadsBack(*one.statement->program)) continue;
      known_.insert(chain_.begin(), chain_.end());
      if (!IsIncluded()) continue;
      std::string names;
      for (const std::string_view link : chain_) names.append(link).append(" → ");
      cycles.push_back({one.file->path(), one.statement->position, names + name});
    }
    return cycles;
  }

 private:
  struct Inline {
    int definitions = 0;
    const PromptFile* file = nullptr;
    const Statement* statement = nullptr;
    // The programs around it, whose inline partials are there for it too.
    std::vector<const Program*> around;
  };

  // `inside`: the inline partial whose definition this is a part of; "" for none.
  void Collect(const PromptFile& file, const Program& program, std::string_view inside = "") {
    around_.push_back(&program);
    for (const Statement& statement : program.body) {
      const bool defines = statement.kind == Statement::Kind::kInline;
      if (statement.kind == Statement::Kind::kPartial ||
          statement.kind == Statement::Kind::kPartialBlock) {
        includers_[statement.text].insert(inside);
      }
      if (defines) {
        Inline& one = inlines_[statement.text];
        if (++one.definitions == 1) {
          one.file = &file;
          one.statement = &statement;
          one.around = around_;
        }
      }
      if (statement.program) {
        Collect(file, *statement.program, defines ? std::string_view(statement.text) : inside);
      }
      if (statement.inverse) Collect(file, *statement.inverse, inside);
    }
    around_.pop_back();
  }

  // Whether something outside of the cycle in `chain_` includes one of it: a cycle that
  // nothing begins does no harm.
  bool IsIncluded() {
    const auto is_in_chain = [&](std::string_view name) {
      return !work_.Spend() || std::find(chain_.begin(), chain_.end(), name) != chain_.end();
    };
    return std::any_of(chain_.begin(), chain_.end(), [&](std::string_view name) {
      const auto found = includers_.find(name);
      return found != includers_.end() &&
             !std::all_of(found->second.begin(), found->second.end(), is_in_chain);
    });
  }

  // True when `program` includes what we began with; then `chain_` says how.
  bool LeadsBack(const Program& program) {
    for (const Statement& statement : program.body) {
      if (!work_.Spend()) return false;
      const bool includes = statement.kind == Statement::Kind::kPartial ||
                            statement.kind == Statement::Kind::kPartialBlock;
      if (!includes || statement.partial_block) continue;
      const std::string& name = statement.text;
      if (name == start_name_) return true;
      const Program* const next = Target(name);
      const bool is_new = next != nullptr && seen_.insert(next).second;
      if (!is_new || chain_.size() > syntax::kMaxDepth) continue;
      chain_.push_back(name);
      if (LeadsBack(*next)) return true;
      chain_.pop_back();
    }
    return false;
  }

  // Null when it isn't certain.
  const Program* Target(const std::string& name) const {
    const auto found = inlines_.find(name);
    if (found == inlines_.end()) {
      const auto file = closure_.partials.find(name);
      return file == closure_.partials.end() ? nullptr : &file->second->program();
    }
    const Inline& other = found->second;
    if (other.definitions != 1) return nullptr;
    const bool is_there = std::find(start_->around.begin(), start_->around.end(),
                                    other.around.back()) != start_->around.end();
    return is_there ? other.statement->program.get() : nullptr;
  }

  static constexpr int64_t kSteps = 200'000;

  const Closure& closure_;
  std::map<std::string, Inline> inlines_;
  // By the name that is included, the inline partials that do it.
  std::map<std::string_view, std::set<std::string_view>> includers_;
  std::vector<const Program*> around_;
  Work work_{kSteps};
  const Inline* start_ = nullptr;
  std::string_view start_name_;
  std::set<const Program*> seen_;
  std::vector<std::string_view> chain_;
  std::set<std::string_view> known_;  // Of cycles that were found.
};

}  // namespace

std::vector<InlineCycle> FindInlineCycles(const Closure& closure) {
  return CycleFinder(closure).Find();
}

}  // namespace colophon::prompt
