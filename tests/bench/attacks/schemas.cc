// Schemas whose patterns take long to compile: small as text, large as programs
// of a regular expression, for \p{L} is hundreds of ranges.

#include <atomic>

#include "fmt/format.h"
#include "tests/bench/attacks/attack.h"

namespace colophon::bench {
namespace {

constexpr int kPatterns = 250;
constexpr int kFiles = 12;

// `salt` makes it another schema, so that it isn't one that is known already.
std::string SchemaOf(int patterns, int salt) {
  std::string properties;
  for (int i = 0; i < patterns; ++i) {
    properties += fmt::format(R"({}"p{}":{{"pattern":"\\p{{L}}{{1,200}}{}"}})", i == 0 ? "" : ",",
                              i, salt * 1000 + i);
  }
  return fmt::format(R"({{"type":"object","properties":{{{}}}}})", properties);
}

std::string PromptOf(int number) {
  return fmt::format("---\nmodel: echo/echo\ninput: {{schema: s{}}}\n---\nHello.", number);
}

std::map<std::string, std::string> FilesOf(int patterns, int salt) {
  std::map<std::string, std::string> files;
  for (int i = 0; i < kFiles; ++i) {
    files[fmt::format("s{}.schema.json", i)] = SchemaOf(patterns, salt * kFiles + i);
    files[fmt::format("p{}.prompt", i)] = PromptOf(i);
  }
  return files;
}

Attack BroughtWithCalls() {
  Attack attack;
  attack.name = "a schema of 250 patterns brought with each call";
  attack.finding = "3";
  attack.prepare = [](AttackContext& context) {
    return PublishFiles(context.Connect(), kHostile, {{"p0.prompt", PromptOf(0)}});
  };
  attack.run = [](AttackContext& context) {
    std::atomic<int> salt = 0;
    CallOptions options;
    options.timeout = absl::Seconds(context.Size(3, 10));
    InParallel(4, [&](int) {
      const Client client = context.Connect();
      do {
        v1::CompleteRequest request;
        request.set_name(fmt::format("{}/p0@latest", kHostile));
        (*request.mutable_schemas())["s0"] = SchemaOf(kPatterns, ++salt);
        context.answers().Add(client.Complete(request, options).status());
      } while (!context.over());
    });
  };
  return attack;
}

Attack Published(bool validate_only) {
  Attack attack;
  attack.name = validate_only ? "12 such schemas in a change that is only checked"
                              : "12 such schemas in a change";
  attack.finding = "3";
  attack.prepare = [](AttackContext& context) {
    return PublishFiles(context.Connect(), kHostile, {{"a.prompt", "Hello."}});
  };
  attack.run = [validate_only](AttackContext& context) {
    const Client client = context.Connect();
    CallOptions options;
    options.timeout = absl::Seconds(context.Size(3, 20));
    for (int salt = 1; !context.over(); ++salt) {
      v1::PublishRequest request;
      request.set_repository(kHostile);
      request.set_description("Schemas");
      request.set_validate_only(validate_only);
      for (const auto& [path, content] : FilesOf(kPatterns, salt)) {
        v1::FileEdit* edit = request.add_edits();
        edit->set_path(path);
        edit->set_content(content);
      }
      context.answers().Add(client.Publish(request, options).status());
    }
  };
  return attack;
}

// What a change may have is not to be too much for those who load it.
Attack ColdLoads() {
  Attack attack;
  attack.name = "prompts with the dearest schemas that are taken, read after a restart";
  attack.finding = "3";
  attack.restart = true;
  attack.prepare = [](AttackContext& context) {
    absl::Status status;
    for (const int patterns : {kPatterns / context.Size(8, 1), 30, 10, 3, 1}) {
      status = PublishFiles(context.Connect(), kHostile, FilesOf(patterns, 1));
      if (status.ok()) {
        context.answers().Add(fmt::format("schema of {} patterns taken", patterns), kFiles);
        break;
      }
      if (status.code() != absl::StatusCode::kInvalidArgument) break;
    }
    return status;
  };
  attack.run = [](AttackContext& context) {
    CallOptions options;
    options.timeout = absl::Seconds(context.Size(5, 20));
    InParallel(16, [&](int i) {
      const Client client = context.Connect();
      // Each once is all there is to do: then they are in memory.
      v1::GetVersionRequest request;
      request.set_name(fmt::format("{}/p{}@latest", kHostile, i % kFiles));
      context.answers().Add(client.GetVersion(request, options).status());
    });
  };
  return attack;
}

}  // namespace

std::vector<Attack> SchemaAttacks() {
  return {BroughtWithCalls(), Published(false), Published(true), ColdLoads()};
}

}  // namespace colophon::bench
