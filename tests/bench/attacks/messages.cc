// Large messages, from callers and from models, within what is allowed.

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

Attack LargeAnswers() {
  Attack attack;
  attack.name = "answers of 15 MB";
  attack.finding = "22";
  attack.most_mib = 2560;
  attack.prepare = [](AttackContext& context) {
    const std::string body = OpenAiBody(std::string(15'000'000, 'a'));
    const std::string answer = HttpMessage(200, body, {"content-type: application/json"});
    context.model().SetHandler(
        [answer](const ModelRequest&) { return ModelAnswer().Send(answer); });
    return PublishFiles(context.Connect(), kHostile,
                        {{"large.prompt", "---\nmodel: upstream/large\n---\nGo on."}});
  };
  attack.run = [](AttackContext& context) {
    v1::CompleteRequest request;
    request.set_name(fmt::format("{}/large@latest", kHostile));
    CallOptions options;
    options.timeout = absl::Seconds(context.Size(10, 30));
    InParallel(context.Size(12, 60), [&](int) {
      const Client client = context.Connect();
      do {
        context.answers().Add(client.Complete(request, options).status());
      } while (!context.over());
    });
  };
  return attack;
}

}  // namespace

std::vector<Attack> MessageAttacks() { return {LargeRequests(), LargeAnswers()}; }

}  // namespace colophon::bench
