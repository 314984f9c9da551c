#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>

#include "tests/testing/model_server.h"

namespace colophon {

// An upstream that answers each call with its name, and now and then says
// something beside: an answer too many, at once or up to 25 ms late, another
// call's refusal, an unsolicited 408, a 408 before there was a request; it
// resets, closes and breaks off. Its stray answers are those of calls that were
// really made. For OpenAI requests whose text has "call q17." in it.
//
// Thread-safe.
class OddUpstream {
 public:
  // The right answer to "q17".
  static std::string TextFor(const std::string& call) { return "answer to " + call + "."; }

  // The same calls in the same order meet the same oddities by the same seed.
  explicit OddUpstream(uint32_t seed) : random_(seed) {}

  // The server's handler and greeting. Outlives the server.
  void ServeOn(ModelServer* server);

  // The most times that one call was asked for.
  int most_times() const;

 private:
  ModelAnswer Answer(const ModelRequest& request);
  ModelAnswer Greet();
  std::chrono::milliseconds Delay();
  std::string Stray(const std::string& call);

  mutable std::mutex mu_;
  // Guarded by mu_.
  std::mt19937 random_;
  std::string last_call_ = "q0";
  std::map<std::string, int> times_;
};

}  // namespace colophon
