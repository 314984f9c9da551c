// Whatever a model's server says, and however it says it: the call ends, an answer is OK only
// when all of it came and nothing in it said that it failed, and the record says what the
// caller got.
//
// COLOPHON_ODD_SEED and COLOPHON_ODD_SECONDS make another run, and a long one.

#include "tests/testing/odd_answers.h"

#include <chrono>
#include <cstdlib>
#include <deque>

#include "absl/strings/escaping.h"
#include "fmt/format.h"
#include "service/base/json.h"
#include "service/base/log.h"
#include "tests/completion/completion_fixture.h"
#include "tests/testing/model_server.h"

namespace colophon {
namespace {

using Api = OddAnswers::Api;
using End = OddAnswer::End;

constexpr int kCalls = 1'500;
constexpr size_t kAtOnce = 16;

int64_t Variable(const char* name, int64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoll(text);
}

// What somebody was given, by its kinds.
struct Said {
  std::string text;
  std::string reasoning;
  std::vector<OddAnswer::Tool> tools;

  template <class Tool>  // Whole, or a piece.
  void AddTool(size_t index, const Tool& tool) {
    if (tools.size() <= index) tools.resize(index + 1);
    tools[index].name += tool.name();
    tools[index].arguments += tool.arguments();
  }
};

Said SaidIn(const v1::Message& message) {
  Said said;
  for (const v1::Part& part : message.parts()) {
    said.text += part.text();
    said.reasoning += part.reasoning().text();
    if (part.has_tool_request()) said.AddTool(said.tools.size(), part.tool_request());
  }
  return said;
}

Said SaidIn(const std::vector<v1::StreamCompleteResponse>& messages) {
  Said said;
  for (const v1::StreamCompleteResponse& message : messages) {
    const v1::Piece& piece = message.piece();
    said.text += piece.text();
    said.reasoning += piece.reasoning().text();
    if (!piece.has_tool_request()) continue;
    said.AddTool(static_cast<size_t>(piece.tool_request().index()), piece.tool_request());
  }
  return said;
}

std::string Shown(const std::string& text) { return '"' + absl::CHexEscape(text) + '"'; }

// As JSON where it is some: the spelling doesn't matter.
std::string Meaning(const std::string& arguments) {
  const auto value = ParseJson(arguments);
  return value.ok() ? WriteCanonicalJson(*value) : arguments;
}

// The first difference; empty: none.
std::string Difference(const Said& a, const Said& b) {
  if (a.text != b.text) return fmt::format("text {} and {}", Shown(a.text), Shown(b.text));
  if (a.reasoning != b.reasoning) {
    return fmt::format("reasoning {} and {}", Shown(a.reasoning), Shown(b.reasoning));
  }
  if (a.tools.size() != b.tools.size()) {
    return fmt::format("{} tools and {}", a.tools.size(), b.tools.size());
  }
  for (size_t i = 0; i < a.tools.size(); ++i) {
    if (a.tools[i].name != b.tools[i].name ||
        Meaning(a.tools[i].arguments) != Meaning(b.tools[i].arguments)) {
      return fmt::format("tool {}({}) and {}({})", a.tools[i].name, a.tools[i].arguments,
                         b.tools[i].name, b.tools[i].arguments);
    }
  }
  return "";
}

// What had come of a pair or of bytes when the answer broke off is U+FFFD.
bool IsBeginning(std::string part, const std::string& whole) {
  constexpr std::string_view kReplaced = "\xef\xbf\xbd";
  if (whole.starts_with(part)) return true;
  if (part.ends_with(kReplaced)) part.resize(part.size() - kReplaced.size());
  return whole.starts_with(part);
}

// A call on its way.
struct OddCall {
  int number = 0;
  OddAnswer odd;
  bool stream = false;
  std::shared_ptr<CollectingSink> sink;
  std::unique_ptr<Ending> ending = std::make_unique<Ending>();
};

class OddAnswersTest : public CompletionFixture {
 protected:
  OddAnswersTest() : answers_(seed_) {
    for (const auto& [name, kind] :
         {std::pair("openai", config::v1::Provider::KIND_OPENAI),
          std::pair("anthropic", config::v1::Provider::KIND_ANTHROPIC)}) {
      config::v1::Provider* config = provider_configs_.Add();
      config->set_name(name);
      config->set_kind(kind);
      config->set_base_url(server_.base_url());
      config->set_first_byte_timeout_ms(3'000);
      config->set_idle_timeout_ms(3'000);
      config->set_keep_raw_bytes(1 << 20);
    }
    Open();
    Publish("openai", "---\nmodel: openai/m-1\n---\ncall q{{number}}.");
    Publish("anthropic", "---\nmodel: anthropic/m-1\n---\ncall q{{number}}.");
    server_.SetHandler([this](const ModelRequest& request) { return AnswerTo(request); });
  }

  ModelAnswer AnswerTo(const ModelRequest& request) {
    const size_t at = request.body.find("call q");
    std::lock_guard lock(mu_);
    const auto found =
        served_.find(at == std::string::npos ? -1 : std::atoi(&request.body[at + 6]));
    return found == served_.end() ? ModelAnswer().Reset() : found->second;
  }

  void Start(int number) {
    const Api api = number % 2 == 0 ? Api::kOpenAi : Api::kAnthropic;
    OddCall& call = running_.emplace_back();
    call.number = number;
    call.stream = number % 4 < 2;
    call.odd = answers_.Next(api, call.stream);
    {
      std::lock_guard lock(mu_);
      served_[number] = call.odd.answer;
    }
    if (call.stream) call.sink = std::make_shared<CollectingSink>();
    completer_->Start({},
                      Request(api == Api::kOpenAi ? "acme/openai" : "acme/anthropic",
                              {{"number", std::to_string(number)}}),
                      call.sink, call.ending->Done());
  }

  // What is wrong with how a call ended; empty: nothing.
  std::string Finish(OddCall& call) {
    const auto response = call.ending->Wait();
    {
      std::lock_guard lock(mu_);
      served_.erase(call.number);
    }
    const auto record =
        Record(response.ok() ? response->record() : MetadataOf(response.status())["record"]);
    if (!record.ok()) return "no record: " + record.status().ToString();
    const v1::Outcome& outcome = record->outcome();
    const bool is_ok = outcome.status() == v1::RECORD_STATUS_OK;
    if (is_ok != response.ok()) return "the record's status isn't the caller's";
    if (ReasonOf(response.status()) != outcome.error_reason()) {
      return fmt::format("the caller was told {}, the record says {}", ReasonOf(response.status()),
                         outcome.error_reason());
    }
    const Said recorded = SaidIn(outcome.completion().message());
    if (call.stream) {
      const std::string difference = Difference(SaidIn(call.sink->messages()), recorded);
      if (!difference.empty()) return "streamed and recorded differ: " + difference;
    }
    if (response.ok() &&
        response->completion().SerializeAsString() != outcome.completion().SerializeAsString()) {
      return "the caller's answer isn't the recorded one";
    }
    return is_ok ? WrongOk(call.odd, recorded) : WrongFailure(call.odd, outcome, recorded);
  }

  static std::string WrongOk(const OddAnswer& odd, const Said& recorded) {
    if (odd.end == End::kFails) return "OK for a failure";
    const std::string difference = Difference({odd.text, odd.reasoning, odd.tools}, recorded);
    return difference.empty() ? "" : "said and recorded differ: " + difference;
  }

  std::string WrongFailure(const OddAnswer& odd, const v1::Outcome& outcome,
                           const Said& recorded) const {
    if (odd.end == End::kOk) {
      return fmt::format("{} for a whole answer: {}", outcome.error_reason(),
                         outcome.error_message());
    }
    if (odd.end == End::kFails && !IsBeginning(recorded.text, odd.text)) {
      return fmt::format("the text {} doesn't begin {}", Shown(recorded.text), Shown(odd.text));
    }
    const v1::RawAnswer& raw = outcome.attempts(0).raw_answer();
    if (raw.byte_count() == 0) return "";
    const auto kept = store_->GetRawAnswer("acme", raw.sha256());
    if (!kept.ok()) return "what was sent isn't kept: " + kept.status().ToString();
    return kept->starts_with("HTTP ") ? "" : "kept is " + Shown(*kept);
  }

  const uint32_t seed_ = static_cast<uint32_t>(Variable("COLOPHON_ODD_SEED", 20'261'127));
  OddAnswers answers_;
  ModelServer server_;
  std::deque<OddCall> running_;
  std::mutex mu_;
  std::map<int, ModelAnswer> served_;  // Guarded by mu_.
};

TEST_F(OddAnswersTest, EndAndAreRecordedAsTheyWereGiven) {
  const int64_t seconds = Variable("COLOPHON_ODD_SECONDS", 0);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  const auto goes_on = [&](int number) {
    return seconds > 0 ? std::chrono::steady_clock::now() < until : number < kCalls;
  };
  SetLogLevel("error");  // What was odd is told in the log, too: thousands of lines.
  int bad = 0, started = 0;
  std::map<End, int> ends;
  while (goes_on(started) || !running_.empty()) {
    while (goes_on(started) && running_.size() < kAtOnce) Start(started++);
    ++ends[running_.front().odd.end];
    const std::string wrong = Finish(running_.front());
    if (!wrong.empty() && ++bad <= 20) {
      ADD_FAILURE() << fmt::format("call {} of seed {}: {}\n  {}", running_.front().number, seed_,
                                   running_.front().odd.oddities, wrong);
    }
    running_.pop_front();
  }
  ASSERT_OK_AND_ASSIGN(const auto verified, store_->Verify());
  EXPECT_EQ(verified.problems_size(), 0) << verified.ShortDebugString();
  for (const End end : {End::kOk, End::kFails, End::kEither}) {
    EXPECT_GT(ends[end], started / 200) << "each kind is to come up";
  }
  SetLogLevel("info");
  fmt::print("{} answers of seed {}: {} whole, {} failed, {} broken off at their end, {} bad\n",
             started, seed_, ends[End::kOk], ends[End::kFails], ends[End::kEither], bad);
}

}  // namespace
}  // namespace colophon
