#include "service/template/prompt/prompt_file.h"

#include <utility>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/prompt/front_matter_check.h"
#include "service/template/syntax/ast.h"
#include "service/template/syntax/parser.h"
#include "service/template/syntax/whitespace.h"

namespace colophon::prompt {
namespace {

// Front matter of more bytes is refused: YAML is slow to read.
constexpr size_t kMaxFrontMatter = 64 << 10;

bool IsPartialPath(std::string_view path) {
  const size_t slash = path.rfind('/');
  return path.substr(slash == path.npos ? 0 : slash + 1).starts_with('_');
}

// Where the first byte stands that is not UTF-8.
Position FirstNotUtf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const auto c = static_cast<unsigned char>(text[i]);
    const size_t length = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    if (!IsUtf8(text.substr(i, length))) break;
    i += length;
  }
  return syntax::PositionAt(text, i);
}

bool CheckBytes(std::string_view text, DiagnosticSink* sink) {
  if (text.size() > PromptFile::kMaxBytes) {
    sink->Error({}, "TOO_LARGE",
                fmt::format("the file has {} bytes: at most {} are taken", text.size(),
                            PromptFile::kMaxBytes));
    return false;
  }
  if (!IsUtf8(text)) {
    sink->Error(FirstNotUtf8(text), "NOT_UTF8", "a byte here is not UTF-8: save the file as UTF-8");
    return false;
  }
  if (const size_t nul = text.find('\0'); nul != text.npos) {
    sink->Error(syntax::PositionAt(text, nul), "BAD_CHARACTER",
                "the character U+0000 stands here: remove it");
    return false;
  }
  if (text.starts_with("\xef\xbb\xbf")) {
    sink->Error({1, 1}, "BAD_CHARACTER",
                "the file begins with a byte order mark: save it as UTF-8 without one");
    return false;
  }
  return true;
}

FrontMatter ParseFrontMatter(const SplitFile& split, DiagnosticSink* sink) {
  if (!split.yaml) return {};
  if (split.yaml->size() > kMaxFrontMatter) {
    sink->Error(
        {split.yaml_line, 0}, "TOO_LARGE",
        fmt::format("the front matter has {} bytes: at most {} are taken; move schemas into "
                    "files of their own",
                    split.yaml->size(), kMaxFrontMatter));
    return {};
  }
  std::optional<syntax::YamlDocument> document =
      syntax::ParseYaml(*split.yaml, split.yaml_line, sink);
  if (!document) return {};
  return CheckFrontMatter(*std::move(document), sink);
}

}  // namespace

PromptFile::PromptFile() = default;
PromptFile::~PromptFile() = default;

std::shared_ptr<const PromptFile> PromptFile::Parse(std::string_view path, std::string_view text,
                                                    std::vector<v1::Diagnostic>* diagnostics,
                                                    const FrontMatter* added) {
  DiagnosticSink sink(path, diagnostics);
  if (!CheckBytes(text, &sink)) return nullptr;
  std::shared_ptr<PromptFile> file(new PromptFile());
  file->path_ = path;
  SplitFile split{std::nullopt, 0, text, {1, 1}};
  if (!IsPartialPath(path)) {
    std::optional<SplitFile> found = SplitFrontMatter(text, &sink);
    if (!found) return nullptr;
    split = *found;
  }
  file->front_matter_ = ParseFrontMatter(split, &sink);
  if (added != nullptr) AddFrontMatter(*added, &file->front_matter_);
  file->program_ = file->ParseBody(split.body, split.body_start, &sink);
  return sink.has_errors() ? nullptr : file;
}

std::unique_ptr<const syntax::Program> PromptFile::ParseBody(std::string_view body, Position start,
                                                             DiagnosticSink* sink) {
  syntax::Parser parser(body, start, sink);
  std::unique_ptr<syntax::Program> program = parser.Parse();
  if (!program) return nullptr;
  node_count_ = parser.node_count();
  syntax::ControlWhitespace(program.get());
  syntax::Binder binder(sink);
  binder.Bind(program.get());
  partial_uses_ = binder.partial_uses();
  inline_names_ = binder.inline_names();
  depth_ = binder.deepest();
  std::set<std::string> names;
  for (const syntax::PartialUse& use : partial_uses_) names.insert(use.name);
  partial_names_.assign(names.begin(), names.end());
  return program;
}

}  // namespace colophon::prompt
