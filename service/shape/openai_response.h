#pragma once

// The response object of OpenAI's Responses API
// (https://platform.openai.com/docs/api-reference/responses/object) and the items of its
// output.

#include <string>
#include <string_view>

#include "colophon/v1/record.pb.h"
#include "service/base/json.h"
#include "service/base/status.h"

namespace colophon::shape {

// Tags of a record that was made through this API, beside those of the caller's metadata.
inline constexpr char kPreviousTag[] = "previous_response_id";  // Which record it goes on from.
inline constexpr char kInstructionsTag[] = "instructions";      // "history[0]" is that.
inline constexpr char kStoreTag[] = "store";                    // "false": not to be asked for.

// "completed" or "incomplete", by why the model stopped.
std::string_view ResponseStatusOf(v1::StopReason reason);

// "msg_RECORD_0": of an item of the output.
std::string ItemId(std::string_view kind, std::string_view record, int number);

// One item each. `number` is its place in the output.
json::object MessageItem(std::string_view record, int number, json::array content,
                         std::string_view status);
json::object TextContent(std::string_view text);
json::object ReasoningItem(std::string_view record, int number, const v1::Reasoning& reasoning);
json::object FunctionCallItem(std::string_view record, int number, const v1::ToolRequest& request,
                              std::string_view status);

// Of a whole answer; the last item has the status `last`.
json::array OutputOf(std::string_view record, const v1::Message& message, std::string_view last);

// What of a request stands in its response too: instructions, tools, parameters, prompt.
json::object EchoOf(const json::object& body);

// In progress: without output and usage.
json::object NewResponse(const std::string& record, const std::string& version,
                         const json::object& echo);
// How it ended. With its usage, unknown counts left out.
void EndResponse(const v1::Completion& completion, json::array output, json::object* response);
void FailResponse(std::string_view reason, std::string_view message, json::array output,
                  json::object* response);

// GET /v1/responses/{id}: the response that a record keeps. NOT_FOUND RECORD_NOT_FOUND when it
// was made with "store": false. UNSUPPORTED when it holds what the API has no word for.
absl::StatusOr<std::string> WriteStoredResponse(const v1::GetRecordResponse& stored);

}  // namespace colophon::shape
