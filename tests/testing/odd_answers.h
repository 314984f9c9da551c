#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "boost/json/object.hpp"
#include "tests/testing/model_answer.h"

namespace colophon {

// What a server says, and what is to become of it.
struct OddAnswer {
  enum class End {
    kOk,      // It is odd and whole.
    kFails,   // It fails, or breaks off before it is whole.
    kEither,  // It breaks off behind the last word: whoever says OK has all of it.
  };
  struct Tool {
    std::string name;
    std::string arguments;
  };

  ModelAnswer answer;
  End end = End::kOk;
  std::string oddities;  // For people: "openai stream: crlf, no-done, cut 812 reset".
  // What it says up to its end, were it not to fail.
  std::string text;
  std::string reasoning;
  std::vector<Tool> tools;
};

// Makes answers of OpenAI's and Anthropic's APIs as odd servers give them: each has a few of
// the oddities that are known from the field, at random places, and every other one fails
// at some place. The same seed makes the same answers.
//
// Thread-compatible.
class OddAnswers {
 public:
  enum class Api { kOpenAi, kAnthropic };

  explicit OddAnswers(uint32_t seed) : random_(seed) {}

  OddAnswer Next(Api api, bool stream);

 private:
  // An event before it is written: its type, which not all servers tell, and its data.
  struct OddEvent {
    std::string type;
    std::string data;
    bool is_finish = false;  // After it the answer is whole, whatever follows.
  };
  using Events = std::vector<OddEvent>;

  // --- odd_answers.cc: what is said.
  void Say(OddAnswer* answer);
  Events OpenAiEvents(OddAnswer* answer);
  Events AnthropicEvents(OddAnswer* answer);
  void AddOpenAiTool(const OddAnswer::Tool& tool, int number, Events* events);
  void AddAnthropicBlock(int index, boost::json::object block, const std::string& delta_type,
                         const std::string& delta_key, const std::string& value, Events* events);
  boost::json::object OpenAiChunk(boost::json::object delta, const std::string& finish_reason);
  std::string OpenAiBody(OddAnswer* answer);
  std::string AnthropicBody(OddAnswer* answer);
  boost::json::object OpenAiUsage() const;

  // --- odd_wire.cc: how it is written, and where it breaks.
  // Words, and at times what only a wire can hold.
  std::string OddText();
  void FailWithin(Api api, Events* events, OddAnswer* answer);
  bool FailAtOnce(bool stream, OddAnswer* answer);
  std::string WriteEvents(const Events& events, size_t* finish, OddAnswer* answer);
  void Send(std::string_view body, size_t whole, std::string content_type, OddAnswer* answer);

  // --- Chance.
  bool OneIn(int n) { return random_() % static_cast<uint32_t>(n) == 0; }
  int Below(int n) { return static_cast<int>(random_() % static_cast<uint32_t>(n)); }
  // The same, told of in `oddities`.
  bool Oddly(int one_in, std::string_view oddity, OddAnswer* answer);
  std::string Words(int most);
  // In pieces that may end anywhere.
  std::vector<std::string> Pieces(const std::string& text, bool whole_characters);
  // Members that no documentation knows.
  void AddUnknown(boost::json::object* object);

  std::mt19937 random_;
};

}  // namespace colophon
