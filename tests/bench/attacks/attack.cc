#include "tests/bench/attacks/attack.h"

#include <iterator>
#include <thread>
#include <utility>

#include "fmt/format.h"

namespace colophon::bench {

void Answers::Add(const absl::Status& status) {
  std::string what(absl::StatusCodeToString(status.code()));
  if (const std::string reason(ReasonOf(status)); !reason.empty()) what += " " + reason;
  Add(what);
}

void Answers::Add(const std::string& what, int64_t count) {
  std::lock_guard lock(mu_);
  counts_[what] += count;
}

std::string Answers::Format() const {
  std::lock_guard lock(mu_);
  std::string text;
  for (const auto& [what, count] : counts_) {
    text += fmt::format("{}{} × {}", text.empty() ? "" : ", ", count, what);
  }
  return text;
}

AttackContext::AttackContext(std::string address, int port, bool small, ModelServer* model)
    : address_(std::move(address)), port_(port), small_(small), model_(model) {}

Client AttackContext::Connect() const {
  ClientOptions options;
  options.address = address_;
  options.caller = "attacker";
  options.timeout = absl::Seconds(60);
  options.retry.max_attempts = 1;
  return Client(options);
}

void InParallel(int count, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
  for (std::thread& thread : threads) thread.join();
}

absl::Status PublishFiles(const Client& client, const std::string& repository,
                          const std::map<std::string, std::string>& files) {
  v1::CreateRepositoryRequest create;
  create.set_repository(repository);
  const absl::Status created = client.CreateRepository(create).status();
  if (!created.ok() && created.code() != absl::StatusCode::kAlreadyExists) return created;
  v1::PublishRequest publish;
  publish.set_repository(repository);
  publish.set_description("Prepare");
  for (const auto& [path, content] : files) {
    v1::FileEdit* edit = publish.add_edits();
    edit->set_path(path);
    edit->set_content(content);
  }
  CallOptions options;
  options.timeout = absl::Minutes(5);
  return client.Publish(publish, options).status();
}

std::vector<Attack> AllAttacks(bool small) {
  std::vector<Attack> all;
  for (std::vector<Attack> some : {RenderingAttacks(), SchemaAttacks(), ConnectionAttacks(small),
                                   ChangeAttacks(), MessageAttacks()}) {
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace colophon::bench
