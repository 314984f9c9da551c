#include "service/template/prompt/closure_loader.h"

#include <algorithm>
#include <set>
#include <utility>

#include "fmt/format.h"
#include "service/base/hash.h"
#include "service/base/json.h"
#include "service/template/prompt/file_lookup.h"
#include "service/template/prompt/include_check.h"
#include "service/template/prompt/named_schemas.h"
#include "service/template/prompt/planner.h"
#include "service/template/prompt/tool_definition.h"
#include "service/template/schema/cache.h"
#include "service/template/schema/json_duplicates.h"
#include "service/template/schema/json_schema.h"
#include "service/template/schema/picoschema.h"
#include "service/template/syntax/diagnostics.h"
#include "service/template/syntax/parser.h"

namespace colophon::prompt {
namespace {

constexpr size_t kMaxFiles = 64;
constexpr size_t kMaxBytes = 16 << 20;  // Of all files together.
// Tags, texts and expressions of all files: a tree takes a hundred times the memory
// of its text.
constexpr int kMaxNodes = 2 * syntax::Parser::kMaxNodes;
// Each is looked for in every folder above the prompt.
constexpr size_t kMaxNames = 500;

class ClosureLoader {
 public:
  ClosureLoader(std::string_view path, const ReadFile& read,
                std::vector<v1::Diagnostic>* diagnostics, const FrontMatter* added)
      : folders_(FoldersOf(path)), read_(read), diagnostics_(diagnostics), added_(added) {
    closure_.path = path;
  }

  absl::StatusOr<std::shared_ptr<const Closure>> Load() {
    ASSIGN_OR_RETURN(std::optional<std::string> text, read_(closure_.path));
    if (!text) {
      Error(closure_.path, {}, "MISSING_FILE", "there is no such file");
      Report();
      return nullptr;
    }
    closure_.prompt = PromptFile::Parse(closure_.path, *text, &found_, added_);
    AddFile(closure_.path, *std::move(text));
    if (closure_.prompt) {
      RETURN_IF_ERROR(LoadPartials());
      CheckIncludes(closure_, &found_);
      const FrontMatter& matter = closure_.prompt->front_matter();
      RETURN_IF_ERROR(LoadSchemas(matter.input_schema));
      RETURN_IF_ERROR(LoadSchemas(matter.output_schema));
      RETURN_IF_ERROR(LoadTools());
      CheckFrontMatterSchemas();
      CheckSizes();
    }
    const bool refused = HasErrorDiagnostic();
    Report();
    if (refused) return nullptr;
    Finish();
    return std::make_shared<const Closure>(std::move(closure_));
  }

 private:
  struct FoundFile {
    std::string path;
    std::string text;
  };

  absl::StatusOr<std::optional<FoundFile>> Find(std::string_view kind,
                                                const std::vector<std::string>& files,
                                                std::string_view name) {
    if (names_.size() >= kMaxNames) return std::nullopt;  // CheckSizes tells.
    names_.insert(fmt::format("{}:{}", kind, name));
    if (!IsFileName(name)) return std::nullopt;
    for (const std::string& folder : folders_) {
      for (const std::string& file : files) {
        ASSIGN_OR_RETURN(std::optional<std::string> text, read_(folder + file));
        if (text) return FoundFile{folder + file, *std::move(text)};
      }
    }
    return std::nullopt;
  }

  // Breadth first; each partial once.
  absl::Status LoadPartials() {
    std::vector<std::shared_ptr<const PromptFile>> queue = {closure_.prompt};
    std::set<std::string> inlines = closure_.prompt->inline_names();
    constexpr size_t kMostMissing = 1000;
    std::vector<std::pair<std::string, syntax::PartialUse>> missing;
    for (size_t i = 0; i < queue.size(); ++i) {
      const std::shared_ptr<const PromptFile> file = queue[i];
      for (const syntax::PartialUse& use : file->partial_uses()) {
        if (closure_.partials.count(use.name) > 0 || broken_.count(use.name) > 0) continue;
        if (names_.count("partial:" + use.name) > 0) {
          if (missing.size() < kMostMissing) missing.emplace_back(file->path(), use);
          continue;
        }
        ASSIGN_OR_RETURN(std::optional<FoundFile> found,
                         Find("partial", {PartialFile(use.name)}, use.name));
        if (!found) {  // Each name once, whatever else is missing.
          missing.emplace_back(file->path(), use);
          continue;
        }
        auto partial = PromptFile::Parse(found->path, found->text, &found_);
        AddFile(std::move(found->path), std::move(found->text));
        if (partial == nullptr) {
          broken_.insert(use.name);
          continue;
        }
        if (files_.size() > kMaxFiles) {
          Error(file->path(), use.position, "TOO_LARGE",
                fmt::format("the prompt needs more than {} files: put some of them together",
                            kMaxFiles));
          return absl::OkStatus();
        }
        inlines.insert(partial->inline_names().begin(), partial->inline_names().end());
        nodes_ += partial->node_count();
        closure_.partials[use.name] = partial;
        queue.push_back(std::move(partial));
      }
    }
    for (const auto& [path, use] : missing) {
      // Some file of the closure may define it for the one that includes it.
      if (inlines.count(use.name) == 0) ReportMissing(path, use);
    }
    return absl::OkStatus();
  }

  std::string WhyMissing(const std::string& name) const {
    if (IsFileName(name)) {
      return fmt::format("no partial {}: there is no file {} beside {} or in a folder above it",
                         Quote(name), PartialFile(name), closure_.path);
    }
    if (name.starts_with('_') && IsFileName(name.substr(1))) {
      return fmt::format("{} is named without its _: write {{{{> {}}}}}",
                         PartialFile(name.substr(1)), name.substr(1));
    }
    return fmt::format(
        "{} can't be the name of a partial: write letters, digits, _, - and ., "
        "with / between folders",
        Quote(name));
  }

  void ReportMissing(const std::string& path, const syntax::PartialUse& use) {
    const std::string fact = WhyMissing(use.name);
    if (use.has_fallback) {
      Add(v1::Diagnostic::SEVERITY_WARNING, path, use.position, "MISSING_PARTIAL",
          fact + "; its block stands in");
    } else {
      Error(path, use.position, "MISSING_PARTIAL", fact);
    }
  }

  void CheckSizes() {
    size_t bytes = 0;
    for (const auto& [path, file] : files_) bytes += file.content.size();
    if (bytes > kMaxBytes) {
      Error(closure_.path, {}, "TOO_LARGE",
            fmt::format("the prompt and the files that it needs have {} bytes: at most {} are "
                        "taken",
                        bytes, kMaxBytes));
    }
    if (nodes_ + closure_.prompt->node_count() > kMaxNodes) {
      Error(closure_.path, {}, "TOO_LARGE",
            fmt::format("the prompt and its partials have more than {} tags and texts: use fewer "
                        "of them",
                        kMaxNodes));
    }
    if (names_.size() >= kMaxNames) {
      Error(closure_.path, {}, "TOO_LARGE",
            fmt::format("the prompt names {} files or more: at most {} are looked for", kMaxNames,
                        kMaxNames - 1));
    }
    if (named_.too_large()) {
      Error(closure_.path, {}, "TOO_LARGE", NamedSchemas::TooLargeMessage());
    }
  }

  absl::Status LoadSchemas(const json::value& schema) {
    for (const std::string& name : schema::SchemaNames(schema)) {
      if (closure_.schemas.count(name) > 0) continue;
      ASSIGN_OR_RETURN(std::optional<FoundFile> found,
                       Find("schema", {name + ".schema.json"}, name));
      if (!found) continue;
      const std::optional<json::value> value = ReadJson(*found);
      if (value && !value->is_object() && !value->is_bool()) {
        Error(found->path, {}, "BAD_SCHEMA", "a schema is a JSON object");
      }
      if (value) {
        closure_.schemas[name] = found->text;
        ReportInFile(CompileProblems(*value), found->path);
      }
      AddFile(std::move(found->path), std::move(found->text));
    }
    return absl::OkStatus();
  }

  absl::Status LoadTools() {
    const FrontMatter& matter = closure_.prompt->front_matter();
    for (size_t i = 0; i < matter.tools.size(); ++i) {
      const std::string& name = matter.tools[i];
      if (closure_.tools.count(name) > 0) continue;
      const std::string file = name + ".tool.json";
      ASSIGN_OR_RETURN(std::optional<FoundFile> found, Find("tool", {file, "tools/" + file}, name));
      if (!found) {
        Add(v1::Diagnostic::SEVERITY_WARNING, closure_.path,
            syntax::FindPosition(matter.positions, fmt::format("/tools/{}", i)), "UNKNOWN_TOOL",
            fmt::format("no file {}.tool.json defines the tool {}: the model is told of it only "
                        "when the call brings its definition",
                        name, Quote(name)));
        continue;
      }
      if (const std::optional<json::value> definition = ReadJson(*found)) {
        RETURN_IF_ERROR(LoadTool(*definition, name, found->path));
      }
      AddFile(std::move(found->path), std::move(found->text));
    }
    for (size_t i = 0; i < matter.tool_definitions.size(); ++i) {
      RETURN_IF_ERROR(LoadToolSchemas(matter.tool_definitions[i]));
      std::vector<schema::Problem> problems;
      ParseTool(matter.tool_definitions[i], "", named_.resolver(), &problems);
      ReportProblems(problems, closure_.path, fmt::format("/toolDefs/{}", i));
    }
    return absl::OkStatus();
  }

  absl::Status LoadTool(const json::value& definition, const std::string& name,
                        const std::string& path) {
    RETURN_IF_ERROR(LoadToolSchemas(definition));
    std::vector<schema::Problem> problems;
    std::optional<v1::Tool> tool = ParseTool(definition, name, named_.resolver(), &problems);
    ReportInFile(problems, path);
    if (tool) closure_.tools[name] = *std::move(tool);
    return absl::OkStatus();
  }

  // Named schemas inside of a tool's own.
  absl::Status LoadToolSchemas(const json::value& definition) {
    std::set<std::string> names;
    const schema::Resolver collect = [&](std::string_view name) {
      names.emplace(name);
      return json::value(json::object());
    };
    std::vector<schema::Problem> problems;
    ParseTool(definition, "tool", collect, &problems);
    for (const std::string& name : names) {
      RETURN_IF_ERROR(LoadSchemas(json::value(json::string(name))));
    }
    return absl::OkStatus();
  }

  void CheckFrontMatterSchemas() {
    const FrontMatter& matter = closure_.prompt->front_matter();
    CheckFrontMatterSchema(matter.input_schema, "/input/schema");
    CheckTakesVariables(matter.input_schema);
    CheckFrontMatterSchema(matter.output_schema, "/output/schema");
  }

  void CheckFrontMatterSchema(const json::value& schema, const std::string& at) {
    std::vector<schema::Problem> problems;
    const json::value whole = schema::ToJsonSchema(schema, named_.resolver(), &problems);
    if (!whole.is_null() && !schema.is_string()) {
      // Without the named ones: their files are checked by themselves.
      std::vector<schema::Problem> told;
      const schema::Resolver anything = [](std::string_view) { return json::value(true); };
      const auto own = CompileProblems(schema::ToJsonSchema(schema, anything, &told));
      problems.insert(problems.end(), own.begin(), own.end());
      if (!HasErrors(own) && HasErrors(CompileProblems(whole))) {
        problems.push_back({"", "UNENFORCED_SCHEMA",
                            "with the schemas that it names it can't be checked against: a $ref in "
                            "one of them may point elsewhere here",
                            false});
      }
    }
    ReportProblems(problems, closure_.path, at);
  }

  // An author's {type: string, title: string} means two variables and says one
  // string: Picoschema is JSON Schema when `type` is a type.
  void CheckTakesVariables(const json::value& schema) {
    if (!schema.is_object()) return;
    const json::value* const type = schema.get_object().if_contains("type");
    if (type == nullptr || !type->is_string() || type->get_string() == "object") return;
    const std::string_view name(type->get_string().data(), type->get_string().size());
    if (!schema::IsTypeName(name)) return;
    Add(v1::Diagnostic::SEVERITY_WARNING, closure_.path,
        syntax::FindPosition(closure_.prompt->front_matter().positions, "/input/schema/type"),
        "NOT_VARIABLES",
        fmt::format(
            "this is JSON Schema for a value of the type {}, so no variable is checked: for "
            "a variable named \"type\" write `type: object` and `properties`",
            name));
  }

  // What JsonSchema finds wrong, or doesn't enforce.
  static std::vector<schema::Problem> CompileProblems(const json::value& schema) {
    if (!schema.is_object() && !schema.is_bool()) return {};
    Work unlimited(Work::kNoLimit);  // A schema has its own limits.
    return schema::Cache::Shared().Compile(schema, &unlimited)->problems;
  }

  static bool HasErrors(const std::vector<schema::Problem>& problems) {
    return std::any_of(problems.begin(), problems.end(),
                       [](const schema::Problem& problem) { return problem.is_error; });
  }

  static v1::Diagnostic::Severity SeverityOf(const schema::Problem& problem) {
    return problem.is_error ? v1::Diagnostic::SEVERITY_ERROR : v1::Diagnostic::SEVERITY_WARNING;
  }

  // Of a JSON file, which has no positions.
  void ReportInFile(const std::vector<schema::Problem>& problems, const std::string& path) {
    for (const schema::Problem& problem : problems) {
      const std::string place = problem.pointer.empty() ? "" : problem.pointer + ": ";
      Add(SeverityOf(problem), path, {}, problem.code, place + problem.message);
    }
  }

  // `at` is where the schema stands in the front matter.
  void ReportProblems(const std::vector<schema::Problem>& problems, const std::string& path,
                      const std::string& at) {
    const syntax::YamlPositions& positions = closure_.prompt->front_matter().positions;
    for (const schema::Problem& problem : problems) {
      Add(SeverityOf(problem), path, syntax::FindPosition(positions, at + problem.pointer),
          problem.code, problem.message);
    }
  }

  std::optional<json::value> ReadJson(const FoundFile& file) {
    if (file.text.size() > PromptFile::kMaxBytes) {
      Error(file.path, {}, "TOO_LARGE",
            fmt::format("the file has {} bytes: at most {} are taken", file.text.size(),
                        PromptFile::kMaxBytes));
      return std::nullopt;
    }
    if (!IsUtf8(file.text)) {
      Error(file.path, {}, "NOT_UTF8", "the file is not UTF-8: save it as UTF-8");
      return std::nullopt;
    }
    absl::StatusOr<json::value> value = ParseJson(file.text);
    if (value.ok()) {
      for (const std::string& pointer : schema::FindDuplicateKeys(file.text)) {
        Add(v1::Diagnostic::SEVERITY_WARNING, file.path, {}, "DUPLICATE_KEY",
            fmt::format("{}: this key is there twice, and only the last one counts: keep one",
                        pointer));
      }
      return *std::move(value);
    }
    Error(file.path, {}, "BAD_JSON", MessageOf(value.status()));
    return std::nullopt;
  }

  void AddFile(std::string path, std::string text) {
    std::string sha256 = Sha256Hex(text);
    files_.emplace(path, ClosureFile{path, std::move(text), std::move(sha256)});
  }

  void Error(const std::string& path, Position position, std::string_view code,
             std::string_view message) {
    Add(v1::Diagnostic::SEVERITY_ERROR, path, position, code, message);
  }

  void Add(v1::Diagnostic::Severity severity, const std::string& path, Position position,
           std::string_view code, std::string_view message) {
    DiagnosticSink sink(path, &found_);
    if (severity == v1::Diagnostic::SEVERITY_ERROR) {
      sink.Error(position, code, message);
    } else {
      sink.Warning(position, code, message);
    }
  }

  bool HasErrorDiagnostic() const {
    return std::any_of(found_.begin(), found_.end(), [](const v1::Diagnostic& diagnostic) {
      return diagnostic.severity() == v1::Diagnostic::SEVERITY_ERROR;
    });
  }

  // By path and place.
  void Report() {
    std::stable_sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) {
      return std::make_tuple(a.path(), a.line(), a.column()) <
             std::make_tuple(b.path(), b.line(), b.column());
    });
    diagnostics_->insert(diagnostics_->end(), found_.begin(), found_.end());
  }

  void Finish() {
    for (auto& [path, file] : files_) closure_.files.push_back(std::move(file));
    closure_.digest = ClosureDigest(closure_.files);
    closure_.names.assign(names_.begin(), names_.end());
    closure_.plan = MakePlan(closure_);
  }

  const std::vector<std::string> folders_;
  const ReadFile& read_;
  std::vector<v1::Diagnostic>* const diagnostics_;
  const FrontMatter* const added_;
  std::vector<v1::Diagnostic> found_;
  Closure closure_;
  std::map<std::string, ClosureFile> files_;
  std::set<std::string> names_;
  std::set<std::string> broken_;  // Partials that can't be parsed.
  int nodes_ = 0;                 // Of the partials.
  NamedSchemas named_{closure_.schemas};
};

}  // namespace

absl::StatusOr<std::shared_ptr<const Closure>> LoadClosure(std::string_view path,
                                                           const ReadFile& read,
                                                           std::vector<v1::Diagnostic>* diagnostics,
                                                           const FrontMatter* added) {
  return ClosureLoader(path, read, diagnostics, added).Load();
}

}  // namespace colophon::prompt
