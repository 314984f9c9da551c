#include "service/provider/request_json.h"

#include "absl/strings/escaping.h"
#include "fmt/format.h"

namespace colophon {

absl::Status Unsupported(std::string_view where, std::string_view why) {
  return InvalidArgument("UNSUPPORTED", fmt::format("{}: {}", where, why),
                         {{"field", std::string(where)}});
}

std::string SnakeCase(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') {
      if (!out.empty()) out += '_';
      out += static_cast<char>(c - 'A' + 'a');
    } else {
      out += c;
    }
  }
  return out;
}

absl::Status AddConfig(const google::protobuf::Struct& config, const ConfigRules& rules,
                       json::object* body) {
  for (auto& member : ToJson(config)) {
    const std::string given(member.key().data(), member.key().size());
    std::string name = SnakeCase(given);
    for (const auto& [from, to] : rules.renamed) {
      if (given == from) name = to;
    }
    for (const auto& [refused, why] : rules.refused) {
      if (name == refused) return Unsupported(fmt::format("config.{}", given), why);
    }
    if (body->contains(name)) {
      return Unsupported(fmt::format("config.{}", given),
                         fmt::format("\"{}\" is set twice; set it once", name));
    }
    body->emplace(name, std::move(member.value()));
  }
  return absl::OkStatus();
}

absl::StatusOr<json::object> ObjectOfText(const std::string& text, std::string_view where) {
  if (text.empty()) return json::object();
  absl::StatusOr<json::value> value = ParseJson(text);
  if (!value.ok()) return Unsupported(where, MessageOf(value.status()));
  if (!value->is_object()) return Unsupported(where, "must be a JSON object");
  return std::move(value->get_object());
}

std::string Base64(std::string_view bytes) {
  std::string out;
  absl::Base64Escape(absl::string_view(bytes.data(), bytes.size()), &out);
  return out;
}

}  // namespace colophon
