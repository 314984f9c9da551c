// Langfuse (https://langfuse.com/docs/prompt-management): names with numbered
// versions, {{variables}}, places for messages of the call, and prompts that include
// others:
//
//   @@@langfusePrompt:name=NAME|label=LABEL@@@
//   @@@langfusePrompt:name=NAME|version=NUMBER@@@
//
// An included version becomes a partial beside the prompt of its name.

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "client/cli/import/import_common.h"
#include "client/cli/import/importers.h"
#include "client/cli/import/langfuse_reference.h"
#include "client/cli/import/names.h"
#include "client/cli/import/prompt_text.h"
#include "client/cli/import/settle_labels.h"
#include "fmt/format.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon {
namespace {

constexpr std::string_view kReference = "@@@langfusePrompt:";
constexpr std::string_view kReferenceEnd = "@@@";

// By number.
using Versions = std::map<int64_t, JsonNode>;
using Version = Versions::value_type;

// Prompts that include prompts: Langfuse's own limit is 5.
constexpr int kMaxIncludeDepth = 32;

class LangfuseImporter {
 public:
  explicit LangfuseImporter(const ImportOptions& options) : collector_("Langfuse", options) {}

  absl::Status Read(const JsonNode& root) {
    ASSIGN_OR_RETURN(const std::vector<JsonNode> objects, ObjectsOf(root, {"data", "prompts"}));
    ages_[root.file()] = AgeOf(root.file(), objects);
    for (const JsonNode& object : objects) RETURN_IF_ERROR(ReadVersion(object));
    return absl::OkStatus();
  }

  absl::StatusOr<ImportResult> Convert() {
    for (const std::string& name : order_) ConvertPrompt(name, prompts_.at(name));
    return collector_.Finish();
  }

 private:
  // What converting one version makes.
  struct Draft {
    std::string prompt;  // Of whom things are told.
    std::string version;
    TemplateWriter body;
    std::map<std::string, std::string> partials;  // Path → content.
    std::set<std::string> variables;              // Of the partials.
    int depth = 0;                                // Of partials inside each other.
  };

  absl::Status ReadVersion(const JsonNode& object) {
    ASSIGN_OR_RETURN(const JsonNode name_node, object.Member("name"));
    ASSIGN_OR_RETURN(const std::string name, name_node.Text());
    if (!object.Find("prompt") && object.Find("versions")) {
      return object.Problem(
          fmt::format("this is only the list of the versions of {}: export each of them, from GET "
                      "/api/public/v2/prompts/NAME?version=NUMBER&resolve=false",
                      Quote(name)));
    }
    RETURN_IF_ERROR(object.Member("prompt").status());
    if (prompts_.count(name) == 0) order_.push_back(name);
    Versions& versions = prompts_[name];
    // An export for Langfuse's own import has no numbers: their order is the history.
    int64_t number = static_cast<int64_t>(versions.size()) + 1;
    if (const std::optional<JsonNode> given = object.Find("version")) {
      if (!given->value().is_int64() || given->value().get_int64() < 1) {
        return given->Wrong("a whole number from 1");
      }
      number = given->value().get_int64();
    }
    const auto [other, added] = versions.emplace(number, object);
    if (added || other->second.value() == object.value()) return absl::OkStatus();
    if (SaysTheSame(other->second, object)) {
      // Of several exports the newest one tells the labels.
      if (IsNewer(object.file(), other->second.file())) other->second = object;
      return absl::OkStatus();
    }
    return object.Problem(
        fmt::format("version {} of {} is there already with other words, at {} "
                    "of {}: keep the newer of the two",
                    number, Quote(name), other->second.pointer(), other->second.file()));
  }

  static bool SaysTheSame(const JsonNode& one, const JsonNode& other) {
    for (const char* key : {"prompt", "config", "type"}) {
      const auto a = one.Find(key);
      const auto b = other.Find(key);
      if (a.has_value() != b.has_value() || (a && a->value() != b->value())) return false;
    }
    return true;
  }

  bool IsNewer(const std::string& file, const std::string& than) const {
    return ages_.at(file) > ages_.at(than);
  }

  // When something in the export last changed, then how much it has, then its name,
  // which has a date often.
  using Age = std::tuple<absl::Time, size_t, std::string>;
  static Age AgeOf(const std::string& file, const std::vector<JsonNode>& objects) {
    absl::Time changed = absl::InfinitePast();
    for (const JsonNode& object : objects) {
      for (const char* key : {"updatedAt", "createdAt"}) {
        const auto time = object.Find(key);
        if (time) changed = std::max(changed, TimeOf(time->value()).value_or(changed));
      }
    }
    return {changed, objects.size(), file};
  }

  void ConvertPrompt(const std::string& name, const Versions& versions) {
    ImportedPrompt prompt;
    prompt.source = name;
    const auto path = PromptPathOf(name, collector_.options());
    if (!path.ok()) return collector_.Fail(name, "", MessageOf(path.status()));
    prompt.path = *path;
    std::set<std::string> tags;
    for (const Version& version : versions) {
      ImportedVersion converted;
      converted.source = std::to_string(version.first);
      if (const absl::Status status = ConvertVersion(prompt, version, &tags, &converted);
          !status.ok()) {
        collector_.Fail(name, converted.source, MessageOf(status));
        continue;
      }
      prompt.versions.push_back(std::move(converted));
    }
    SettleLabels(
        &prompt,
        [&](const ImportedVersion& one, const ImportedVersion& than) {
          const auto file_of = [&](const ImportedVersion& version) -> const std::string& {
            return versions.at(std::stoll(version.source)).file();
          };
          return IsNewer(file_of(one), file_of(than));
        },
        &collector_);
    collector_.Add(std::move(prompt));
  }

  absl::Status ConvertVersion(const ImportedPrompt& prompt, const Version& version,
                              std::set<std::string>* told_tags, ImportedVersion* to) {
    Draft draft;
    draft.prompt = prompt.source;
    draft.version = to->source;
    ASSIGN_OR_RETURN(const JsonNode content, version.second.Member("prompt"));
    RETURN_IF_ERROR(AddContent(content, &draft));
    json::object matter;
    RETURN_IF_ERROR(TakeConfig(version.second, draft, &matter));
    std::set<std::string> variables = draft.body.variables();
    variables.insert(draft.variables.begin(), draft.variables.end());
    if (!variables.empty()) matter["input"] = {{"schema", SchemaOfVariables(variables)}};
    to->files.push_back({prompt.path + ".prompt", PromptText(matter, draft.body)});
    for (auto& [path, text] : draft.partials) to->files.push_back({path, std::move(text)});
    RETURN_IF_ERROR(TakeLabels(version.second, draft, to));
    RETURN_IF_ERROR(TakeDetails(version.second, draft, told_tags, to));
    return absl::OkStatus();
  }

  // A text prompt is one message of the user, a chat prompt a list of messages.
  absl::Status AddContent(const JsonNode& content, Draft* draft) {
    if (content.value().is_string()) {
      ASSIGN_OR_RETURN(const std::string text, content.Text());
      return AddText(text, "prompt", draft);
    }
    if (!content.value().is_array()) return content.Wrong("text or a list of messages");
    ASSIGN_OR_RETURN(const std::vector<JsonNode> messages, content.Elements());
    const std::optional<size_t> history = HistoryOf(messages);
    for (size_t i = 0; i < messages.size(); ++i) {
      const std::string field = fmt::format("prompt[{}]", i);
      RETURN_IF_ERROR(messages[i].CheckObject());
      if (IsPlaceholder(messages[i])) {
        RETURN_IF_ERROR(AddPlaceholder(messages[i], field, history == i, draft));
      } else {
        RETURN_IF_ERROR(AddMessage(messages[i], field, draft));
      }
    }
    return absl::OkStatus();
  }

  static bool IsPlaceholder(const JsonNode& message) {
    const std::optional<JsonNode> type = message.Find("type");
    return type && type->value() == json::value("placeholder");
  }

  // Which place for messages is the conversation so far: one with such a name, or
  // the only one.
  static std::optional<size_t> HistoryOf(const std::vector<JsonNode>& messages) {
    std::vector<size_t> placeholders;
    for (size_t i = 0; i < messages.size(); ++i) {
      if (!IsPlaceholder(messages[i])) continue;
      placeholders.push_back(i);
      const std::optional<JsonNode> name = messages[i].Find("name");
      if (!name || !name->value().is_string()) continue;
      const std::string text(name->value().get_string());
      for (const char* word : {"history", "messages", "conversation", "chat"}) {
        if (text.find(word) != text.npos) return i;
      }
    }
    if (placeholders.size() == 1) return placeholders[0];
    return std::nullopt;
  }

  absl::Status AddPlaceholder(const JsonNode& message, const std::string& field, bool is_history,
                              Draft* draft) {
    ASSIGN_OR_RETURN(const JsonNode node, message.Member("name"));
    ASSIGN_OR_RETURN(const std::string name, node.Text());
    if (is_history) {
      draft->body.History();
      Tell(*draft, field,
           fmt::format("the placeholder {} is {{{{history}}}} here: give its messages as the "
                       "call's history",
                       Quote(name)));
    } else {
      Tell(*draft, field,
           fmt::format("the placeholder {} is left out: a prompt has one place for messages of "
                       "the call, its history",
                       Quote(name)));
    }
    return absl::OkStatus();
  }

  absl::Status AddMessage(const JsonNode& message, const std::string& field, Draft* draft) {
    ASSIGN_OR_RETURN(const JsonNode role_node, message.Member("role"));
    ASSIGN_OR_RETURN(const std::string role, role_node.Text());
    const std::string_view ours = OurRole(role);
    if (ours.empty()) {
      Tell(*draft, field,
           fmt::format("the message is left out: no template can write one of the role {}, but of "
                       "system, developer, user and assistant",
                       Quote(role)));
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const JsonNode content, message.Member("content"));
    ASSIGN_OR_RETURN(const std::string text, content.Text());
    for (const auto& member : message.value().get_object()) {
      const std::string key(member.key());
      if (key == "role" || key == "content" || key == "type" || member.value().is_null()) continue;
      Tell(*draft, fmt::format("{}.{}", field, key),
           fmt::format("{} is left out: a message has a role and a content",
                       ShowValue(key, member.value())));
    }
    draft->body.Role(ours);
    return AddText(text, field, draft);
  }

  absl::Status AddText(std::string_view text, const std::string& field, Draft* draft) {
    const auto unknown = [&](const std::string& tag) {
      Tell(*draft, field,
           fmt::format("{} is kept as text: only Langfuse's JavaScript SDK ran it", Quote(tag)));
    };
    for (size_t from = 0;;) {
      const size_t begin = text.find(kReference, from);
      const size_t inside = begin + kReference.size();
      const size_t end = begin == text.npos ? text.npos : text.find(kReferenceEnd, inside);
      if (end == text.npos) break;
      from = end + kReferenceEnd.size();
      const auto reference = ParseReference(text.substr(inside, end - inside));
      if (!reference) continue;  // Langfuse lets it stand as it is too.
      AddMarkedText(text.substr(0, begin), MarkRule::kFirst, &draft->body, unknown);
      RETURN_IF_ERROR(AddReference(*reference, field, draft));
      text.remove_prefix(from);
      from = 0;
    }
    AddMarkedText(text, MarkRule::kFirst, &draft->body, unknown);
    return absl::OkStatus();
  }

  absl::Status AddReference(const PromptReference& reference, const std::string& field,
                            Draft* draft) {
    const Version* version = FindVersion(reference);
    const std::string what = reference.label.empty()
                                 ? fmt::format("version {}", reference.version)
                                 : fmt::format("label {}", Quote(reference.label));
    if (version == nullptr) {
      return InvalidArgument("BAD_IMPORT",
                             fmt::format("{} includes {} {}, which is not among the files: export "
                                         "it too",
                                         field, Quote(reference.name), what));
    }
    ASSIGN_OR_RETURN(const std::string path, PromptPathOf(reference.name, collector_.options()));
    const std::string name = fmt::format("{}.v{}", path, version->first);
    const size_t slash = name.rfind('/') + 1;  // 0 without a folder.
    const std::string file = fmt::format("{}_{}.prompt", name.substr(0, slash), name.substr(slash));
    draft->body.Partial(name);
    if (!reference.label.empty()) {
      Tell(*draft, field,
           fmt::format("{} with the label {} is included as it is now, version {}: moving that "
                       "label will not change this prompt",
                       Quote(reference.name), Quote(reference.label), version->first));
    }
    // The empty text holds its place while it is made: a cycle ends here and is
    // refused when the files are checked.
    if (!draft->partials.emplace(file, "").second) return absl::OkStatus();
    if (draft->depth == kMaxIncludeDepth) {
      return InvalidArgument("BAD_IMPORT",
                             fmt::format("more than {} prompts include one another, the last of "
                                         "them {}",
                                         kMaxIncludeDepth, Quote(reference.name)));
    }
    Draft partial;
    partial.depth = draft->depth + 1;
    partial.prompt = draft->prompt;
    partial.version = draft->version;
    partial.partials = draft->partials;
    ASSIGN_OR_RETURN(const JsonNode content, version->second.Member("prompt"));
    ASSIGN_OR_RETURN(const std::string text, content.Text());
    RETURN_IF_ERROR(AddText(text, fmt::format("{} → {}", field, reference.name), &partial));
    draft->partials = std::move(partial.partials);
    draft->partials[file] = partial.body.Body(/*alone=*/true);
    draft->variables.insert(partial.variables.begin(), partial.variables.end());
    draft->variables.insert(partial.body.variables().begin(), partial.body.variables().end());
    return absl::OkStatus();
  }

  const Version* FindVersion(const PromptReference& reference) const {
    const auto found = prompts_.find(reference.name);
    if (found == prompts_.end()) return nullptr;
    for (const Version& version : found->second) {
      if (reference.label.empty()) {
        if (std::to_string(version.first) == reference.version) return &version;
        continue;
      }
      const std::optional<JsonNode> labels = version.second.Find("labels");
      if (!labels || !labels->value().is_array()) continue;
      for (const json::value& label : labels->value().get_array()) {
        if (label == json::value(json::string(reference.label))) return &version;
      }
    }
    return reference.label == "latest" ? &*found->second.rbegin() : nullptr;
  }

  absl::Status TakeConfig(const JsonNode& node, const Draft& draft, json::object* matter) {
    const std::optional<JsonNode> config = node.Find("config");
    if (!config) return absl::OkStatus();
    RETURN_IF_ERROR(config->CheckObject());
    ModelSettings settings;
    const NotCarriedSink sink = collector_.SinkFor(draft.prompt, draft.version);
    for (const auto& member : config->value().get_object()) {
      const std::string key(member.key());
      if (key == "model" && member.value().is_string()) {
        const std::string model = QualifiedModel(std::string(member.value().get_string()));
        (*matter)["model"] = json::string(model);
        if (model.find('/') == model.npos) {
          sink("config.model",
               fmt::format("{} names no provider: write provider/model before calling it",
                           Quote(model)));
        }
      } else {
        TakeSetting(key, member.value(), "config." + key, &settings, sink);
      }
    }
    AddSettings(settings, matter);
    return absl::OkStatus();
  }

  absl::Status TakeLabels(const JsonNode& node, const Draft& draft, ImportedVersion* to) {
    const std::optional<JsonNode> labels = node.Find("labels");
    if (!labels) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::vector<std::string> names, labels->Texts());
    for (const std::string& name : names) {
      if (name == "latest") continue;  // The service keeps it.
      const auto label = LabelOf(name);
      if (label.ok()) {
        to->labels.push_back(*label);
      } else {
        Tell(draft, "labels", MessageOf(label.status()));
      }
    }
    return absl::OkStatus();
  }

  absl::Status TakeDetails(const JsonNode& node, const Draft& draft,
                           std::set<std::string>* told_tags, ImportedVersion* to) {
    if (const auto message = node.Find("commitMessage")) {
      ASSIGN_OR_RETURN(to->details, message->Text());
    }
    const auto author = node.Find("createdBy");
    const auto created = node.Find("createdAt");
    if (created) to->time = TimeOf(created->value());
    const std::string by = author && author->value().is_string()
                               ? " by " + std::string(author->value().get_string())
                               : "";
    const std::string at =
        to->time ? absl::FormatTime(" at %Y-%m-%dT%H:%M:%SZ", *to->time, absl::UTCTimeZone()) : "";
    if (!by.empty() || !at.empty()) {
      to->details += fmt::format("{}Made{}{}.", to->details.empty() ? "" : "\n\n", by, at);
    }
    if (const auto tags = node.Find("tags")) {
      ASSIGN_OR_RETURN(const std::vector<std::string> names, tags->Texts());
      // They are the same of all versions.
      if (!names.empty() && told_tags->insert(WriteJson(tags->value())).second) {
        collector_.NotCarriedOver(
            draft.prompt, "", "tags",
            fmt::format("{}: there are no tags here; a folder in the name does as much",
                        ShowJson(tags->value())));
      }
    }
    if (const auto graph = node.Find("resolutionGraph")) {
      Tell(draft, "resolutionGraph",
           "the words of the prompts that it included are in its text: export with resolve=false "
           "to have them as partials");
    }
    static constexpr std::string_view kKnown[] = {
        "id",        "projectId",       "name",    "version",       "type",      "prompt",
        "config",    "labels",          "tags",    "commitMessage", "createdAt", "updatedAt",
        "createdBy", "resolutionGraph", "isActive"};
    for (const auto& member : node.value().get_object()) {
      const std::string key(member.key());
      if (member.value().is_null() ||
          std::find(std::begin(kKnown), std::end(kKnown), key) != std::end(kKnown)) {
        continue;
      }
      Tell(draft, key, fmt::format("{} has no place here", ShowValue(key, member.value())));
    }
    return absl::OkStatus();
  }

  void Tell(const Draft& draft, std::string_view field, std::string_view reason) {
    collector_.NotCarriedOver(draft.prompt, draft.version, field, reason);
  }

  ImportCollector collector_;
  std::map<std::string, Versions> prompts_;
  std::map<std::string, Age> ages_;  // By file.
  std::vector<std::string> order_;
};

}  // namespace

absl::StatusOr<ImportResult> ImportLangfuse(const std::vector<LocalFile>& files,
                                            const ImportOptions& options) {
  return ImportJsonFiles(files, LangfuseImporter(options));
}

}  // namespace colophon
