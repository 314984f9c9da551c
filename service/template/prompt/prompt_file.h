#pragma once

// A `.prompt` file: YAML front matter and a Handlebars body, in the Dotprompt
// format (https://google.github.io/dotprompt/), parsed once.

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "colophon/v1/registry.pb.h"
#include "service/template/prompt/front_matter.h"
#include "service/template/syntax/ast.h"
#include "service/template/syntax/binder.h"

namespace colophon::prompt {

// Immutable, so it may be shared by threads.
class PromptFile {
 public:
  // A file of more bytes is refused.
  static constexpr size_t kMaxBytes = 1 << 20;

  // Checks and parses one file. Every problem is added to `diagnostics`, with
  // line and column in the file; null when one of them is an error. A file
  // whose name begins with "_" is a partial and has no front matter of its own
  // (what looks like front matter is ignored, as the reference does). `added`,
  // unless null, is laid over the front matter.
  static std::shared_ptr<const PromptFile> Parse(std::string_view path, std::string_view text,
                                                 std::vector<v1::Diagnostic>* diagnostics,
                                                 const FrontMatter* added = nullptr);
  ~PromptFile();

  const std::string& path() const { return path_; }
  const FrontMatter& front_matter() const { return front_matter_; }
  const syntax::Program& program() const { return *program_; }
  // Names of {{> partials}} in the body that are not defined in it, sorted, each
  // once.
  const std::vector<std::string>& partial_names() const { return partial_names_; }
  // The same, each place, in order.
  const std::vector<syntax::PartialUse>& partial_uses() const { return partial_uses_; }
  // So many blocks and partials stand inside each other.
  int depth() const { return depth_; }
  // Tags, texts and expressions.
  int node_count() const { return node_count_; }
  // Names that {{#*inline "name"}} gives somewhere in the body.
  const std::set<std::string>& inline_names() const { return inline_names_; }

 private:
  PromptFile();

  // Null after an error.
  std::unique_ptr<const syntax::Program> ParseBody(std::string_view body, Position start,
                                                   DiagnosticSink* sink);

  std::string path_;
  FrontMatter front_matter_;
  std::unique_ptr<const syntax::Program> program_;
  std::vector<std::string> partial_names_;
  std::vector<syntax::PartialUse> partial_uses_;
  std::set<std::string> inline_names_;
  int depth_ = 0;
  int node_count_ = 0;
};

}  // namespace colophon::prompt
