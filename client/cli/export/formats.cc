#include "client/cli/export/formats.h"

#include <algorithm>
#include <cassert>

#include "google/protobuf/util/json_util.h"

namespace colophon {

const std::vector<RecordFormat>& RecordFormats() {
  static const std::vector<RecordFormat> formats = {
      {.name = "jsonl", .write = &WriteJsonLine},
      {.name = "csv", .heading = &CsvHeading, .write = &WriteCsv},
      {.name = "openai", .needs_rendered = true, .write = &WriteOpenAiMessages},
      {.name = "anthropic", .needs_rendered = true, .write = &WriteAnthropicMessages},
      {.name = "promptfoo", .write = &WritePromptfooCase},
  };
  return formats;
}

const RecordFormat& FindRecordFormat(std::string_view name) {
  const auto found =
      std::find_if(RecordFormats().begin(), RecordFormats().end(),
                   [name](const RecordFormat& format) { return format.name == name; });
  assert(found != RecordFormats().end());
  return *found;
}

absl::StatusOr<std::string> WriteJsonLine(const v1::ExportedRecord& exported) {
  std::string line;
  const auto written = google::protobuf::util::MessageToJsonString(exported, &line);
  if (written.ok()) return line + "\n";
  return Error(absl::StatusCode::kUnknown, "NOT_JSON", std::string(written.message()));
}

}  // namespace colophon
