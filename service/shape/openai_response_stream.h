#pragma once

// The output of a streamed response: its items begun, added to and ended, each an event
// (https://platform.openai.com/docs/api-reference/responses-streaming).

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "colophon/v1/completion.pb.h"
#include "service/base/json.h"

namespace colophon::shape {

// Events in their order, each with its number.
class ResponseEvents {
 public:
  std::string Write(std::string_view type, json::object members);

 private:
  int64_t next_ = 0;
};

// Used by one thread at a time.
class ResponseItems {
 public:
  explicit ResponseItems(ResponseEvents* events) : events_(*events) {}

  void SetRecord(const std::string& record) { record_ = record; }

  // The events of a piece; empty when it has none.
  std::string Add(const v1::Piece& piece);
  // Ends what is open, which has that status, and begins and ends what never had a name.
  std::string Finish(std::string_view status);
  // What came so far, whole or not.
  json::array Output() const;

 private:
  enum class Kind { kText, kReasoning, kTool };
  struct Item {
    Kind kind = Kind::kText;
    int number = -1;  // Place in the output; -1: not begun.
    std::string text;
    v1::Reasoning reasoning;
    v1::ToolRequest tool;
    bool is_done = false;
    std::string status;  // When it is done.
  };

  json::object ObjectOf(const Item& item, std::string_view status) const;
  std::string IdOf(const Item& item) const;
  std::string Write(const char* type, const Item& item, json::object members);

  std::string AddText(const std::string& text);
  std::string AddReasoning(const v1::Reasoning& reasoning);
  std::string AddTool(const v1::ToolRequestPiece& piece);
  // Of text or reasoning: ends the one before.
  std::string Open(Kind kind);
  std::string BeginTool(Item* tool);
  std::string Begin(Item* item);
  std::string Close(std::string_view status = "completed");
  std::string End(Item* item, std::string_view status);

  ResponseEvents& events_;
  std::string record_;
  std::vector<Item> items_;      // By their numbers.
  std::map<int, int> tools_;     // Their numbers, by the request's.
  std::map<int, Item> unnamed_;  // Tools that aren't begun.
  int open_ = -1;                // Text or reasoning; -1: none. Tools stay open to the end.
};

}  // namespace colophon::shape
