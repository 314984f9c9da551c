// Changes and questions about them that grow with more than their own size.

#include <random>

#include "fmt/format.h"
#include "tests/bench/attacks/attack.h"

namespace colophon::bench {
namespace {

constexpr int kFilesAChange = 999;

// A partial and so many prompts in its folder that include it.
Attack WidePartial() {
  Attack attack;
  attack.name = "edits of a partial that a whole folder includes";
  attack.finding = "13";
  attack.most_mib = 1024;
  attack.prepare = [](AttackContext& context) -> absl::Status {
    const Client client = context.Connect();
    const int prompts = context.Size(3'000, 30'000);
    RETURN_IF_ERROR(PublishFiles(client, kHostile, {{"wide/_tone.prompt", "Be brief."}}));
    for (int i = 0; i < prompts;) {
      std::map<std::string, std::string> files;
      for (int n = 0; n < kFilesAChange && i < prompts; ++n, ++i) {
        files[fmt::format("wide/p{}.prompt", i)] = "{{> tone}} {{text}}";
      }
      RETURN_IF_ERROR(PublishFiles(client, kHostile, files));
    }
    return absl::OkStatus();
  };
  attack.run = [](AttackContext& context) {
    const Client client = context.Connect();
    CallOptions options;
    options.timeout = absl::Seconds(60);
    for (int i = 0; !context.over(); ++i) {
      v1::PublishRequest request;
      request.set_repository(kHostile);
      request.set_description("Tone");
      v1::FileEdit* edit = request.add_edits();
      edit->set_path("wide/_tone.prompt");
      edit->set_content(fmt::format("Be brief, {}.", i));
      context.answers().Add(client.Publish(request, options).status());
    }
  };
  return attack;
}

// 800 KB of short lines, hardly any of them like those of another seed.
std::string ManyLines(unsigned seed) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < 800'000) text += fmt::format("{:x}\n", random() % 4096);
  return text;
}

Attack Diffs() {
  Attack attack;
  attack.name = "16 diffs at once of files without a line in common order";
  attack.finding = "14";
  attack.prepare = [](AttackContext& context) -> absl::Status {
    const Client client = context.Connect();
    RETURN_IF_ERROR(PublishFiles(client, kHostile, {{"d.prompt", ManyLines(1)}}));
    return PublishFiles(client, kHostile, {{"d.prompt", ManyLines(2)}});
  };
  attack.run = [](AttackContext& context) {
    v1::DiffVersionsRequest request;
    request.set_before(fmt::format("{}/d@v1", kHostile));
    request.set_after(fmt::format("{}/d@v2", kHostile));
    CallOptions options;
    options.timeout = absl::Seconds(context.Size(5, 20));
    InParallel(16, [&](int) {
      const Client client = context.Connect();
      do {
        context.answers().Add(client.DiffVersions(request, options).status());
      } while (!context.over());
    });
  };
  return attack;
}

}  // namespace

std::vector<Attack> ChangeAttacks() { return {WidePartial(), Diffs()}; }

}  // namespace colophon::bench
