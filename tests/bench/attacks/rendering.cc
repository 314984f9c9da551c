// Rendering work that must be counted, bounded and ended: templates that look
// harmless, and variables that make each of their steps dear.

#include "fmt/format.h"
#include "google/protobuf/struct.pb.h"
#include "tests/bench/attacks/attack.h"

namespace colophon::bench {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

constexpr int kCallers = 4;

Value Numbers(int count, double number) {
  Value list;
  for (int i = 0; i < count; ++i) {
    list.mutable_list_value()->add_values()->set_number_value(number);
  }
  return list;
}

Value Text(size_t bytes) {
  Value text;
  text.set_string_value(std::string(bytes, 'x'));
  return text;
}

Value NoMembers() {
  Value object;
  object.mutable_struct_value();
  return object;
}

// A list in a list in a list …, whose text is empty.
Value Nested(int depth) {
  Value value;
  Value* inner = &value;
  for (int i = 0; i < depth; ++i) inner = inner->mutable_list_value()->add_values();
  inner->set_string_value("");
  return value;
}

Struct Variables(std::initializer_list<std::pair<std::string, Value>> values) {
  Struct variables;
  for (const auto& [name, value] : values) (*variables.mutable_fields())[name] = value;
  return variables;
}

// Completes and renders the template, again and again, from several callers
// that wait no longer than callers do.
Attack RenderingAttack(const std::string& name, const std::string& text,
                       std::function<Struct()> variables, int64_t most_mib = 256) {
  Attack attack;
  attack.most_mib = most_mib;
  attack.name = name;
  attack.finding = "2";
  attack.prepare = [text](AttackContext& context) {
    return PublishFiles(context.Connect(), kHostile,
                        {{"render.prompt", "---\nmodel: echo/echo\n---\nGo on. " + text}});
  };
  attack.run = [variables](AttackContext& context) {
    v1::CompleteRequest complete;
    complete.set_name(fmt::format("{}/render@latest", kHostile));
    *complete.mutable_variables() = variables();
    v1::RenderRequest render;
    render.set_name(complete.name());
    *render.mutable_variables() = complete.variables();
    CallOptions options;
    options.timeout = absl::Seconds(context.Size(2, 5));
    InParallel(2 * kCallers, [&](int i) {
      const Client client = context.Connect();
      do {
        context.answers().Add(i % 2 == 0 ? client.Complete(complete, options).status()
                                         : client.Render(render, options).status());
      } while (!context.over());
    });
  };
  return attack;
}

}  // namespace

std::vector<Attack> RenderingAttacks() {
  constexpr int kItems = 60'000;
  return {
      RenderingAttack("a list as the key of a lookup, in a loop",
                      "{{#each items}}{{lookup ../labels ../lang}}{{/each}}",
                      [] {
                        return Variables({{"items", Numbers(kItems, 1)},
                                          {"lang", Numbers(kItems, 1)},
                                          {"labels", NoMembers()}});
                      }),
      RenderingAttack("1.5 MB as the key of a lookup, in a loop",
                      "{{#each items}}{{lookup ../labels ../lang}}{{/each}}",
                      [] {
                        return Variables({{"items", Numbers(kItems / 3, 1)},
                                          {"lang", Text(1'500'000)},
                                          {"labels", NoMembers()}});
                      }),
      RenderingAttack("a nested list as the context of a loop",
                      "{{#with order}}{{#each ../items}}{{this}}{{/each}}{{/with}}",
                      [] {
                        Value order;
                        *order.mutable_list_value()->add_values() = Numbers(kItems, 1.5);
                        return Variables({{"items", Numbers(kItems, 1)}, {"order", order}});
                      }),
      RenderingAttack(
          "the JSON of a list as a condition, in a loop",
          "{{#each items}}{{#if (json ../x)}}y{{/if}}{{/each}}",
          [] {
            return Variables({{"items", Numbers(kItems, 1)}, {"x", Numbers(kItems, 1.5)}});
          }),
      RenderingAttack(
          "a nested list without text, in a loop", "{{#each items}}{{../nested}}{{/each}}",
          [] {
            return Variables({{"items", Numbers(200'000, 1)}, {"nested", Nested(24)}});
          },
          /*most_mib=*/384),  // Up to 260 were seen.
  };
}

}  // namespace colophon::bench
