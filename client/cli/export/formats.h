#pragma once

// What records are exported as.

#include <string>
#include <string_view>
#include <vector>

#include "colophon/v1/record.pb.h"
#include "service/base/status.h"

namespace colophon {

struct RecordFormat {
  std::string_view name;               // "csv"
  bool needs_rendered = false;         // It has the messages that were sent.
  std::string (*heading)() = nullptr;  // What stands before the first record; null: nothing.
  // A record's lines, with their ends. An error, whose message says why, for one that has
  // no place in the format.
  absl::StatusOr<std::string> (*write)(const v1::ExportedRecord& exported) = nullptr;
};

const std::vector<RecordFormat>& RecordFormats();
// REQUIRES: it is one of them.
const RecordFormat& FindRecordFormat(std::string_view name);

// --- Each of them.

// One message of the API as JSON.
absl::StatusOr<std::string> WriteJsonLine(const v1::ExportedRecord& exported);

// RFC 4180, by columns that stay the same.
std::string CsvHeading();
absl::StatusOr<std::string> WriteCsv(const v1::ExportedRecord& exported);

// {"messages": [...]}, as OpenAI takes them to fine-tune and to evaluate a chat model: what
// was sent, and the answer as the assistant's.
absl::StatusOr<std::string> WriteOpenAiMessages(const v1::ExportedRecord& exported);

// {"system": "...", "messages": [...]}, as Anthropic's API takes a conversation.
absl::StatusOr<std::string> WriteAnthropicMessages(const v1::ExportedRecord& exported);

// A test case of promptfoo, an item of a YAML list: the variables, and in its metadata the
// record and its output.
absl::StatusOr<std::string> WritePromptfooCase(const v1::ExportedRecord& exported);

}  // namespace colophon
