// OpenAI's prompt objects (https://platform.openai.com/docs/guides/prompting),
// whose store ends on 2026-11-30:
//
//   {"id": "pmpt_…", "version": "3", "name": …, "model": …, "instructions": …,
//    "input": [{"role": "user", "content": [{"type": "input_text", "text": …}]}],
//    "tools": […], "text": {"format": …}, "temperature": …, "variables": […]}
//
// There is no export of them, but an answer of the Responses API to a call with
// a prompt's id has its messages in `instructions`, and what it was called with
// around them. A call that gives each variable its own mark as value,
// {"city": "{{city}}"}, leaves the text as it was written.

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "client/cli/import/import_common.h"
#include "client/cli/import/importers.h"
#include "client/cli/import/names.h"
#include "client/cli/import/prompt_text.h"
#include "fmt/format.h"
#include "service/template/syntax/diagnostics.h"
#include "service/template/syntax/js_text.h"

namespace colophon {
namespace {

// One state of a prompt, found in a file.
struct Found {
  JsonNode node;  // What its settings and messages are members of.
  bool is_response = false;
};

struct FoundPrompt {
  std::string name;
  std::map<int64_t, Found> versions;  // By number.
};

bool IsOneOf(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// What says which prompt it is, and is told elsewhere.
bool IsIdentity(std::string_view key) {
  return IsOneOf(key, {"id", "prompt_id", "object", "version", "name", "description", "prompt",
                       "created", "created_at", "updated_at", "created_by", "is_default",
                       "instructions", "input", "messages", "variables", "versions", "model"});
}

// What belongs to the one call that was answered, or is the API's own default.
bool IsOfTheCall(std::string_view key, const json::value& value) {
  if (IsOneOf(key, {"temperature", "top_p"})) {
    return value.is_number() && value.to_number<double>() == 1;
  }
  if (key == "tool_choice") return value == json::value("auto");
  if (key == "parallel_tool_calls") return value == json::value(true);
  if (key == "metadata") return value.is_object() && value.get_object().empty();
  return IsOneOf(key, {"status",
                       "error",
                       "incomplete_details",
                       "output",
                       "output_text",
                       "usage",
                       "user",
                       "background",
                       "billing",
                       "completed_at",
                       "conversation",
                       "moderation",
                       "previous_response_id",
                       "prompt_cache_key",
                       "prompt_cache_retention",
                       "safety_identifier",
                       "service_tier",
                       "store",
                       "top_logprobs",
                       "truncation"});
}

class OpenAiImporter {
 public:
  explicit OpenAiImporter(const ImportOptions& options) : collector_("OpenAI", options) {}

  absl::Status Read(const JsonNode& root) {
    ASSIGN_OR_RETURN(const std::vector<JsonNode> objects, ObjectsOf(root, {"data", "prompts"}));
    for (const JsonNode& object : objects) RETURN_IF_ERROR(ReadObject(object));
    return absl::OkStatus();
  }

  absl::StatusOr<ImportResult> Convert() {
    for (const std::string& id : order_) ConvertPrompt(id, prompts_.at(id));
    return collector_.Finish();
  }

 private:
  absl::Status ReadObject(const JsonNode& object) {
    const auto kind = object.Find("object");
    const bool is_response = kind && kind->value() == json::value("response");
    JsonNode identity = object;
    if (is_response) {
      const auto prompt = object.Find("prompt");
      if (!prompt) {
        return object.Problem(
            "this answer was not made with a prompt object: it has no \"prompt\"");
      }
      identity = *prompt;
    }
    auto id_node = identity.Find("id");
    if (!id_node) id_node = identity.Find("prompt_id");
    if (!id_node) return identity.Problem("there is no \"id\"");
    ASSIGN_OR_RETURN(const std::string id, id_node->Text());
    if (prompts_.count(id) == 0) order_.push_back(id);
    FoundPrompt& prompt = prompts_[id];
    if (const auto name = object.Find("name"); name && !is_response) {
      ASSIGN_OR_RETURN(prompt.name, name->Text());
    }
    if (const auto versions = object.Find("versions"); versions && !is_response) {
      ASSIGN_OR_RETURN(const std::vector<JsonNode> all, versions->Elements());
      for (const JsonNode& version : all) {
        RETURN_IF_ERROR(version.CheckObject());
        RETURN_IF_ERROR(AddVersion(version, version, false, id, &prompt));
      }
      return absl::OkStatus();
    }
    return AddVersion(identity, object, is_response, id, &prompt);
  }

  // A version is "3" or 3; without one it follows those before it.
  absl::Status AddVersion(const JsonNode& identity, const JsonNode& object, bool is_response,
                          const std::string& id, FoundPrompt* prompt) {
    int64_t number = static_cast<int64_t>(prompt->versions.size()) + 1;
    if (const auto given = identity.Find("version")) {
      const json::value& value = given->value();
      const std::string text =
          value.is_string() ? std::string(value.get_string()) : WriteJson(value);
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error != std::errc() || end != text.data() + text.size() || number < 1) {
        return given->Problem(
            fmt::format("the version is {}: it has to be a whole number from 1", ShowJson(value)));
      }
    }
    const auto [other, added] = prompt->versions.emplace(number, Found{object, is_response});
    const JsonNode& first = other->second.node;
    if (added || first.value() == object.value()) return absl::OkStatus();
    return object.Problem(fmt::format("version {} of {} is there already, at {} of {}: keep one",
                                      number, Quote(id), first.pointer(), first.file()));
  }

  void ConvertPrompt(const std::string& id, const FoundPrompt& found) {
    ImportedPrompt prompt;
    prompt.source = found.name.empty() ? id : found.name;
    const auto path = PromptPathOf(prompt.source, collector_.options());
    if (!path.ok()) return collector_.Fail(prompt.source, "", MessageOf(path.status()));
    prompt.path = *path;
    for (const auto& [number, version] : found.versions) {
      ImportedVersion converted;
      converted.source = std::to_string(number);
      if (const absl::Status status = ConvertVersion(id, prompt, version, &converted);
          !status.ok()) {
        collector_.Fail(prompt.source, converted.source, MessageOf(status));
        continue;
      }
      prompt.versions.push_back(std::move(converted));
    }
    collector_.Add(std::move(prompt));
  }

  absl::Status ConvertVersion(const std::string& id, const ImportedPrompt& prompt,
                              const Found& found, ImportedVersion* to) {
    sink_ = collector_.SinkFor(prompt.source, to->source);
    json::object matter;
    if (const auto description = found.node.Find("description")) {
      ASSIGN_OR_RETURN(const std::string text, description->Text());
      if (!text.empty()) matter["description"] = json::string(text);
    }
    if (const auto model = found.node.Find("model")) {
      ASSIGN_OR_RETURN(const std::string name, model->Text());
      matter["model"] = json::string(name.find('/') == name.npos ? "openai/" + name : name);
    }
    TemplateWriter body;
    RETURN_IF_ERROR(AddMessages(found.node, &body));
    std::set<std::string> variables = body.variables();
    RETURN_IF_ERROR(TakeVariables(found, &variables));
    ModelSettings settings;
    for (const auto& member : found.node.value().get_object()) {
      const std::string key(member.key());
      if (IsIdentity(key) || (found.is_response && IsOfTheCall(key, member.value()))) continue;
      TakeSetting(key, member.value(), key, &settings, sink_);
    }
    // "medium" is what every answer says.
    if (found.is_response) {
      const json::value* verbosity = settings.config.if_contains("verbosity");
      if (verbosity != nullptr && *verbosity == json::value("medium")) {
        settings.config.erase("verbosity");
      }
    }
    AddSettings(settings, &matter);
    if (!variables.empty()) matter["input"] = {{"schema", SchemaOfVariables(variables)}};
    to->files.push_back({prompt.path + ".prompt", PromptText(matter, body)});
    // A call without a version gets this one, as one without a label gets production.
    const auto is_default = found.node.Find("is_default");
    if (is_default && is_default->value() == json::value(true)) to->labels = {"production"};
    AddDetails(id, found, to);
    return absl::OkStatus();
  }

  void AddDetails(const std::string& id, const Found& found, ImportedVersion* to) {
    to->details = fmt::format("It was {} there.", id);
    if (found.is_response) return;  // Its time is the call's.
    auto created = found.node.Find("created_at");
    if (!created) created = found.node.Find("created");
    if (created) to->time = TimeOf(created->value());
    if (to->time) {
      to->details +=
          absl::FormatTime(" Made at %Y-%m-%dT%H:%M:%SZ.", *to->time, absl::UTCTimeZone());
    }
    if (const auto author = found.node.Find("created_by"); author && author->value().is_string()) {
      to->details += fmt::format(" By {}.", std::string(author->value().get_string()));
    }
  }

  // Names, or an object of them.
  absl::Status TakeVariables(const Found& found, std::set<std::string>* variables) {
    std::optional<JsonNode> given = found.node.Find("variables");
    if (found.is_response) given = found.node.Find("prompt")->Find("variables");
    if (!given) return absl::OkStatus();
    if (given->value().is_array()) {
      ASSIGN_OR_RETURN(const std::vector<std::string> names, given->Texts());
      for (const std::string& name : names) {
        if (name.empty()) return given->Problem("a variable has no name");
        variables->insert(name);
      }
      return absl::OkStatus();
    }
    if (!given->value().is_object()) return given->Wrong("a list of names or an object");
    for (const auto& member : given->value().get_object()) {
      const std::string name(member.key());
      if (member.value() == json::value(json::string("{{" + name + "}}"))) continue;
      const std::string field =
          fmt::format("{}variables.{}", found.is_response ? "prompt." : "", name);
      if (found.is_response) {
        sink_(field,
              fmt::format("its value {} stands in the text now: call once more with {{\"{}\": "
                          "\"{{{{{}}}}}\"}} and import that answer",
                          ShowValue(name, member.value()), name, name));
      } else if (!member.value().is_null()) {
        sink_(field, fmt::format("{} is no part of a prompt: give it with the call",
                                 ShowValue(name, member.value())));
      }
    }
    return absl::OkStatus();
  }

  absl::Status AddMessages(const JsonNode& node, TemplateWriter* body) {
    const auto text = node.Find("prompt");
    if (text && text->value().is_string()) {
      body->Role("system");
      AddText(std::string(text->value().get_string()), body);
    }
    if (const auto instructions = node.Find("instructions")) {
      RETURN_IF_ERROR(AddItems(*instructions, "instructions", "system", body));
    }
    for (const char* key : {"messages", "input"}) {
      if (const auto items = node.Find(key)) {
        RETURN_IF_ERROR(AddItems(*items, key, "user", body));
      }
    }
    if (body->empty()) {
      return node.Problem(
          "it has no text: there is neither \"instructions\" nor \"input\", "
          "\"messages\" or \"prompt\"");
    }
    return absl::OkStatus();
  }

  // One text of `role`, or messages.
  absl::Status AddItems(const JsonNode& items, const std::string& field, std::string_view role,
                        TemplateWriter* body) {
    if (items.value().is_string()) {
      body->Role(role);
      AddText(std::string(items.value().get_string()), body);
      return absl::OkStatus();
    }
    if (!items.value().is_array()) return items.Wrong("text or a list of messages");
    ASSIGN_OR_RETURN(const std::vector<JsonNode> messages, items.Elements());
    for (size_t i = 0; i < messages.size(); ++i) {
      RETURN_IF_ERROR(AddMessage(messages[i], fmt::format("{}[{}]", field, i), body));
    }
    return absl::OkStatus();
  }

  absl::Status AddMessage(const JsonNode& message, const std::string& field, TemplateWriter* body) {
    RETURN_IF_ERROR(message.CheckObject());
    const auto type = message.Find("type");
    if (type && type->value() != json::value("message")) {
      sink_(field, fmt::format("{} is left out: a template writes messages of text and media only",
                               ShowJson(type->value())));
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const JsonNode role_node, message.Member("role"));
    ASSIGN_OR_RETURN(const std::string role, role_node.Text());
    const std::string_view ours = OurRole(role);
    if (ours.empty()) {
      return role_node.Problem(fmt::format(
          "no template can write a message of the role {}: there are system, developer, user and "
          "assistant",
          Quote(role)));
    }
    ASSIGN_OR_RETURN(const JsonNode content, message.Member("content"));
    body->Role(ours);
    if (content.value().is_string()) {
      AddText(std::string(content.value().get_string()), body);
      return absl::OkStatus();
    }
    if (!content.value().is_array()) return content.Wrong("text or a list of parts");
    ASSIGN_OR_RETURN(const std::vector<JsonNode> parts, content.Elements());
    size_t texts = 0;
    for (size_t i = 0; i < parts.size(); ++i) {
      const std::string at = fmt::format("{}.content[{}]", field, i);
      RETURN_IF_ERROR(AddPart(parts[i], at, &texts, body));
    }
    if (texts > 1) {
      sink_(field + ".content", fmt::format("its {} texts side by side are one text here", texts));
    }
    return absl::OkStatus();
  }

  absl::Status AddPart(const JsonNode& part, const std::string& field, size_t* texts,
                       TemplateWriter* body) {
    ASSIGN_OR_RETURN(const JsonNode type_node, part.Member("type"));
    ASSIGN_OR_RETURN(const std::string type, type_node.Text());
    if (IsOneOf(type, {"input_text", "output_text", "text"})) {
      ASSIGN_OR_RETURN(const JsonNode text_node, part.Member("text"));
      ASSIGN_OR_RETURN(const std::string text, text_node.Text());
      AddText(text, body);
      ++*texts;
    } else if (IsOneOf(type, {"input_image", "image_url"})) {
      RETURN_IF_ERROR(AddImage(part, field, body));
    } else {
      sink_(field, fmt::format("the part {} is left out: there are text and images", Quote(type)));
    }
    return absl::OkStatus();
  }

  absl::Status AddImage(const JsonNode& part, const std::string& field, TemplateWriter* body) {
    auto url_node = part.Find("image_url");
    if (url_node && url_node->value().is_object()) url_node = url_node->Find("url");
    if (!url_node) {
      const auto file = part.Find("file_id");
      sink_(field,
            fmt::format("the image {} is left out: it is a file of OpenAI's; put it at a URL "
                        "and write {{{{media url=…}}}}",
                        file ? ShowJson(file->value()) : "without a URL"));
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const std::string url, url_node->Text());
    const std::string_view mark = syntax::TrimSpace(url);
    const bool marked = mark.starts_with("{{") && mark.ends_with("}}");
    const std::string_view name = marked ? syntax::TrimSpace(mark.substr(2, mark.size() - 4)) : "";
    if (!name.empty() && std::all_of(name.begin(), name.end(), syntax::IsWordCharacter)) {
      body->MediaVariable(name);
    } else if (url.find("{{") != url.npos || url.find('\\') != url.npos || url.empty()) {
      sink_(field, fmt::format("the image {} is left out: a media's URL is a text or a variable",
                               Quote(url)));
    } else {
      body->Media(url);
    }
    if (const auto detail = part.Find("detail"); detail && detail->value() != json::value("auto")) {
      sink_(field + ".detail", fmt::format("{} has no place in media", ShowJson(detail->value())));
    }
    return absl::OkStatus();
  }

  static void AddText(std::string_view text, TemplateWriter* body) {
    // OpenAI knows marks of names only: all others are text there too.
    AddMarkedText(text, MarkRule::kInnermost, body, [](const std::string&) {});
  }

  ImportCollector collector_;
  NotCarriedSink sink_;  // Of the version that is converted.
  std::map<std::string, FoundPrompt> prompts_;
  std::vector<std::string> order_;
};

}  // namespace

absl::StatusOr<ImportResult> ImportOpenAi(const std::vector<LocalFile>& files,
                                          const ImportOptions& options) {
  return ImportJsonFiles(files, OpenAiImporter(options));
}

}  // namespace colophon
