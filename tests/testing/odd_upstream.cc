#include "tests/testing/odd_upstream.h"

#include <algorithm>

#include "tests/testing/model_wire.h"

namespace colophon {
namespace {

// "q17" of "… call q17. …"
std::string CallOf(const std::string& body) {
  const size_t begin = body.find("call q") + 5;
  return body.substr(begin, body.find('.', begin) - begin);
}

std::string WholeAnswer(const std::string& call) {
  return HttpMessage(200, OpenAiBody(OddUpstream::TextFor(call)),
                     {"content-type: application/json"});
}

std::string ChunkedAnswer(const std::string& call) {
  std::string out = HttpChunkedHead();
  for (const std::string& event : OpenAiEvents({"answer ", "to " + call + "."})) {
    out += HttpChunk(event);
  }
  return out + HttpChunkEnd();
}

constexpr char kTimeout[] =
    "HTTP/1.1 408 Request Time-out\r\ncontent-type: text/plain\r\ncontent-length: 9\r\n\r\n"
    "too late.";

}  // namespace

void OddUpstream::ServeOn(ModelServer* server) {
  server->SetHandler([this](const ModelRequest& request) { return Answer(request); });
  server->SetGreeting([this](int) { return Greet(); });
}

int OddUpstream::most_times() const {
  std::lock_guard lock(mu_);
  int most = 0;
  for (const auto& [call, times] : times_) most = std::max(most, times);
  return most;
}

ModelAnswer OddUpstream::Answer(const ModelRequest& request) {
  const std::string call = CallOf(request.body);
  const bool stream = request.headers.at("accept") == "text/event-stream";
  const std::string good = stream ? ChunkedAnswer(call) : WholeAnswer(call);
  std::lock_guard lock(mu_);
  ++times_[call];
  const std::string stray = Stray(call);
  last_call_ = call;
  ModelAnswer answer;
  switch (random_() % 120) {
    case 0:  // Double, in one segment.
      return answer.Send(good + stray);
    case 1:  // Double, the second one in two.
      return answer.Send(good + stray.substr(0, stray.size() / 2))
          .WaitFor(Delay())
          .Send(stray.substr(stray.size() / 2));
    case 2:  // Late.
      return answer.Send(good).WaitFor(Delay()).Send(stray);
    case 3:  // Late twice.
      return answer.Send(good).WaitFor(Delay()).Send(stray).WaitFor(Delay()).Send(stray);
    case 4:  // Unsolicited, and open.
      return answer.Send(good).WaitFor(Delay()).Send(kTimeout);
    case 5:  // Unsolicited, and closed.
      return answer.Send(good).WaitFor(Delay()).Send(kTimeout).Close();
    case 6:
      return answer.Send(good).WaitFor(Delay()).Close();
    case 7:
      return answer.Send(good).WaitFor(Delay()).Reset();
    case 8:
      return answer.Reset();
    case 9:
      return answer.Close();
    case 10:
      return answer.Send(good.substr(0, good.size() * 2 / 3)).Reset();
    case 11:
      return answer.Send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + good);
    case 12:  // The refusal of another request, then the answer.
      return answer.Send(good).WaitFor(Delay()).Send(HttpMessage(400, stray));
    default:
      return answer.Send(good);
  }
}

// One connection in eighty speaks before there was a request.
ModelAnswer OddUpstream::Greet() {
  std::lock_guard lock(mu_);
  return random_() % 80 == 0 ? ModelAnswer().Send(kTimeout) : ModelAnswer();
}

std::chrono::milliseconds OddUpstream::Delay() { return std::chrono::milliseconds(random_() % 25); }

std::string OddUpstream::Stray(const std::string& call) {
  const std::string& other = random_() % 2 == 0 ? call : last_call_;
  return random_() % 2 == 0 ? WholeAnswer(other) : ChunkedAnswer(other);
}

}  // namespace colophon
