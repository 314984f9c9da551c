// M6: durable publishes through the registry, one prompt each, in a repository
// of 1,000 prompts in 32 folders; against the git program that commits the
// same edits with fsync, and a loop that appends and syncs the same bytes.

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/registry/registry.h"
#include "service/store/rocksdb/rocksdb_store.h"
#include "tests/bench/child.h"
#include "tests/bench/machine.h"
#include "tests/bench/measures.h"
#include "tests/bench/prompts.h"
#include "tests/bench/raw_file.h"

namespace colophon::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kPrompts = 1000;
constexpr int kFolders = 32;
constexpr size_t kPromptBytes = 2048;
constexpr int kWriters = 64;
constexpr int kGitCommits = 20;         // A round.
constexpr int kCountedPublishes = 100;  // To see how many bytes one writes.
constexpr absl::Duration kGitLimit = absl::Seconds(60);

std::string PathOf(int prompt) {
  return fmt::format("folder-{:02}/prompt-{:04}.prompt", prompt % kFolders, prompt);
}

// Edit number `edit` of all that this measure makes.
std::string ContentOf(int edit) {
  return PromptOfSize(kPromptBytes - 16, static_cast<unsigned>(edit % kPrompts)) +
         fmt::format(" {:014}\n", edit);
}

int64_t BytesIn(const std::string& folder) {
  int64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) bytes += static_cast<int64_t>(entry.file_size());
  }
  return bytes;
}

// A store and a registry in this process.
class Publisher {
 public:
  static absl::StatusOr<std::unique_ptr<Publisher>> Open(const std::string& folder) {
    auto publisher = std::unique_ptr<Publisher>(new Publisher(folder));
    ASSIGN_OR_RETURN(publisher->store_, OpenRocksdbStore(folder));
    ASSIGN_OR_RETURN(publisher->registry_, Registry::Open(publisher->store_.get(), Clock::Real()));
    RETURN_IF_ERROR(publisher->Fill());
    return publisher;
  }

  absl::Status PublishOne() {
    const int edit = next_edit_++;
    v1::PublishRequest request = NewRequest(fmt::format("Edit {}", edit));
    AddEdit(edit % kPrompts, edit, &request);
    return Publish(std::move(request));
  }

  // Changes a second.
  absl::StatusOr<double> Run(int writers, absl::Duration duration) {
    const SteadyClock::time_point start = SteadyClock::now();
    const SteadyClock::time_point end = start + absl::ToChronoNanoseconds(duration);
    std::atomic<int64_t> count{0};
    std::vector<absl::Status> statuses(static_cast<size_t>(writers));
    std::vector<std::thread> threads;
    for (absl::Status& status : statuses) {
      threads.emplace_back([this, end, &count, &status] {
        while (status.ok() && SteadyClock::now() < end) {
          status = PublishOne();
          ++count;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const absl::Status& status : statuses) RETURN_IF_ERROR(status);
    return static_cast<double>(count) /
           std::chrono::duration<double>(SteadyClock::now() - start).count();
  }

  // What one publish adds to the store's files.
  absl::StatusOr<int64_t> BytesOfOne() {
    const int64_t before = BytesIn(folder_);
    for (int i = 0; i < kCountedPublishes; ++i) RETURN_IF_ERROR(PublishOne());
    return (BytesIn(folder_) - before) / kCountedPublishes;
  }

 private:
  explicit Publisher(std::string folder) : folder_(std::move(folder)) {}

  absl::Status Fill() {
    std::promise<absl::Status> created;
    v1::CreateRepositoryRequest create;
    create.set_repository(kRepository);
    registry_->CreateRepository(
        create, Call(), [&created](const auto& response) { created.set_value(response.status()); });
    RETURN_IF_ERROR(created.get_future().get());
    v1::PublishRequest request = NewRequest("All prompts");
    for (int i = 0; i < kPrompts; ++i) AddEdit(i, next_edit_++, &request);
    return Publish(std::move(request));
  }

  static v1::PublishRequest NewRequest(const std::string& description) {
    v1::PublishRequest request;
    request.set_repository(kRepository);
    request.set_description(description);
    request.set_author("Bench <bench@example.com>");
    return request;
  }

  static void AddEdit(int prompt, int edit, v1::PublishRequest* request) {
    v1::FileEdit* to = request->add_edits();
    to->set_path(PathOf(prompt));
    to->set_content(ContentOf(edit));
  }

  absl::Status Publish(v1::PublishRequest request) {
    std::promise<absl::Status> published;
    registry_->Publish(std::move(request), {"bench"}, [&published](const auto& response) {
      published.set_value(response.status());
    });
    return published.get_future().get();
  }

  const std::string folder_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Registry> registry_;
  std::atomic<int> next_edit_{0};
};

// A working tree of the same prompts.
class GitTree {
 public:
  explicit GitTree(std::string folder) : folder_(std::move(folder)) {}

  absl::Status Create() {
    std::filesystem::create_directories(folder_);
    for (int i = 0; i < kPrompts; ++i) WriteFile(i);
    RETURN_IF_ERROR(Git({"init", "-q"}));
    for (const auto& [name, value] : {std::pair{"core.fsync", "all"},
                                      {"core.fsyncMethod", "fsync"},
                                      {"gc.auto", "0"},
                                      {"user.name", "Bench"},
                                      {"user.email", "bench@example.com"}}) {
      RETURN_IF_ERROR(Git({"config", name, value}));
    }
    RETURN_IF_ERROR(Git({"add", "-A"}));
    return Git({"commit", "-q", "-m", "All prompts"});
  }

  // Commits a second, one edit each.
  absl::StatusOr<double> Run() {
    const SteadyClock::time_point start = SteadyClock::now();
    for (int i = 0; i < kGitCommits; ++i) {
      const int edit = next_edit_;
      WriteFile(edit % kPrompts);
      RETURN_IF_ERROR(
          Git({"commit", "-q", "-m", fmt::format("Edit {}", edit), "--", PathOf(edit % kPrompts)}));
    }
    return kGitCommits / std::chrono::duration<double>(SteadyClock::now() - start).count();
  }

 private:
  void WriteFile(int prompt) {
    const std::string path = folder_ + "/" + PathOf(prompt);
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary | std::ios::trunc) << ContentOf(next_edit_++);
  }

  absl::Status Git(std::vector<std::string> arguments) {
    // No configuration of this machine's.
    std::vector<std::string> command = {
        "env", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "git", "-C", folder_};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return RunToEnd(std::move(command), folder_ + ".log", kGitLimit);
  }

  const std::string folder_;
  int next_edit_ = 0;
};

}  // namespace

absl::Status MeasurePublish(const Options& options, Table* table) {
  const std::string folder = options.folder + "/m6";
  if (IsInMemory(options.folder)) {
    return FailedPrecondition("IN_MEMORY",
                              options.folder + " is in memory; name a disk with --dir");
  }
  std::filesystem::create_directories(folder);
  ASSIGN_OR_RETURN(const std::unique_ptr<Publisher> publisher, Publisher::Open(folder + "/store"));
  ASSIGN_OR_RETURN(const int64_t bytes, publisher->BytesOfOne());
  const bool has_git = !FindProgram("git").empty();
  GitTree git(folder + "/tree");
  if (has_git) RETURN_IF_ERROR(git.Create());

  std::vector<std::function<absl::StatusOr<double>()>> sides = {
      [&] { return publisher->Run(1, options.slice); },
      [&] { return publisher->Run(kWriters, options.slice); },
      [&]() -> absl::StatusOr<double> {
        ASSIGN_OR_RETURN(
            const AppendResult appended,
            AppendAndSync(folder + "/append", static_cast<size_t>(bytes), options.slice / 2));
        return appended.per_second;
      }};
  if (has_git) sides.emplace_back([&] { return git.Run(); });
  ASSIGN_OR_RETURN(const std::vector<std::vector<double>> rates,
                   AlternateRates(options.rounds, sides));

  const std::string one = "Publish, 1 writer";
  const std::string many = "Publish, 64 writers";
  const std::string loop = "append + fdatasync loop";
  table->Add({"M6", one, loop, "changes/s", rates[0], rates[2], Goal::AtLeast(0.5)});
  table->Add({"M6", many, loop, "changes/s", rates[1], rates[2], {}});
  if (has_git) {
    const std::string commit = "git commit, core.fsync=all";
    table->Add({"M6", one, commit, "changes/s", rates[0], rates[3], Goal::AtLeast(80)});
    table->Add({"M6", many, commit, "changes/s", rates[1], rates[3], Goal::AtLeast(400)});
  } else {
    table->NotMeasured("M6", "against git: it is not installed");
  }
  table->Note("M6",
              fmt::format("{} prompts of {} bytes in {} folders; one publish writes {} bytes, "
                          "and so does a step of the loop",
                          kPrompts, kPromptBytes, kFolders, bytes));
  return absl::OkStatus();
}

}  // namespace colophon::bench
