#include "tests/testing/odd_answers.h"

#include <algorithm>

#include "fmt/format.h"
#include "service/base/json.h"

namespace colophon {
namespace {

constexpr std::string_view kWords[] = {"ship",  "Ünder", "雪",         "\"quoted\"", "back\\slash",
                                       "data:", "\n\n",  "[DONE]",     "{\"a\":1}",  "e\u0301",
                                       "\t",    "  ",    "event: end", "😀",          "]}"};

bool IsCharacterBegin(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

}  // namespace

bool OddAnswers::Oddly(int one_in, std::string_view oddity, OddAnswer* answer) {
  if (!OneIn(one_in)) return false;
  answer->oddities += fmt::format("{}{}", answer->oddities.ends_with(':') ? " " : ", ", oddity);
  return true;
}

std::string OddAnswers::Words(int most) {
  std::string text;
  for (int i = Below(most + 1); i > 0; --i) {
    text += kWords[Below(static_cast<int>(std::size(kWords)))];
    if (!OneIn(3)) text += ' ';
    if (OneIn(40)) text += '\0';
  }
  return text;
}

std::vector<std::string> OddAnswers::Pieces(const std::string& text, bool whole_characters) {
  std::vector<std::string> pieces;
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.size(), at + 1 + static_cast<size_t>(Below(OneIn(3) ? 3 : 40)));
    while (whole_characters && end < text.size() && !IsCharacterBegin(text[end])) ++end;
    pieces.push_back(text.substr(at, end - at));
    at = end;
  }
  if (OneIn(5)) pieces.insert(pieces.begin() + Below(static_cast<int>(pieces.size()) + 1), "");
  return pieces;
}

void OddAnswers::AddUnknown(json::object* object) {
  if (!OneIn(4)) return;
  static const json::value values[] = {nullptr, true,          7,
                                       "text",  json::array{}, json::array{1, "b"}};
  (*object)[fmt::format("x_{}", Below(5))] = values[Below(static_cast<int>(std::size(values)))];
}

void OddAnswers::Say(OddAnswer* answer) {
  if (OneIn(3)) answer->reasoning = Words(12);
  // Only reasoning, only a tool, nothing at all: each is an answer.
  if (!OneIn(6)) answer->text = OddText();
  for (int i = OneIn(3) ? 1 + Below(3) : 0; i > 0; --i) {
    const json::object arguments = {{"city", JsonText(Words(4))}, {"days", Below(9)}};
    answer->tools.push_back({fmt::format("tool_{}", i), WriteJson(arguments)});
  }
}

OddAnswer OddAnswers::Next(Api api, bool stream) {
  OddAnswer answer;
  answer.oddities = fmt::format("{} {}:", api == Api::kOpenAi ? "openai" : "anthropic",
                                stream ? "stream" : "unary");
  Say(&answer);
  if (OneIn(6) && FailAtOnce(stream, &answer)) return answer;
  // Some servers can't stream, and say so like this.
  if (!stream || Oddly(25, "whole", &answer)) {
    const std::string body = api == Api::kOpenAi ? OpenAiBody(&answer) : AnthropicBody(&answer);
    Send(body, body.size(), "application/json", &answer);
    return answer;
  }
  Events events = api == Api::kOpenAi ? OpenAiEvents(&answer) : AnthropicEvents(&answer);
  if (OneIn(4)) FailWithin(api, &events, &answer);
  size_t finish = 0;
  const std::string body = WriteEvents(events, &finish, &answer);
  std::string type = "text/event-stream";
  if (Oddly(8, "no-content-type", &answer)) type.clear();
  if (Oddly(8, "charset", &answer)) type += type.empty() ? "" : "; charset=utf-8";
  Send(body, finish, type, &answer);
  return answer;
}

// --- OpenAI.

json::object OddAnswers::OpenAiUsage() const {
  return {{"prompt_tokens", 11}, {"completion_tokens", 4}, {"total_tokens", 15}};
}

json::object OddAnswers::OpenAiChunk(json::object delta, const std::string& finish_reason) {
  json::object choice = {{"index", 0}};
  AddUnknown(&delta);
  choice["delta"] = std::move(delta);
  choice["finish_reason"] = finish_reason.empty() ? json::value() : JsonText(finish_reason);
  AddUnknown(&choice);
  json::object chunk = {{"object", "chat.completion.chunk"},
                        {"choices", json::array{std::move(choice)}}};
  if (!OneIn(8)) chunk["id"] = "c-1";
  if (!OneIn(8)) chunk["model"] = "m-1";
  AddUnknown(&chunk);
  return chunk;
}

// The ways in which servers count the pieces of their tool calls.
void OddAnswers::AddOpenAiTool(const OddAnswer::Tool& tool, int number, Events* events) {
  enum Way { kPlain, kSameIndex, kNoIndex, kEmptyName, kObject, kWays };
  const int way = Below(kWays);
  const std::string id = fmt::format("call_{}", number);
  std::vector<std::string> pieces = Pieces(tool.arguments, true);
  if (way == kObject || OneIn(4)) pieces = {tool.arguments};
  for (size_t i = 0; i < pieces.size(); ++i) {
    json::object function = {{"arguments", JsonText(pieces[i])}};
    if (way == kObject) function["arguments"] = ParseJson(tool.arguments).value();
    const bool names = way == kEmptyName && pieces.size() > 1 ? i == 1 : i == 0;
    if (names || way == kNoIndex) {
      function["name"] = JsonText(tool.name);
    } else if (way == kEmptyName && i == 0) {
      function["name"] = "";
    }
    json::object call = {{"type", "function"}, {"function", std::move(function)}};
    if (way != kNoIndex) call["index"] = way == kSameIndex ? 0 : number;
    if (i == 0 || way == kNoIndex) call["id"] = JsonText(id);
    const json::object chunk = OpenAiChunk({{"tool_calls", json::array{std::move(call)}}}, "");
    events->push_back({"", WriteJson(chunk), false});
  }
}

OddAnswers::Events OddAnswers::OpenAiEvents(OddAnswer* answer) {
  Events events;
  const auto add = [&](json::object delta) {
    events.push_back({"", WriteJson(OpenAiChunk(std::move(delta), "")), false});
  };
  if (!Oddly(6, "no-first-chunk", answer)) add({{"role", "assistant"}, {"content", ""}});
  const bool lists = Oddly(5, "thinking-list", answer);
  const char* const member = OneIn(2) ? "reasoning_content" : "reasoning";
  for (const std::string& piece : Pieces(answer->reasoning, true)) {
    if (lists) {
      const json::object text = {{"type", "text"}, {"text", JsonText(piece)}};
      const json::object part = {{"type", "thinking"}, {"thinking", json::array{text}}};
      add({{"content", json::array{part}}});
    } else {
      add({{"content", nullptr}, {member, JsonText(piece)}});
    }
  }
  const bool beside = Oddly(6, "message-beside-delta", answer);
  std::string so_far;
  for (const std::string& piece : Pieces(answer->text, true)) {
    so_far += piece;
    json::object chunk = OpenAiChunk({{"content", JsonText(piece)}}, "");
    if (beside) {
      json::object& choice = chunk["choices"].as_array()[0].as_object();
      choice["message"] = json::object{{"role", "assistant"}, {"content", JsonText(so_far)}};
      chunk["usage"] = OpenAiUsage();
    }
    events.push_back({"", WriteJson(chunk), false});
  }
  // Indices that are used again are told apart by their ids.
  int number = 0;
  for (const OddAnswer::Tool& tool : answer->tools) AddOpenAiTool(tool, number++, &events);
  const bool says_stop = answer->tools.empty() || Oddly(3, "stop-with-tools", answer);
  json::object last = OpenAiChunk({}, says_stop ? "stop" : "tool_calls");
  const bool in_choice = Oddly(5, "usage-in-choice", answer);
  if (in_choice) last["choices"].as_array()[0].as_object()["usage"] = OpenAiUsage();
  events.push_back({"", WriteJson(last), true});
  if (!in_choice && !OneIn(8)) {
    const json::object usage = {{"choices", json::array{}}, {"usage", OpenAiUsage()}};
    events.push_back({"", WriteJson(usage), false});
  }
  if (!Oddly(8, "no-done", answer)) {
    events.push_back({"", Oddly(6, "done-space", answer) ? "[DONE] " : "[DONE]", false});
  }
  return events;
}

std::string OddAnswers::OpenAiBody(OddAnswer* answer) {
  json::object message = {{"role", "assistant"}, {"content", JsonText(answer->text)}};
  if (!answer->reasoning.empty()) message["reasoning_content"] = JsonText(answer->reasoning);
  json::array calls;
  for (const OddAnswer::Tool& tool : answer->tools) {
    json::object function = {{"name", JsonText(tool.name)}};
    function["arguments"] = Oddly(4, "arguments-object", answer) ? ParseJson(tool.arguments).value()
                                                                 : JsonText(tool.arguments);
    json::object call = {{"type", "function"}, {"function", std::move(function)}};
    if (!Oddly(6, "no-id", answer)) call["id"] = JsonText(fmt::format("call_{}", calls.size()));
    calls.push_back(std::move(call));
  }
  if (!calls.empty()) message["tool_calls"] = std::move(calls);
  AddUnknown(&message);
  json::object choice = {{"message", std::move(message)}, {"finish_reason", "stop"}};
  if (!OneIn(4)) choice["index"] = 0;
  AddUnknown(&choice);
  json::object body = {{"choices", json::array{std::move(choice)}}, {"usage", OpenAiUsage()}};
  AddUnknown(&body);
  return WriteJson(body);
}

// --- Anthropic.

void OddAnswers::AddAnthropicBlock(int index, json::object block, const std::string& delta_type,
                                   const std::string& delta_key, const std::string& value,
                                   Events* events) {
  const auto add = [&](std::string type, json::object event) {
    event["type"] = JsonText(type);
    AddUnknown(&event);
    events->push_back({std::move(type), WriteJson(event), false});
  };
  add("content_block_start", {{"index", index}, {"content_block", std::move(block)}});
  for (const std::string& piece : Pieces(value, true)) {
    json::object delta = {{"type", JsonText(delta_type)}};
    delta[delta_key] = JsonText(piece);
    AddUnknown(&delta);
    add("content_block_delta", {{"index", index}, {"delta", std::move(delta)}});
    if (OneIn(10)) add("ping", {});
  }
  add("content_block_stop", {{"index", index}});
}

OddAnswers::Events OddAnswers::AnthropicEvents(OddAnswer* answer) {
  Events events;
  json::object message = {{"type", "message"}, {"role", "assistant"}, {"content", json::array{}}};
  if (!Oddly(8, "no-id", answer)) message["id"] = "msg_1";
  message["usage"] = json::object{{"input_tokens", 25}, {"output_tokens", 1}};
  AddUnknown(&message);
  const json::object start = {{"type", "message_start"}, {"message", std::move(message)}};
  events.push_back({"message_start", WriteJson(start), false});
  int index = 0;
  if (!answer->reasoning.empty()) {
    AddAnthropicBlock(index++, {{"type", "thinking"}, {"thinking", ""}}, "thinking_delta",
                      "thinking", answer->reasoning, &events);
  }
  if (!answer->text.empty()) {
    AddAnthropicBlock(index++, {{"type", "text"}, {"text", ""}}, "text_delta", "text", answer->text,
                      &events);
  }
  for (const OddAnswer::Tool& tool : answer->tools) {
    json::object block = {{"type", "tool_use"}, {"name", JsonText(tool.name)}};
    block["id"] = JsonText(fmt::format("toolu_{}", index));
    block["input"] = json::object{};
    AddAnthropicBlock(index++, std::move(block), "input_json_delta", "partial_json", tool.arguments,
                      &events);
  }
  json::object usage = {{"output_tokens", 7}};
  if (Oddly(4, "usage-zero", answer)) usage["input_tokens"] = 0;
  if (Oddly(4, "cache-only", answer)) usage["cache_read_input_tokens"] = 3400;
  const json::object last = {
      {"type", "message_delta"},
      {"delta", json::object{{"stop_reason", answer->tools.empty() ? "end_turn" : "tool_use"}}},
      {"usage", std::move(usage)}};
  events.push_back({"message_delta", WriteJson(last), true});
  events.push_back({"message_stop", R"({"type":"message_stop"})", false});
  if (Oddly(5, "no-event-lines", answer)) {
    for (OddEvent& event : events) event.type.clear();
  }
  return events;
}

std::string OddAnswers::AnthropicBody(OddAnswer* answer) {
  json::array content;
  if (!answer->reasoning.empty()) {
    content.push_back(
        json::object{{"type", "thinking"}, {"thinking", JsonText(answer->reasoning)}});
  }
  if (!answer->text.empty()) {
    content.push_back(json::object{{"type", "text"}, {"text", JsonText(answer->text)}});
  }
  for (const OddAnswer::Tool& tool : answer->tools) {
    json::object block = {{"type", "tool_use"},
                          {"name", JsonText(tool.name)},
                          {"input", ParseJson(tool.arguments).value()}};
    if (!Oddly(6, "no-id", answer)) block["id"] = "toolu_1";
    AddUnknown(&block);
    content.push_back(std::move(block));
  }
  json::object body = {{"type", "message"},
                       {"role", "assistant"},
                       {"content", std::move(content)},
                       {"stop_reason", answer->tools.empty() ? "end_turn" : "tool_use"},
                       {"usage", json::object{{"input_tokens", 25}, {"output_tokens", 7}}}};
  AddUnknown(&body);
  return WriteJson(body);
}

}  // namespace colophon
