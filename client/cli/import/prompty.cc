// Prompty (https://prompty.ai/docs): a file with YAML front matter and a
// template, of the first schema (model.configuration, model.parameters, sample)
// and of those after it (model.connection, model.options, model.id, inputs).
// A file is one version of one prompt; its path is the prompt's name.

#include <map>
#include <utility>

#include "client/cli/import/import_common.h"
#include "client/cli/import/importers.h"
#include "client/cli/import/jinja.h"
#include "client/cli/import/names.h"
#include "client/cli/import/prompt_text.h"
#include "client/cli/import/prompty_properties.h"
#include "client/cli/import/prompty_split.h"
#include "fmt/format.h"
#include "service/template/prompt/prompt_file.h"
#include "service/template/syntax/diagnostics.h"
#include "service/template/syntax/js_text.h"
#include "service/template/syntax/yaml.h"

namespace colophon {
namespace {

// As Python reads a text file, and without a byte order mark.
std::string Normalized(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      out += text[i];
    } else if (i + 1 == text.size() || text[i + 1] != '\n') {
      out += '\n';
    }
  }
  return out;
}

std::string_view WithoutSuffix(std::string_view path) {
  constexpr std::string_view kSuffix = ".prompty";
  if (path.ends_with(kSuffix)) path.remove_suffix(kSuffix.size());
  return path;
}

class PromptyFile {
 public:
  // `files` are all that the import reads: those that this one names are among them.
  PromptyFile(const LocalFile& file, const std::vector<LocalFile>& files,
              ImportCollector* collector)
      : file_(file), files_(files), collector_(collector), name_(WithoutSuffix(file.path)) {
    sink_ = collector->SinkFor(name_, "");
  }

  absl::Status Convert() {
    if (!IsUtf8(file_.content)) {
      return InvalidArgument("BAD_IMPORT",
                             fmt::format("{}: it is not UTF-8: save it as UTF-8", file_.path));
    }
    if (file_.content.size() > prompt::PromptFile::kMaxBytes) {
      return InvalidArgument("BAD_IMPORT",
                             fmt::format("{}: it has {} bytes: a prompt has at most {}", file_.path,
                                         file_.content.size(), prompt::PromptFile::kMaxBytes));
    }
    const std::string text = Normalized(file_.content);
    ASSIGN_OR_RETURN(const SplitPrompty split, Split(text, file_.path));
    ASSIGN_OR_RETURN(const json::value document, ParseFrontMatter(split));
    const JsonNode root(file_.path, document);
    RETURN_IF_ERROR(root.CheckObject());
    RETURN_IF_ERROR(TakeKeys(root));
    TemplateWriter body;
    RETURN_IF_ERROR(ConvertBody(split, &body));
    AddInput(body);
    AddSettings(settings_, &matter_);
    ImportedPrompt prompt;
    prompt.source = name_;
    ASSIGN_OR_RETURN(prompt.path, PromptPathOf(name_, collector_->options()));
    version_.files.push_back({prompt.path + ".prompt", PromptText(matter_, body)});
    prompt.versions.push_back(std::move(version_));
    collector_->Add(std::move(prompt));
    return absl::OkStatus();
  }

  const std::string& name() const { return name_; }

 private:
  absl::StatusOr<json::value> ParseFrontMatter(const SplitPrompty& split) {
    std::vector<v1::Diagnostic> diagnostics;
    DiagnosticSink sink(file_.path, &diagnostics);
    std::optional<syntax::YamlDocument> document =
        syntax::ParseYaml(split.yaml, split.yaml_line, &sink);
    if (!document) return DiagnosticsToStatus(diagnostics);
    if (document->value.is_null()) return json::value(json::object());
    return std::move(document->value);
  }

  absl::Status TakeKeys(const JsonNode& root) {
    for (const auto& member : root.value().get_object()) {
      const std::string key(member.key());
      if (member.value().is_null() || key == "$schema") continue;
      const JsonNode node = *root.Find(key);
      if (key == "name" || key == "description") {
        ASSIGN_OR_RETURN(const std::string text, node.Text());
        matter_[key] = json::string(text);
      } else if (key == "model") {
        RETURN_IF_ERROR(TakeModel(node));
      } else if (key == "inputs" || key == "inputSchema") {
        ASSIGN_OR_RETURN(inputs_, PromptyProperties(node));
      } else if (key == "outputs" || key == "outputSchema") {
        ASSIGN_OR_RETURN(const auto outputs, PromptyProperties(node));
        settings_.output_format = "json";
        settings_.output_schema = PromptySchema(outputs, /*required=*/true, key, sink_);
      } else if (key == "tools") {
        RETURN_IF_ERROR(TakeTools(node));
      } else if (key == "template") {
        RETURN_IF_ERROR(TakeTemplate(node));
      } else if (key == "sample") {
        TakeSample(node.value());
      } else if (key == "metadata" && node.value().is_object()) {
        for (const auto& inner : node.value().get_object()) {
          TakeMetadata(std::string(inner.key()), inner.value(), "metadata.");
        }
      } else {
        TakeMetadata(key, member.value(), "");
      }
    }
    return absl::OkStatus();
  }

  // Authors and the author's own version go to the change's description.
  void TakeMetadata(const std::string& key, const json::value& value, const std::string& folder) {
    if (key == "authors" && value.is_array()) {
      std::string names;
      for (const json::value& author : value.get_array()) {
        names += (names.empty() ? "" : ", ") +
                 (author.is_string() ? std::string(author.get_string()) : WriteJson(author));
      }
      AddDetail(fmt::format("Authors: {}.", names));
    } else if (key == "version") {
      AddDetail(fmt::format("Its version was {}.", value.is_string()
                                                       ? std::string(value.get_string())
                                                       : WriteJson(value)));
    } else {
      sink_(folder + key, fmt::format("{} has no place here", ShowValue(key, value)));
    }
  }

  void AddDetail(const std::string& line) {
    version_.details += (version_.details.empty() ? "" : "\n") + line;
  }

  absl::Status TakeModel(const JsonNode& node) {
    if (node.value().is_string()) {
      SetModel("", std::string(node.value().get_string()));
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(node.CheckObject());
    std::string provider;
    std::string id;
    for (const auto& member : node.value().get_object()) {
      const std::string key(member.key());
      const json::value& value = member.value();
      if (value.is_null()) continue;
      const JsonNode inner = *node.Find(key);
      if (key == "api" || key == "apiType") {
        RETURN_IF_ERROR(TakeApi(inner));
      } else if (key == "id") {
        ASSIGN_OR_RETURN(id, inner.Text());
      } else if (key == "provider") {
        ASSIGN_OR_RETURN(provider, inner.Text());
      } else if (key == "configuration" || key == "connection") {
        RETURN_IF_ERROR(TakeConnection(inner, "model." + key, &provider, &id));
      } else if (key == "parameters" || key == "options") {
        RETURN_IF_ERROR(inner.CheckObject());
        for (const auto& setting : value.get_object()) {
          const std::string name(setting.key());
          const std::string field = fmt::format("model.{}.{}", key, name);
          // Schemas after the first have tools in words of their own.
          const auto tools = inner.Find(name);
          if (name == "tools" && tools) {
            RETURN_IF_ERROR(TakeTools(*tools));
          } else {
            TakeSetting(name, setting.value(), field, &settings_, sink_);
          }
        }
      } else {
        sink_("model." + key, fmt::format("{} has no place here", ShowValue(key, value)));
      }
    }
    if (!id.empty()) SetModel(provider, id);
    return absl::OkStatus();
  }

  // Written here, or in a JSON file: ${file:functions.json}, from this file's folder.
  absl::Status TakeTools(const JsonNode& node) {
    constexpr std::string_view kFile = "${file:";
    if (!node.value().is_string()) return PromptyTools(node, &settings_, sink_);
    const std::string_view text = View(node.value().get_string());
    if (!text.starts_with(kFile) || !text.ends_with('}')) return node.Wrong("a list of tools");
    const std::string name(text.substr(kFile.size(), text.size() - kFile.size() - 1));
    const std::string path = file_.path.substr(0, file_.path.rfind('/') + 1) + name;
    for (const LocalFile& file : files_) {
      if (file.path != path) continue;
      ASSIGN_OR_RETURN(const json::value document, ParseJsonFile(file.path, file.content));
      return PromptyTools(JsonNode(file.path, document), &settings_, sink_);
    }
    sink_("tools", fmt::format("{} is left out: {} is not among the files", Quote(text), path));
    return absl::OkStatus();
  }

  absl::Status TakeApi(const JsonNode& node) {
    ASSIGN_OR_RETURN(const std::string api, node.Text());
    if (api == "completion") {
      roles_ = false;
      sink_("model.api", "a completion has no roles: its text is what a user says");
    } else if (api != "chat" && api != "responses" && api != "agent") {
      return node.Problem(
          fmt::format("{} is no conversation: only prompts of chat and completion "
                      "can be imported",
                      Quote(api)));
    }
    return absl::OkStatus();
  }

  // Where the model is called, which the service's configuration says here.
  absl::Status TakeConnection(const JsonNode& node, const std::string& field, std::string* provider,
                              std::string* id) {
    if (node.value().is_string()) {
      sink_(field, fmt::format("{} is left out: it belongs to the service's configuration",
                               ShowValue(field, node.value())));
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(node.CheckObject());
    for (const auto& member : node.value().get_object()) {
      const std::string key(member.key());
      if (member.value().is_null()) continue;
      const bool text = member.value().is_string();
      if (key == "type" && text) {
        if (provider->empty()) *provider = std::string(member.value().get_string());
      } else if ((key == "azure_deployment" || key == "model" || key == "name") && text) {
        if (id->empty()) *id = std::string(member.value().get_string());
        if (key == "azure_deployment" && provider->empty()) *provider = "azure_openai";
      } else {
        sink_(fmt::format("{}.{}", field, key),
              fmt::format("{} belongs to the service's configuration",
                          ShowValue(key, member.value())));
      }
    }
    return absl::OkStatus();
  }

  void SetModel(std::string provider, const std::string& id) {
    if (id.find("${") != id.npos) {
      sink_("model", fmt::format("{} is read from the environment there: write the model's name",
                                 Quote(id)));
      return;
    }
    if (provider == "azure") provider = "azure_openai";
    const std::string model = provider.empty() ? QualifiedModel(id) : provider + "/" + id;
    matter_["model"] = json::string(model);
    if (model.find('/') == model.npos) {
      sink_("model", fmt::format("{} names no provider: write provider/model before calling it",
                                 Quote(model)));
    }
  }

  absl::Status TakeTemplate(const JsonNode& node) {
    std::string format = "jinja2";
    if (node.value().is_string()) {
      ASSIGN_OR_RETURN(format, node.Text());
    } else {
      RETURN_IF_ERROR(node.CheckObject());
      for (const char* key : {"format", "type"}) {
        auto given = node.Find(key);
        if (given && given->value().is_object()) given = given->Find("kind");
        if (!given) continue;
        ASSIGN_OR_RETURN(format, given->Text());
        break;
      }
    }
    if (format != "jinja2" && format != "mustache") {
      return node.Problem(fmt::format(
          "the template language {} is not known: there are jinja2 and mustache", Quote(format)));
    }
    mustache_ = format == "mustache";
    return absl::OkStatus();
  }

  void TakeSample(const json::value& sample) {
    sink_("sample", fmt::format("{} is to try the prompt with: keep it in a file for --data",
                                ShowJson(sample)));
    if (!sample.is_object()) return;
    for (const auto& member : sample.get_object()) {
      samples_.emplace(std::string(member.key()), PromptyTypeOf(member.value()));
    }
  }

  // Of Mustache only {{name}} means the same everywhere.
  absl::Status CheckMustache(std::string_view body) {
    if (!mustache_) return absl::OkStatus();
    for (const char* tag : {"{{#", "{{^", "{{/", "{{>", "{{{", "{{&", "{{!", "{{=", "{%", "{#"}) {
      if (body.find(tag) == body.npos) continue;
      return InvalidArgument(
          "BAD_IMPORT",
          fmt::format(
              "{}: its Mustache template has {}, which Handlebars takes otherwise: write it "
              "with {{{{#if}}}}, {{{{#each}}}} and {{{{name}}}} by hand",
              file_.path, tag));
    }
    sink_("template", "values are printed as they are: Mustache wrote &lt; for < in them");
    return absl::OkStatus();
  }

  absl::Status ConvertBody(const SplitPrompty& split, TemplateWriter* body) {
    RETURN_IF_ERROR(CheckMustache(split.body));
    JinjaOptions options;
    options.roles = roles_;
    options.first_line = split.body_line;
    for (const PromptyProperty& input : inputs_) {
      if (input.type == "thread") options.history_inputs.insert(input.name);
    }
    absl::StatusOr<JinjaResult> result = ConvertJinja(split.body, options);
    if (!result.ok()) {
      return InvalidArgument("BAD_JINJA",
                             fmt::format("{}: {}", file_.path, MessageOf(result.status())));
    }
    for (const std::string& note : result->notes) sink_("template", note);
    for (const std::string& name : result->history) {
      sink_("template", fmt::format("{} is {{{{history}}}} here: give its messages as the call's "
                                    "history",
                                    Quote(name)));
    }
    printed_ = std::move(result->printed);
    tested_ = std::move(result->tested);
    history_ = std::move(result->history);
    *body = std::move(result->body);
    return absl::OkStatus();
  }

  // What a declared input says beside its type.
  void TellOfDetails(const PromptyProperty& input) const {
    if (!input.definition.is_object()) return;
    for (const char* key : {"enum", "items", "properties"}) {
      const json::value* const detail = input.definition.get_object().if_contains(key);
      if (detail == nullptr || detail->is_null()) continue;
      sink_(fmt::format("inputs.{}.{}", input.name, key),
            fmt::format("{}: input.schema has the name and type only; add it there by hand",
                        ShowJson(*detail)));
    }
  }

  // input.schema of what the template uses and the inputs declare.
  void AddInput(const TemplateWriter& body) {
    std::map<std::string, VariableSchema> variables;
    json::object defaults;
    for (const std::string& name : body.variables()) {
      variables[name].optional = tested_.count(name) > 0;
    }
    for (const PromptyProperty& input : inputs_) {
      if (history_.count(input.name) > 0 || input.type == "thread") continue;
      VariableSchema& variable = variables[input.name];
      variable.description = input.description;
      variable.optional |=
          !input.required.value_or(false) && body.variables().count(input.name) == 0;
      samples_[input.name] = input.type;
      if (!input.default_value.is_null()) defaults[input.name] = input.default_value;
      TellOfDetails(input);
      if (!input.sample.is_null()) {
        sink_("inputs." + input.name,
              fmt::format("its sample {} is to try the prompt with: keep it in a file for --data",
                          ShowValue(input.name, input.sample)));
      }
    }
    for (auto& [name, variable] : variables) {
      const auto type = samples_.find(name);
      if (type == samples_.end()) continue;
      const bool scalar = type->second == "string" || type->second == "number" ||
                          type->second == "integer" || type->second == "boolean";
      if (scalar) variable.type = type->second;
      if (printed_.count(name) > 0 && type->second != "string" && type->second != "integer" &&
          type->second != "any") {
        sink_("template", fmt::format("{{{{{}}}}} is of the type {}, which Python prints otherwise "
                                      "(True, 1.0, ['a']): give it as text to have the same",
                                      name, type->second));
      }
    }
    json::object input;
    if (!variables.empty()) input["schema"] = SchemaOfVariables(variables);
    if (!defaults.empty()) input["default"] = std::move(defaults);
    if (!input.empty()) matter_["input"] = std::move(input);
  }

  const LocalFile& file_;
  const std::vector<LocalFile>& files_;
  ImportCollector* const collector_;
  const std::string name_;
  NotCarriedSink sink_;
  json::object matter_;
  ModelSettings settings_;
  ImportedVersion version_;
  std::vector<PromptyProperty> inputs_;
  std::map<std::string, std::string> samples_;  // The type of each value, by name.
  std::set<std::string> printed_;
  std::set<std::string> tested_;
  std::set<std::string> history_;
  bool roles_ = true;
  bool mustache_ = false;
};

}  // namespace

absl::StatusOr<ImportResult> ImportPrompty(const std::vector<LocalFile>& files,
                                           const ImportOptions& options) {
  ImportCollector collector("Prompty", options);
  for (const LocalFile& file : files) {
    if (file.path.ends_with(".json")) continue;  // What prompts name.
    PromptyFile prompty(file, files, &collector);
    if (const absl::Status status = prompty.Convert(); !status.ok()) {
      collector.Fail(prompty.name(), "", MessageOf(status));
    }
  }
  return collector.Finish();
}

}  // namespace colophon
