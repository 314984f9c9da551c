// Large messages, from callers and from models, within what is allowed.

#include <utility>

#include "fmt/format.h"
#include "tests/bench/attacks/attack.h"
#include "tests/testing/model_wire.h"

namespace colophon::bench {
namespace {

Attack LargeRequests() {
  Attack attack;
  attack.name = "calls of 33 MB";
  attack.finding = "22";
  attack.config = "max_message_bytes: 67108864";
  attack.most_mib = 2048;
  attack.prepare = [](AttackContext& context) {
    return PublishFiles(context.Connect(), kHostile,
                        {{"greet.prompt", "---\nmodel: echo/echo\n---\nHello."}});
  };
  attack.run = [](AttackContext& context) {
    v1::CompleteRequest request;
    request.set_name(fmt::format("{}/greet@latest", kHostile));
    // Many small values: dear to parse, unlike one long text.
    auto* list = (*request.mutable_variables()->mutable_fields())["list"].mutable_list_value();
    for (int i = 0; i < context.Size(500'000, 2'500'000); ++i) {
      list->add_values()->set_number_value(i);
    }
    CallOptions options;
    options.timeout = absl::Seconds(context.Size(10, 30));
    InParallel(context.Size(6, 50), [&](int) {
      const Client client = context.Connect();
      do {
        context.answers().Add(client.Complete(request, options).status());
      } while (!context.over());
    });
  };
  return attack;
}

// A model that answers so; `call` calls it once.
Attack LargeAnswers(
    std::string name, std::function<ModelAnswer()> answer,
    std::function<absl::Status(const Client&, const v1::CompleteRequest&, const CallOptions&)>
        call) {
  Attack attack;
  attack.name = std::move(name);
  attack.finding = "22";
  attack.most_mib = 2560;
  attack.prepare = [answer = std::move(answer)](AttackContext& context) {
    context.model().SetHandler([answer = answer()](const ModelRequest&) { return answer; });
    return PublishFiles(context.Connect(), kHostile,
                        {{"large.prompt", "---\nmodel: upstream/large\n---\nGo on."}});
  };
  attack.run = [call = std::move(call)](AttackContext& context) {
    v1::CompleteRequest request;
    request.set_name(fmt::format("{}/large@latest", kHostile));
    CallOptions options;
    options.timeout = absl::Seconds(context.Size(10, 30));
    InParallel(context.Size(12, 60), [&](int) {
      const Client client = context.Connect();
      do {
        context.answers().Add(call(client, request, options));
      } while (!context.over());
    });
  };
  return attack;
}

Attack LargeWholeAnswers() {
  return LargeAnswers(
      "answers of 15 MB", [] { return OpenAiAnswer(std::string(15'000'000, 'a')); },
      [](const Client& client, const v1::CompleteRequest& request, const CallOptions& options) {
        return client.Complete(request, options).status();
      });
}

Attack LargeStreams() {
  return LargeAnswers(
      "streams of 15 MB",
      [] { return OpenAiStream(std::vector<std::string>(150, std::string(100'000, 'a'))); },
      [](const Client& client, const v1::CompleteRequest& request, const CallOptions& options) {
        v1::StreamCompleteRequest stream_request;
        *stream_request.mutable_call() = request;
        auto stream = client.StreamComplete(stream_request, options);
        v1::StreamCompleteResponse message;
        while (stream.Read(&message)) {
        }
        return stream.Finish();
      });
}

}  // namespace

std::vector<Attack> MessageAttacks() {
  return {LargeRequests(), LargeWholeAnswers(), LargeStreams()};
}

}  // namespace colophon::bench
