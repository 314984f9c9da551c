#include "client/cli/import/json_node.h"

#include <utility>

#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "fmt/format.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon {
namespace {

std::string_view KindOf(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "true or false";
    case json::kind::string:
      return "text";
    case json::kind::array:
      return "a list";
    case json::kind::object:
      return "an object";
    default:
      return "a number";
  }
}

std::string Escape(std::string_view step) {
  std::string out;
  for (const char c : step) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return out;
}

absl::StatusOr<json::value> ParseLines(const std::string& path, std::string_view content) {
  json::array lines;
  for (int number = 1; !content.empty(); ++number) {
    const size_t end = content.find('\n');
    const std::string_view line = content.substr(0, end);
    content.remove_prefix(end == content.npos ? content.size() : end + 1);
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    absl::StatusOr<json::value> value = ParseJson(line);
    if (!value.ok()) {
      return InvalidArgument(
          "BAD_IMPORT", fmt::format("{}: line {}: {}", path, number, MessageOf(value.status())));
    }
    lines.push_back(*std::move(value));
  }
  return lines;
}

}  // namespace

JsonNode JsonNode::Inner(std::string_view step, const json::value& value) const {
  JsonNode inner(file_, value);
  inner.pointer_ = pointer_ + "/" + Escape(step);
  return inner;
}

std::optional<JsonNode> JsonNode::Find(std::string_view key) const {
  if (!value_->is_object()) return std::nullopt;
  const json::value* found = value_->get_object().if_contains({key.data(), key.size()});
  if (found == nullptr || found->is_null()) return std::nullopt;
  return Inner(key, *found);
}

absl::StatusOr<JsonNode> JsonNode::Member(std::string_view key) const {
  RETURN_IF_ERROR(CheckObject());
  std::optional<JsonNode> found = Find(key);
  if (!found) return Problem(fmt::format("there is no \"{}\"", key));
  return *std::move(found);
}

absl::StatusOr<std::string> JsonNode::Text() const {
  if (!value_->is_string()) return Wrong("text");
  return std::string(value_->get_string());
}

absl::StatusOr<std::vector<JsonNode>> JsonNode::Elements() const {
  if (!value_->is_array()) return Wrong("a list");
  std::vector<JsonNode> elements;
  for (const json::value& element : value_->get_array()) {
    elements.push_back(Inner(std::to_string(elements.size()), element));
  }
  return elements;
}

absl::StatusOr<std::vector<std::string>> JsonNode::Texts() const {
  ASSIGN_OR_RETURN(const std::vector<JsonNode> elements, Elements());
  std::vector<std::string> texts;
  for (const JsonNode& element : elements) {
    ASSIGN_OR_RETURN(std::string text, element.Text());
    texts.push_back(std::move(text));
  }
  return texts;
}

absl::Status JsonNode::CheckObject() const {
  return value_->is_object() ? absl::OkStatus() : Wrong("an object");
}

absl::Status JsonNode::Wrong(std::string_view expected) const {
  return InvalidArgument("BAD_IMPORT", fmt::format("{}: {} is {}: it has to be {}", file_,
                                                   pointer_.empty() ? "the whole of it" : pointer_,
                                                   KindOf(*value_), expected));
}

absl::Status JsonNode::Problem(std::string_view what) const {
  return InvalidArgument("BAD_IMPORT", pointer_.empty()
                                           ? fmt::format("{}: {}", file_, what)
                                           : fmt::format("{}: {}: {}", file_, pointer_, what));
}

absl::StatusOr<json::value> ParseJsonFile(const std::string& path, std::string_view content) {
  if (content.starts_with("\xef\xbb\xbf")) content.remove_prefix(3);  // It is no JSON.
  if (!IsUtf8(content)) {
    return InvalidArgument(
        "BAD_IMPORT",
        fmt::format("{}: it is not UTF-8: export it again, or save it as UTF-8", path));
  }
  if (path.ends_with(".jsonl") || path.ends_with(".ndjson")) return ParseLines(path, content);
  absl::StatusOr<json::value> value = ParseJson(content);
  if (value.ok()) return value;
  return InvalidArgument("BAD_IMPORT", fmt::format("{}: {}", path, MessageOf(value.status())));
}

std::string ShowJson(const json::value& value) {
  std::string quoted = Quote(WriteJson(value));
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace colophon
