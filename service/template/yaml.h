#pragma once

// YAML as front matter has it: one document, YAML 1.2's core types, as the npm
// package `yaml` reads it.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "boost/json/value.hpp"
#include "service/template/diagnostics.h"

namespace colophon {

// Where each member's key or element stands, by its JSON pointer
// ("/config/temperature"); "" is the document.
using YamlPositions = std::map<std::string, Position>;

// Of the pointer, or of the nearest that holds it.
Position FindPosition(const YamlPositions& positions, std::string pointer);

struct YamlDocument {
  boost::json::value value;
  YamlPositions positions;
};

// `text` is UTF-8 and begins at line `first_line` of the file. Problems are
// BAD_YAML; nullopt after an error. An empty document is null.
std::optional<YamlDocument> ParseYaml(std::string_view text, int first_line, DiagnosticSink* sink);

}  // namespace colophon
