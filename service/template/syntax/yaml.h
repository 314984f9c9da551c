#pragma once

// YAML as front matter has it: one document, YAML 1.2's core types, as the npm
// package `yaml` reads it.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "boost/json/value.hpp"
#include "service/template/syntax/diagnostics.h"

namespace colophon::syntax {

// Where each member's key or element stands, by its JSON pointer
// ("/config/temperature"); "" is the document.
using YamlPositions = std::map<std::string, Position>;

// Of the pointer, or of the nearest that holds it.
Position FindPosition(const YamlPositions& positions, std::string pointer);

struct YamlDocument {
  boost::json::value value;
  YamlPositions positions;
};

// YAML that holds one document or none, and nothing that yaml-cpp would take for its
// end, before yaml-cpp is trusted with it. Every text that is read as YAML goes
// through here.
struct YamlText {
  std::string text;  // With "\n" for each line break, and an end that is marked.
  bool empty = false;
};
struct YamlSlip {
  Position position;  // In the text, from line 1.
  std::string message;
};
// `what` is named in messages: "front matter".
std::variant<YamlText, YamlSlip> CheckYaml(std::string_view text, std::string_view what);

// `text` is UTF-8 and begins at line `first_line` of the file. Problems are
// BAD_YAML; nullopt after an error. An empty document is null.
std::optional<YamlDocument> ParseYaml(std::string_view text, int first_line, DiagnosticSink* sink);

}  // namespace colophon::syntax
