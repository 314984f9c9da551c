#include "client/cli/import/import_common.h"

#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "client/cli/import/names.h"
#include "fmt/format.h"
#include "service/template/prompt/closure.h"
#include "service/template/prompt/closure_loader.h"
#include "service/template/syntax/js_text.h"

namespace colophon {
namespace {

// A longer one names nothing.
constexpr size_t kMaxName = 256;

// A name that isn't plain: "user-name", "order number", "1st". Letters and digits of
// ASCII, and between them a hyphen or a single space.
bool IsOddName(std::string_view name) {
  if (name.empty() || name.size() > kMaxName || name.front() == '-' || name.back() == '-') {
    return false;
  }
  for (size_t i = 0; i < name.size(); ++i) {
    const bool single_space = name[i] == ' ' && name[i - 1] != ' ';
    if (!syntax::IsWordCharacter(name[i]) && name[i] != '-' && !single_space) return false;
  }
  return true;
}

// name or name.member
bool IsVariable(std::string_view name) {
  bool at_start = true;
  for (const char c : name) {
    const bool digit = c >= '0' && c <= '9';
    if (c == '.' && !at_start) {
      at_start = true;
      continue;
    }
    if (!syntax::IsWordCharacter(c) || (at_start && digit)) return false;
    at_start = false;
  }
  return !at_start;
}

// "{{#each x}}", "{{/if}}", "{{{x}}}", "{{> p}}": Mustache and more.
bool IsControl(std::string_view inside) {
  return !inside.empty() && std::string_view("#/^>&!{").find(inside[0]) != std::string_view::npos;
}

void AddPath(std::string_view path, TemplateWriter* body) {
  const size_t dot = path.find('.');
  if (dot == path.npos) {
    body->Variable(path);
  } else {
    body->Member(path.substr(0, dot), path.substr(dot));
  }
}

absl::StatusOr<std::shared_ptr<const prompt::Closure>> Load(const ImportedVersion& version) {
  const prompt::ReadFile read =
      [&](const std::string& path) -> absl::StatusOr<std::optional<std::string>> {
    for (const LocalFile& file : version.files) {
      if (file.path == path) return std::optional<std::string>(file.content);
    }
    return std::optional<std::string>();
  };
  std::vector<v1::Diagnostic> diagnostics;
  ASSIGN_OR_RETURN(auto closure, prompt::LoadClosure(version.files[0].path, read, &diagnostics));
  if (closure == nullptr) return DiagnosticsToStatus(diagnostics);
  return closure;
}

}  // namespace

void AddMarkedText(std::string_view text, MarkRule rule, TemplateWriter* body,
                   const std::function<void(const std::string& tag)>& unknown) {
  std::set<std::string> told;
  for (;;) {
    size_t open = text.find("{{");
    const size_t close = open == text.npos ? text.npos : text.find("}}", open + 2);
    if (close == text.npos) break;
    if (rule == MarkRule::kInnermost) open = text.substr(0, close).rfind("{{");
    const std::string_view name = syntax::TrimSpace(text.substr(open + 2, close - open - 2));
    if (IsVariable(name)) {
      body->Text(text.substr(0, open));
      AddPath(name, body);
    } else if (rule == MarkRule::kFirst && IsOddName(name)) {
      body->Text(text.substr(0, open));
      body->Variable(name);
    } else {
      const std::string tag(text.substr(open, close + 2 - open));
      if (IsControl(name) && told.insert(tag).second) unknown(tag);
      body->Text(text.substr(0, close + 2));
    }
    text.remove_prefix(close + 2);
  }
  body->Text(text);
}

void AddFormatText(std::string_view text, TemplateWriter* body,
                   const std::function<void(const std::string& field)>& unknown) {
  std::set<std::string> told;
  while (!text.empty()) {
    const size_t brace = text.find_first_of("{}");
    body->Text(text.substr(0, brace));
    if (brace == text.npos) return;
    text.remove_prefix(brace);
    if (text.starts_with("{{") || text.starts_with("}}")) {
      body->Text(text.substr(0, 1));
      text.remove_prefix(2);
      continue;
    }
    const size_t close = text[0] == '{' ? text.substr(0, kMaxName).find('}') : text.npos;
    const std::string_view name = close == text.npos ? "" : text.substr(1, close - 1);
    if (IsVariable(name)) {
      AddPath(name, body);
      text.remove_prefix(close + 1);
      continue;
    }
    const std::string field(close == text.npos ? text.substr(0, 1) : text.substr(0, close + 1));
    if (text[0] == '{' && told.insert(field).second) unknown(field);
    body->Text(text.substr(0, 1));
    text.remove_prefix(1);
  }
}

std::string_view OurRole(std::string_view role) {
  static const auto* const kRoles = new std::map<std::string_view, std::string_view>{
      {"system", "system"},   {"developer", "system"}, {"user", "user"}, {"human", "user"},
      {"assistant", "model"}, {"model", "model"},      {"ai", "model"}};
  const std::string small = absl::AsciiStrToLower(absl::string_view(role.data(), role.size()));
  const auto found = kRoles->find(small);
  return found == kRoles->end() ? "" : found->second;
}

absl::StatusOr<std::vector<JsonNode>> ObjectsOf(const JsonNode& root,
                                                const std::vector<std::string_view>& keys) {
  std::vector<JsonNode> objects = {root};
  if (root.value().is_array()) {
    ASSIGN_OR_RETURN(objects, root.Elements());
  } else {
    for (const std::string_view key : keys) {
      const std::optional<JsonNode> list = root.Find(key);
      if (!list || !list->value().is_array()) continue;
      ASSIGN_OR_RETURN(objects, list->Elements());
      break;
    }
  }
  for (const JsonNode& object : objects) RETURN_IF_ERROR(object.CheckObject());
  if (objects.empty()) return root.Problem("there is no prompt in it");
  return objects;
}

absl::Status CheckFiles(const ImportedVersion& version) { return Load(version).status(); }

absl::StatusOr<std::string> DigestOf(const ImportedVersion& version) {
  ASSIGN_OR_RETURN(const auto closure, Load(version));
  return closure->digest;
}

std::optional<absl::Time> TimeOf(const json::value& value) {
  if (value.is_int64()) return absl::FromUnixSeconds(value.get_int64());
  absl::Time time;
  if (!value.is_string()) return std::nullopt;
  const std::string text(value.get_string());
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return std::nullopt;
  return time;
}

ImportCollector::ImportCollector(std::string store, const ImportOptions& options)
    : options_(options) {
  result_.store = std::move(store);
}

void ImportCollector::NotCarriedOver(const std::string& prompt, const std::string& version,
                                     std::string_view field, std::string_view reason) {
  result_.not_carried.push_back({prompt, version, std::string(field), std::string(reason)});
}

void ImportCollector::Fail(const std::string& prompt, const std::string& version,
                           std::string_view reason) {
  failed_.insert(prompt);
  result_.failures.push_back({prompt, version, std::string(reason)});
}

NotCarriedSink ImportCollector::SinkFor(const std::string& prompt, const std::string& version) {
  return [this, prompt, version](std::string_view field, std::string_view reason) {
    NotCarriedOver(prompt, version, field, reason);
  };
}

void ImportCollector::Add(ImportedPrompt prompt) {
  for (const ImportedVersion& version : prompt.versions) {
    if (const absl::Status status = CheckFiles(version); !status.ok()) {
      Fail(prompt.source, version.source,
           fmt::format("what it was converted to can't be published: {}", MessageOf(status)));
    }
  }
  const bool failed = failed_.count(prompt.source) > 0;
  if (!failed) result_.prompts.push_back(std::move(prompt));
}

absl::StatusOr<ImportResult> ImportCollector::Finish() {
  RETURN_IF_ERROR(CheckCollisions(result_));
  return std::move(result_);
}

}  // namespace colophon
