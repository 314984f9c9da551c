#include "tests/crash/load.h"

#include <map>
#include <utility>

#include "fmt/format.h"
#include "service/base/hash.h"
#include "service/base/status.h"

namespace colophon {
namespace {

constexpr int kCallers = 3;
constexpr int kStreamers = 3;
constexpr int kPublishers = 2;
constexpr int kLabelMovers = 2;

constexpr char kPartialPath[] = "load/_tone.prompt";

uint64_t Below(std::mt19937_64& random, uint64_t bound) { return random() % bound; }

std::string PromptText(const std::string& operation) {
  return fmt::format(
      "---\nmodel: echo/echo\ncolophon.overrides: [temperature]\n---\n"
      "{{{{role \"system\"}}}}{{{{> tone}}}}\n{}\n{{{{role \"user\"}}}}{{{{text}}}}",
      operation);
}

std::string PartialText(const std::string& operation) {
  return fmt::format("Answer as {} would.\n", operation);
}

// Some words, so that a stream has pieces and an output is nobody else's.
std::string UserText(const std::string& operation, std::mt19937_64& random, int words) {
  std::string text = operation;
  for (int i = 0; i < words; ++i) text += fmt::format(" {:x}", Below(random, 1 << 20));
  return text;
}

std::string Reference(std::mt19937_64& random) {
  static constexpr const char* kSelectors[] = {"", "@production", "@canary", "@latest", "@v1"};
  return fmt::format("{}/{}{}", kRepository, PromptPath(static_cast<int>(Below(random, kPrompts))),
                     kSelectors[Below(random, std::size(kSelectors))]);
}

std::string OutputDigestOf(const v1::CompleteResponse& response) {
  std::string text;
  for (const v1::Part& part : response.completion().message().parts()) text += part.text();
  return Sha256Hex(text);
}

v1::CompleteRequest MakeCall(const std::string& operation, const std::string& text,
                             std::mt19937_64& random) {
  v1::CompleteRequest request;
  request.set_name(Reference(random));
  (*request.mutable_variables()->mutable_fields())["text"].set_string_value(text);
  (*request.mutable_tags())["operation"] = operation;
  return request;
}

void AddFile(const std::string& path, std::string content, v1::PublishRequest* request) {
  v1::FileEdit* edit = request->add_edits();
  edit->set_path(path);
  edit->set_content(std::move(content));
}

void AddLabel(const std::string& prompt, const std::string& label, v1::PublishRequest* request) {
  v1::LabelMove* move = request->add_label_moves();
  move->set_prompt(prompt);
  move->set_label(label);
  move->mutable_targets()->add_targets();  // Version 0: the newest, once the change is made.
}

}  // namespace

std::string PromptPath(int number) { return fmt::format("load/p{}", number); }

absl::Status PrepareRepository(const Client& client) {
  v1::CreateRepositoryRequest create;
  create.set_repository(kRepository);
  RETURN_IF_ERROR(client.CreateRepository(create).status());
  v1::PublishRequest publish;
  publish.set_repository(kRepository);
  publish.set_description("prepare");
  AddFile(kPartialPath, PartialText("nobody"), &publish);
  for (int i = 0; i < kPrompts; ++i) {
    AddFile(PromptPath(i) + ".prompt", PromptText("prepare"), &publish);
    AddLabel(PromptPath(i), "production", &publish);
    AddLabel(PromptPath(i), "canary", &publish);
  }
  return client.Publish(publish).status();
}

Load::Load(const Client& client, History* history, std::string round, uint64_t seed,
           int64_t first_sequence)
    : client_(client), history_(history), round_(std::move(round)) {
  const auto start = [&](const char* kind, int count,
                         bool (Load::*step)(const std::string&, Random&)) {
    for (int i = 0; i < count; ++i) {
      const uint64_t thread_seed = seed * 1000 + threads_.size();
      threads_.emplace_back([this, name = fmt::format("{}-{}", kind, i), thread_seed, step] {
        Repeat(name, thread_seed, [this, step](const std::string& operation, Random& random) {
          return (this->*step)(operation, random);
        });
      });
    }
  };
  start("call", kCallers, &Load::Call);
  start("stream", kStreamers, &Load::StreamCall);
  start("publish", kPublishers, &Load::Publish);
  start("label", kLabelMovers, &Load::MoveLabel);
  threads_.emplace_back([this, first_sequence] { Watch(first_sequence); });
}

Load::~Load() { Join(); }

void Load::Join() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void Load::Repeat(const std::string& kind, uint64_t seed,
                  std::function<bool(const std::string&, Random&)> step) {
  Random random(seed);
  // The server is killed within seconds; the bound is for the case that it
  // isn't.
  constexpr int kMostOperations = 1'000'000;
  for (int i = 0; i < kMostOperations; ++i) {
    if (!step(fmt::format("{}-{}-{}", round_, kind, i), random)) return;
  }
}

bool Load::GoOn(const std::string& operation, const absl::Status& status) {
  if (status.ok()) return true;
  if (!may_fail_) {
    history_->Problem(fmt::format("{} failed before the crash: {} ({})", operation,
                                  status.ToString(), ReasonOf(status)));
  }
  return false;
}

bool Load::Call(const std::string& operation, Random& random) {
  const std::string text = UserText(operation, random, static_cast<int>(Below(random, 40)));
  history_->TryCall(operation, text);
  const absl::StatusOr<v1::CompleteResponse> response =
      client_.Complete(MakeCall(operation, text, random));
  if (!GoOn(operation, response.status())) return false;
  history_->CallAcknowledged(operation, response->record(), response->version(),
                             OutputDigestOf(*response));
  return true;
}

bool Load::StreamCall(const std::string& operation, Random& random) {
  const std::string text = UserText(operation, random, 20 + static_cast<int>(Below(random, 400)));
  history_->TryCall(operation, text);
  v1::StreamCompleteRequest request;
  *request.mutable_call() = MakeCall(operation, text, random);
  Stream<v1::StreamCompleteResponse> stream = client_.StreamComplete(request);
  v1::StreamCompleteResponse event;
  while (stream.Read(&event)) {
    if (event.has_start()) history_->CallHasRecord(operation, event.start().record());
    if (event.has_response()) {
      history_->CallAcknowledged(operation, event.response().record(), event.response().version(),
                                 OutputDigestOf(event.response()));
    }
  }
  return GoOn(operation, stream.Finish());
}

bool Load::Publish(const std::string& operation, Random& random) {
  v1::PublishRequest request;
  request.set_repository(kRepository);
  request.set_description(operation);
  const int first = static_cast<int>(Below(random, kPrompts));
  if (Below(random, 8) == 0) {
    AddFile(kPartialPath, PartialText(operation), &request);
  } else {
    const int count = Below(random, 8) == 0 ? 3 : 1;
    for (int i = 0; i < count; ++i) {
      AddFile(PromptPath((first + i) % kPrompts) + ".prompt", PromptText(operation), &request);
    }
  }
  if (Below(random, 3) == 0) AddLabel(PromptPath(first), "production", &request);

  std::map<std::string, std::string> files;
  for (const v1::FileEdit& edit : request.edits()) files[edit.path()] = edit.content();
  history_->TryChange(operation, std::move(files));
  const absl::StatusOr<v1::PublishResponse> response = client_.Publish(request);
  if (!GoOn(operation, response.status())) return false;
  history_->ChangeAcknowledged(operation, response->change());
  return true;
}

bool Load::MoveLabel(const std::string& operation, Random& random) {
  const std::string prompt =
      fmt::format("{}/{}", kRepository, PromptPath(static_cast<int>(Below(random, kPrompts))));
  v1::GetPromptRequest get;
  get.set_name(prompt);
  const absl::StatusOr<v1::GetPromptResponse> found = client_.GetPrompt(get);
  if (!GoOn(operation, found.status())) return false;

  v1::UpdateLabelRequest request;
  request.set_name(prompt + (Below(random, 2) == 0 ? "@production" : "@canary"));
  request.set_description(operation);
  const uint32_t latest = found->prompt().latest_version();
  const uint32_t version = 1 + static_cast<uint32_t>(Below(random, latest));
  v1::LabelTarget* target = request.mutable_targets()->add_targets();
  target->set_version(version);
  if (version > 1 && Below(random, 3) == 0) {
    target->set_version(version - 1);
    target->set_weight(90);
    v1::LabelTarget* other = request.mutable_targets()->add_targets();
    other->set_version(version);
    other->set_weight(10);
  }
  if (Below(random, 2) == 0) {
    for (const v1::Label& label : found->prompt().labels()) {
      if (label.name() == request.name()) *request.mutable_expected() = label.targets();
    }
  }

  history_->TryChange(operation, {});
  const absl::StatusOr<v1::UpdateLabelResponse> response = client_.UpdateLabel(request);
  if (response.status().code() == absl::StatusCode::kAborted) {
    history_->ChangeRefused(operation);  // Somebody else was quicker: a lost swap.
    return true;
  }
  if (!GoOn(operation, response.status())) return false;
  history_->ChangeAcknowledged(operation, response->change());
  return true;
}

void Load::Watch(int64_t first_sequence) {
  v1::WatchChangesRequest request;
  request.set_repository(kRepository);
  request.set_start_sequence(first_sequence);
  Stream<v1::WatchChangesResponse> stream = client_.WatchChanges(request);
  v1::WatchChangesResponse event;
  int64_t next = first_sequence;
  while (stream.Read(&event)) {
    if (!event.has_change()) continue;
    const v1::Change& change = event.change();
    if (change.sequence() != next) {
      history_->Problem(
          fmt::format("the watcher got sequence {} and not {}", change.sequence(), next));
    }
    next = change.sequence() + 1;
    history_->ChangeSeen(change.sequence(), change.commit());
  }
  GoOn(round_ + "-watch", stream.Finish());
}

}  // namespace colophon
