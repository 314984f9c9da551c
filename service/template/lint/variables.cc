#include "service/template/lint/variables.h"

#include <algorithm>
#include <map>

#include "fmt/format.h"
#include "service/template/lint/branches.h"
#include "service/template/lint/declared_variables.h"
#include "service/template/lint/variable_reads.h"
#include "service/template/lint/variable_walk.h"
#include "service/template/lint/warning_limit.h"

namespace colophon::lint {
namespace {

std::string TextOf(const Place& place) {
  const auto& [path, line, column] = place;
  return fmt::format("{}:{}:{}", path, line, column);
}

class VariableLint {
 public:
  VariableLint(const prompt::Closure& closure, std::vector<v1::Diagnostic>* diagnostics)
      : closure_(closure),
        diagnostics_(diagnostics),
        declared_(closure),
        reads_(closure, declared_),
        is_complete_(WalkVariables(closure, &reads_)) {}

  void Run() {
    if (!is_complete_) return;
    TellUnused();
    TellUndeclared();
    TellSimilar();
    TellImpossible();
  }

 private:
  // A schema that has a file of its own may serve other prompts too, so what it
  // declares need not be used here.
  void TellUnused() {
    if (reads_.reads_all()) return;
    for (const auto& [name, position] : declared_.positions()) {
      if (reads_.reads().count(name) > 0 || !declared_.IsOwn(name)) continue;
      Warn({closure_.path, position.line, position.column}, "UNUSED_VARIABLE",
           fmt::format("nothing in the prompt reads the variable {}: use it, or take it out of the "
                       "front matter's input",
                       Quote(name)));
    }
  }

  void TellUndeclared() {
    int told = 0;
    for (const auto& [place, slip] : reads_.Slips()) {
      if (++told > kMostOfAKind) return;
      const std::string schema =
          std::get<0>(place) == closure_.path
              ? "the input schema"
              : fmt::format("the input schema of {}, which includes this,", closure_.path);
      if (!slip.owner.empty()) {
        Warn(place, "UNDECLARED_VARIABLE",
             fmt::format("{} has no {} in {}: declare it there, or write a name that it has",
                         schema, Quote(slip.name), Quote(slip.owner)));
        continue;
      }
      const std::string nearest = declared_.NearestTo(slip.name);
      Warn(place, "UNDECLARED_VARIABLE",
           fmt::format("{} has no variable {}: {}", schema, Quote(slip.name),
                       nearest.empty() ? "declare it in input.schema, or remove it"
                                       : fmt::format("is {} meant?", Quote(nearest))));
    }
  }

  // Where a schema is closed, a second spelling is an undeclared variable; two
  // that are both declared are meant.
  void TellSimilar() {
    if (declared_.is_closed()) return;
    std::map<std::string, std::vector<std::string>> spellings;
    for (const auto& [name, places] : reads_.reads()) {
      constexpr size_t kShortest = 2;  // {{x}} and {{X}} may well be two.
      const std::string key = SpellingKey(name);
      if (key.size() >= kShortest) spellings[key].push_back(name);
    }
    for (const auto& [name, position] : declared_.positions()) {
      const auto found = spellings.find(SpellingKey(name));
      if (found == spellings.end() || reads_.reads().count(name) > 0) continue;
      found->second.push_back(name);
    }
    for (auto& [key, names] : spellings) TellSpellings(&names);
  }

  void TellSpellings(std::vector<std::string>* names) {
    if (names->size() < 2) return;
    // The right one is what is declared, else what is written most, else first.
    const auto count = [&](const std::string& name) {
      const auto places = reads_.reads().find(name);
      return places == reads_.reads().end() ? 0 : places->second.size();
    };
    std::stable_sort(names->begin(), names->end(), [&](const auto& a, const auto& b) {
      if (declared_.Has(a) != declared_.Has(b)) return declared_.Has(a);
      if (count(a) != count(b)) return count(a) > count(b);
      return count(a) > 0 && OrderOf(FirstPlace(a)) < OrderOf(FirstPlace(b));
    });
    const std::string& right = names->front();
    const std::string where = declared_.Has(right) ? "as input declares it"
                                                   : "as " + TextOf(FirstPlace(right)) + " has it";
    for (const std::string& name : *names) {
      if (name == right || declared_.Has(name)) continue;
      Warn(FirstPlace(name), "SIMILAR_VARIABLES",
           fmt::format("{} and {} are two variables: if one is meant, write {}, {}", Quote(name),
                       Quote(right), Quote(right), where));
    }
  }

  void TellImpossible() {
    DiagnosticSink sink(closure_.path, diagnostics_);
    for (const auto& [block, literal] : reads_.Impossible()) {
      TellDeadBranch(*block, /*is_true=*/false,
                     fmt::format("the input schema doesn't allow {} there", literal), &sink);
    }
  }

  // The prompt's own file comes before partials.
  std::pair<bool, Place> OrderOf(const Place& place) const {
    return {std::get<0>(place) != closure_.path, place};
  }

  // In the prompt's own file before partials.
  Place FirstPlace(const std::string& name) const {
    const std::set<Place>& places = reads_.reads().at(name);
    const auto own = places.lower_bound({closure_.path, 0, 0});
    return own != places.end() && std::get<0>(*own) == closure_.path ? *own : *places.begin();
  }

  void Warn(const Place& place, std::string_view code, const std::string& message) {
    const auto& [path, line, column] = place;
    DiagnosticSink(path, diagnostics_).Warning({line, column}, code, message);
  }

  const prompt::Closure& closure_;
  std::vector<v1::Diagnostic>* const diagnostics_;
  const DeclaredVariables declared_;
  VariableReads reads_;
  const bool is_complete_;
};

}  // namespace

void LintVariables(const prompt::Closure& closure, std::vector<v1::Diagnostic>* diagnostics) {
  VariableLint(closure, diagnostics).Run();
}

}  // namespace colophon::lint
