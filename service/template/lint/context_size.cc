#include "service/template/lint/context_size.h"

#include <algorithm>
#include <map>
#include <set>

#include "fmt/format.h"
#include "service/template/lint/model_window.h"
#include "service/template/syntax/helpers.h"

namespace colophon::lint {

using syntax::Helper;
using syntax::Program;
using syntax::Statement;

namespace {

// A token is seldom longer in any language.
constexpr int64_t kBytesPerToken = 4;

// The bytes of text that are sent whatever the variables are.
class StaticText {
 public:
  explicit StaticText(const prompt::Closure& closure)
      : closure_(closure), inlines_(closure.prompt->inline_names()) {
    for (const auto& [name, partial] : closure.partials) {
      inlines_.insert(partial->inline_names().begin(), partial->inline_names().end());
    }
  }

  int64_t BytesOf(const Program& program) {
    int64_t bytes = 0;
    for (const Statement& statement : program.body) bytes += BytesOf(statement);
    return std::min(bytes, kMost);
  }

 private:
  // Partials may include each other many times over.
  static constexpr int64_t kMost = int64_t{1} << 40;

  int64_t BytesOf(const Statement& statement) {
    switch (statement.kind) {
      case Statement::Kind::kContent:
        return static_cast<int64_t>(statement.text.size());
      case Statement::Kind::kBlock:
        return LeastOf(statement);
      case Statement::Kind::kPartial:
        return BytesOfPartial(statement.text);
      default:
        return 0;  // What a partial makes of its block isn't known.
    }
  }

  // One of the two branches is sent, or neither.
  int64_t LeastOf(const Statement& block) {
    const Helper helper = block.call.helper;
    if (helper != Helper::kNone && !syntax::InfoOf(helper).block) return 0;
    if (!block.program || !block.inverse) return 0;
    return std::min(BytesOf(*block.program), BytesOf(*block.inverse));
  }

  int64_t BytesOfPartial(const std::string& name) {
    const auto partial = closure_.partials.find(name);
    // An inline partial of that name would be taken first.
    if (partial == closure_.partials.end() || inlines_.count(name) > 0) return 0;
    if (const auto known = bytes_.find(name); known != bytes_.end()) return known->second;
    bytes_[name] = 0;
    const int64_t bytes = BytesOf(partial->second->program());
    bytes_[name] = bytes;
    return bytes;
  }

  const prompt::Closure& closure_;
  std::set<std::string> inlines_;
  std::map<std::string, int64_t> bytes_;  // By the partial's name.
};

}  // namespace

void LintContextSize(const prompt::Closure& closure, DiagnosticSink* sink) {
  const prompt::FrontMatter& matter = closure.prompt->front_matter();
  const int64_t bytes = StaticText(closure).BytesOf(closure.prompt->program());
  const int64_t tokens = bytes / kBytesPerToken;
  const auto check = [&](const std::string& model, const std::string& at) {
    const int64_t window = ModelWindow(model);
    if (window == 0 || tokens <= window) return;
    sink->Warning(
        syntax::FindPosition(matter.positions, at), "CONTEXT_EXCEEDED",
        fmt::format("the prompt's text has {} bytes before any variable, about {} tokens; "
                    "{} takes {}: shorten it, or name a model that takes more",
                    bytes, tokens, model, window));
  };
  check(matter.model, "/model");
  for (size_t i = 0; i < matter.fallbacks.size(); ++i) {
    check(matter.fallbacks[i], fmt::format("/colophon.fallbacks/{}", i));
  }
}

}  // namespace colophon::lint
