// Which store a file comes from, by its name and, of JSON, by its members.

#include <algorithm>

#include "client/cli/import/import_common.h"
#include "client/cli/import/importers.h"
#include "fmt/format.h"

namespace colophon {
namespace {

bool EndsWithAny(std::string_view path, std::initializer_list<std::string_view> endings) {
  for (const std::string_view ending : endings) {
    if (path.ends_with(ending)) return true;
  }
  return false;
}

absl::StatusOr<std::string> GuessJson(const LocalFile& file) {
  ASSIGN_OR_RETURN(const json::value document, ParseJsonFile(file.path, file.content));
  const JsonNode root(file.path, document);
  ASSIGN_OR_RETURN(const std::vector<JsonNode> objects, ObjectsOf(root, {"data", "prompts"}));
  const JsonNode& first = objects[0];
  const auto prompt = first.Find("prompt");
  const auto id = first.Find("id");
  const bool has_id = id && id->value().is_string() &&
                      std::string_view(std::string(id->value().get_string())).starts_with("pmpt_");
  if (has_id || first.Find("prompt_id") || (prompt && prompt->value().is_object())) {
    return std::string("openai");
  }
  if (first.Find("name") && (prompt || first.Find("versions"))) return std::string("langfuse");
  return InvalidArgument("UNKNOWN_STORE",
                         fmt::format("{}: it is neither an export of Langfuse (\"name\" and "
                                     "\"prompt\") nor of OpenAI (\"id\": \"pmpt_…\"): say with "
                                     "--from where it comes from",
                                     file.path));
}

absl::StatusOr<std::string> GuessFile(const LocalFile& file) {
  if (EndsWithAny(file.path, {".prompty"})) return std::string("prompty");
  if (EndsWithAny(file.path, {".json", ".jsonl", ".ndjson"})) return GuessJson(file);
  return std::string("text");
}

}  // namespace

absl::StatusOr<std::string> GuessStore(const std::vector<LocalFile>& files) {
  std::string store;
  const bool has_prompty = std::any_of(files.begin(), files.end(), [](const LocalFile& file) {
    return file.path.ends_with(".prompty");
  });
  for (const LocalFile& file : files) {
    // Tools and the like, which the prompts beside it name.
    if (has_prompty && file.path.ends_with(".json") && !GuessJson(file).ok()) continue;
    ASSIGN_OR_RETURN(const std::string found, GuessFile(file));
    if (store.empty()) store = found;
    if (store == found) continue;
    return InvalidArgument("UNKNOWN_STORE",
                           fmt::format("\"{}\" seems to be of {}, \"{}\" of {}: import them one "
                                       "store at a time, or say --from",
                                       files[0].path, store, file.path, found));
  }
  return store;
}

}  // namespace colophon
