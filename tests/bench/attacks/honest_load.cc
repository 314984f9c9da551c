#include "tests/bench/attacks/honest_load.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "tests/bench/attacks/attack.h"

namespace colophon::bench {
namespace {

constexpr absl::Duration kInterval = absl::Milliseconds(100);
constexpr absl::Duration kPatience = absl::Seconds(20);

std::string Prompt() { return fmt::format("{}/greet@latest", kHonest); }

v1::CompleteRequest CompletionOf(int number) {
  v1::CompleteRequest request;
  request.set_name(Prompt());
  (*request.mutable_variables()->mutable_fields())["text"].set_string_value(
      fmt::format("Hello, for the {}. time.", number));
  return request;
}

absl::Status GetVersion(const Client& client, int) {
  v1::GetVersionRequest request;
  request.set_name(Prompt());
  return client.GetVersion(request).status();
}

absl::Status Render(const Client& client, int number) {
  v1::RenderRequest request;
  request.set_name(Prompt());
  *request.mutable_variables() = CompletionOf(number).variables();
  return client.Render(request).status();
}

absl::Status Complete(const Client& client, int number) {
  return client.Complete(CompletionOf(number)).status();
}

absl::Status ListRecords(const Client& client, int) {
  v1::ListRecordsRequest request;
  request.set_name(kHonest);
  request.set_page_size(10);
  return client.ListRecords(request).status();
}

absl::Status Publish(const Client& client, int number) {
  return PublishFiles(client, kHonest, {{"note.prompt", fmt::format("Note {}.", number)}});
}

}  // namespace

absl::Status HonestLoad::Prepare(const std::string& address) {
  ClientOptions options;
  options.address = address;
  return PublishFiles(Client(options), kHonest,
                      {{"greet.prompt", "---\nmodel: echo/echo\n---\n{{text}}"}});
}

HonestLoad::HonestLoad(const std::string& address) : address_(address) {
  const std::pair<const char*, Call> kinds[] = {{"GetVersion", GetVersion},
                                                {"Render", Render},
                                                {"Complete", Complete},
                                                {"ListRecords", ListRecords},
                                                {"Publish", Publish}};
  for (const auto& [kind, call] : kinds) {
    threads_.emplace_back([this, kind = kind, call = call] { Repeat(kind, call); });
  }
}

HonestLoad::~HonestLoad() { Stop(); }

bool HonestLoad::WaitForEachKind(absl::Duration most) {
  const absl::Time since = absl::Now();
  std::unique_lock lock(mu_);
  return succeeded_.wait_for(lock, absl::ToChronoMilliseconds(most), [&] {
    return waits_.size() == threads_.size() &&
           std::all_of(waits_.begin(), waits_.end(),
                       [&](const auto& entry) { return entry.second.newest > since; });
  });
}

std::map<std::string, HonestLoad::Waits> HonestLoad::Stop() {
  stopped_ = true;
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  return waits_;
}

void HonestLoad::Repeat(const std::string& kind, Call call) {
  ClientOptions options;
  options.address = address_;
  options.caller = kHonest;
  options.timeout = kPatience;
  options.long_timeout = kPatience;
  options.retry.max_attempts = 1;
  const Client client(options);
  absl::Time due = absl::Now();
  for (int number = 0; !stopped_; ++number) {
    absl::SleepFor(due - absl::Now());
    const absl::Time begin = absl::Now();
    const absl::Status status = call(client, number);
    const double milliseconds = absl::ToDoubleMilliseconds(absl::Now() - due);
    std::lock_guard lock(mu_);
    Waits& waits = waits_[kind];
    if (status.ok()) {
      waits.milliseconds.push_back(milliseconds);
      waits.newest = begin;
      succeeded_.notify_all();
    } else {
      ++waits.failures;
      waits.failure =
          fmt::format("{} {}", absl::StatusCodeToString(status.code()), ReasonOf(status));
    }
    due = std::max(due + kInterval, absl::Now());
  }
}

}  // namespace colophon::bench
