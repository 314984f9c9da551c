#pragma once

// Renders what an importer wrote, to compare it with what its source meant.

#include <string>
#include <vector>

#include "client/cli/import/import_model.h"
#include "service/base/json.h"
#include "service/base/status.h"

namespace colophon {

// The messages of a version, each as "role|text"; a problem as "error: …". Of
// media the text is "<url>". History is two messages, "model|H1" and "user|H2".
std::vector<std::string> RenderVersion(const ImportedVersion& version,
                                       const json::object& variables = {},
                                       bool with_history = false);

// The front matter of the version's file, as JSON; {} without one.
json::object FrontMatterOf(const ImportedVersion& version);

// "PROMPT@VERSION FIELD: REASON" of each, and the same of failures without the
// field.
std::vector<std::string> NotCarriedOf(const ImportResult& result);
std::vector<std::string> FailuresOf(const ImportResult& result);

}  // namespace colophon
