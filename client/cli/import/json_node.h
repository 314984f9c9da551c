#pragma once

// A value of somebody's JSON file that knows where it stands, so that every
// error names the file, the JSON pointer (RFC 6901) and what should be there.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/json.h"
#include "service/base/status.h"

namespace colophon {

// Borrows the value; for a document that outlives it.
class JsonNode {
 public:
  JsonNode(std::string file, const json::value& value) : file_(std::move(file)), value_(&value) {}

  const json::value& value() const { return *value_; }
  const std::string& file() const { return file_; }
  // "" is the whole file, "/3/prompt" a member of its fourth element.
  const std::string& pointer() const { return pointer_; }

  // The member of an object; nullopt where there is none, or null.
  std::optional<JsonNode> Find(std::string_view key) const;
  // INVALID_ARGUMENT BAD_IMPORT when it isn't there.
  absl::StatusOr<JsonNode> Member(std::string_view key) const;

  // INVALID_ARGUMENT BAD_IMPORT when it is something else.
  absl::StatusOr<std::string> Text() const;
  absl::StatusOr<std::vector<JsonNode>> Elements() const;
  absl::StatusOr<std::vector<std::string>> Texts() const;
  absl::Status CheckObject() const;

  // "FILE: /3/prompt is a number: it has to be …"
  absl::Status Wrong(std::string_view expected) const;
  // "FILE: /3/prompt: …"
  absl::Status Problem(std::string_view what) const;

 private:
  JsonNode Inner(std::string_view step, const json::value& value) const;

  std::string file_;
  std::string pointer_;
  const json::value* value_;
};

// The JSON of a file; of one that is called .jsonl or .ndjson the array of its
// lines. INVALID_ARGUMENT BAD_IMPORT names the file and where it is wrong.
absl::StatusOr<json::value> ParseJsonFile(const std::string& path, std::string_view content);

// Quotes at most 60 characters of the value's JSON.
std::string ShowJson(const json::value& value);

}  // namespace colophon
