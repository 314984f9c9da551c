// Makes random changes of a repository, on a real server and on a model of what
// a repository is, and compares both after each of them; the server is killed
// now and then, between changes and while it makes one.
//
//   model_campaign --server PATH [--changes 200] [--seed N] [--forget-partials]
//
// A failure prints the seed. With --forget-partials the model doesn't know that
// a partial belongs to the closure of what includes it: then the campaign must
// fail, which shows that it can.

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <random>
#include <string>
#include <thread>

#include "CLI/CLI.hpp"
#include "client/cpp/client.h"
#include "fmt/format.h"
#include "service/base/status.h"
#include "tests/model/comparison.h"
#include "tests/model/random_change.h"
#include "tests/model/repository_model.h"
#include "tests/testing/server_process.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

// How many changes there are to one kill.
constexpr uint64_t kChangesAKill = 40;

struct Flags {
  std::string server;
  int changes = 200;
  uint64_t seed = std::random_device()();
  bool forget_partials = false;
};

class ModelCampaign {
 public:
  explicit ModelCampaign(const Flags& flags)
      : flags_(flags),
        random_(flags.seed),
        changes_(flags.seed + 1),
        comparison_(&model_, flags.seed + 2),
        server_(flags.server, folder_ / "data") {}

  // False when the server and the model differ.
  bool Run() {
    if (!Start()) return false;
    v1::CreateRepositoryRequest create;
    create.set_repository(Comparison::kRepository);
    const absl::Status created = Connect().CreateRepository(create).status();
    if (!created.ok()) return Fail("creating the repository", created.ToString());
    if (!Make(changes_.First())) return false;
    for (int i = 1; i < flags_.changes; ++i) {
      if (!Make(changes_.Next(model_))) return false;
      if (random_() % kChangesAKill == 0 && !KillAndCompare()) return false;
    }
    return KillAndCompare() && CheckStore() && Report();
  }

 private:
  bool Make(RandomChange change) {
    ++made_;
    v1::PublishRequest request;
    request.set_repository(Comparison::kRepository);
    request.set_description(change.description.empty() ? "nothing" : change.description);
    request.set_request_id(fmt::format("change-{}", made_));
    for (auto& [path, file] : change.edits) {
      v1::FileEdit* edit = request.add_edits();
      edit->set_path(path);
      if (file) {
        edit->set_content(file->content);
        if (flags_.forget_partials) file->partials.clear();
      } else {
        edit->set_remove(true);
      }
    }
    for (const auto& [label, number] : change.label_moves) {
      v1::LabelMove* move = request.add_label_moves();
      move->set_prompt(label.substr(0, label.find('@')));
      move->set_label(label.substr(label.find('@') + 1));
      if (number > 0) move->mutable_targets()->add_targets()->set_version(number);
    }
    if (request.edits().empty() && request.label_moves().empty()) return true;
    const ModelChange expected = model_.Apply(change.edits, change.label_moves);
    refused_ += expected.refused ? 1 : 0;
    const bool kill = random_() % kChangesAKill == 0;
    const absl::StatusOr<v1::PublishResponse> answer =
        kill ? PublishAndKill(request) : Connect().Publish(request);
    comparison_.CompareAnswer(change, expected, answer);
    comparison_.CompareState(Connect());
    return NoProblems();
  }

  // The server dies while it makes the change, or just after. Its client asks
  // the one that starts again for the answer.
  absl::StatusOr<v1::PublishResponse> PublishAndKill(const v1::PublishRequest& request) {
    ++kills_;
    const absl::Duration life = absl::Microseconds(random_() % 4000);
    std::thread killer([&] {
      std::mutex mu;
      std::condition_variable never;
      std::unique_lock<std::mutex> lock(mu);
      never.wait_for(lock, absl::ToChronoMicroseconds(life), [] { return false; });
      server_.Kill();
    });
    (void)Connect().Publish(request);
    killer.join();
    RETURN_IF_ERROR(server_.Start());
    return Connect().Publish(request);
  }

  bool KillAndCompare() {
    ++kills_;
    server_.Kill();
    if (!Start()) return false;
    comparison_.CompareState(Connect());
    comparison_.CompareVersions(Connect());
    return NoProblems();
  }

  bool CheckStore() {
    const absl::StatusOr<v1::VerifyStoreResponse> store = Connect().VerifyStore({});
    if (!store.ok()) return Fail("VerifyStore", store.status().ToString());
    if (!store->problems().empty()) return Fail("VerifyStore", store->DebugString());
    return true;
  }

  bool Start() {
    const absl::Status started = server_.Start();
    return started.ok() || Fail("starting", started.ToString());
  }

  Client Connect() const {
    ClientOptions options;
    options.address = server_.address();
    options.caller = "model";
    options.retry.max_attempts = 1;
    return Client(options);
  }

  bool NoProblems() {
    if (comparison_.problems().empty()) return true;
    std::string text;
    for (const std::string& problem : comparison_.problems()) text += "  " + problem + "\n";
    return Fail(fmt::format("change {}", made_), text);
  }

  bool Fail(const std::string& when, const std::string& problem) {
    fmt::print(stderr, "FAILED, {} with seed {}:\n{}\nThe server's log ends so:\n{}", when,
               flags_.seed, problem, server_.log());
    return false;
  }

  bool Report() {
    int64_t versions = 0;
    for (const auto& [prompt, known] : model_.prompts()) {
      versions += static_cast<int64_t>(known.versions.size());
    }
    fmt::print(
        "{} changes with seed {}, {} of them refused: {} versions of {} prompts at sequence {}; {} "
        "kills; {} checks, 0 bad\n",
        made_, flags_.seed, refused_, versions, model_.prompts().size(), model_.sequence(), kills_,
        comparison_.check_count());
    return true;
  }

  const Flags flags_;
  const TempDir folder_;
  std::mt19937_64 random_;
  RandomChanges changes_;
  RepositoryModel model_;
  Comparison comparison_;
  ServerProcess server_;
  int made_ = 0;
  int refused_ = 0;
  int kills_ = 0;
};

}  // namespace
}  // namespace colophon

int main(int argc, char** argv) {
  colophon::Flags flags;
  CLI::App app("Compares colophond with a model of what a repository is.");
  app.add_option("--server", flags.server, "Path of colophond")->required();
  app.add_option("--changes", flags.changes, "How many to make")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--seed", flags.seed, "Of every choice; printed at the end");
  app.add_flag("--forget-partials", flags.forget_partials,
               "Give the model a wrong rule; the campaign must then fail");
  CLI11_PARSE(app, argc, argv);
  return colophon::ModelCampaign(flags).Run() ? 0 : 1;
}
