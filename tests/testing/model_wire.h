#pragma once

// Answers of the real model APIs, as bytes.

#include <string>
#include <string_view>
#include <vector>

#include "tests/testing/model_server.h"

namespace colophon {

using HeaderList = std::vector<std::string>;  // "name: value"

// A whole answer with its content-length.
std::string HttpMessage(int status, std::string_view body, const HeaderList& headers = {});
// The beginning of a chunked one, a chunk, and the end.
std::string HttpChunkedHead(const HeaderList& headers = {"content-type: text/event-stream"});
std::string HttpChunk(std::string_view bytes);
std::string HttpChunkEnd();

// Just these bytes, and a HttpMessage.
ModelAnswer BytesAnswer(std::string bytes);
ModelAnswer HttpAnswer(int status, std::string_view body, const HeaderList& headers);
// JSON with its content type.
ModelAnswer JsonAnswer(int status, std::string_view body, HeaderList headers = {});
// Each event in a chunk and a write of its own.
ModelAnswer StreamAnswer(const std::vector<std::string>& events);

// Bodies and events; the text of a stream comes in the pieces given.
std::string OpenAiBody(std::string_view text);
std::vector<std::string> OpenAiEvents(const std::vector<std::string>& pieces);
std::string AnthropicBody(std::string_view text);
std::vector<std::string> AnthropicEvents(const std::vector<std::string>& pieces);

// "data: {json}\n\n" and "event: {type}\ndata: {json}\n\n"
std::string Event(std::string_view data);
std::string Event(std::string_view type, std::string_view data);
// One piece of text in a stream.
std::string OpenAiTextEvent(std::string_view text);
std::string AnthropicTextEvent(std::string_view text);

// 200 and all is well.
ModelAnswer OpenAiAnswer(std::string_view text);
ModelAnswer OpenAiStream(const std::vector<std::string>& pieces);
ModelAnswer AnthropicAnswer(std::string_view text);
ModelAnswer AnthropicStream(const std::vector<std::string>& pieces);

// OpenAI's answer by what the request asks: `pieces` streamed or at once.
ModelAnswer OpenAiAnswerTo(const ModelRequest& request, const std::vector<std::string>& pieces);

}  // namespace colophon
