#include "tests/crash/load.h"

#include <utility>

#include "fmt/format.h"
#include "service/base/status.h"

namespace colophon {
namespace {

constexpr char kPartialPath[] = "load/_tone.prompt";
// The server is killed within seconds; the bound is for the case that it isn't.
constexpr int kMostOperations = 1'000'000;

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
std::string UserText(const std::string& operation, std::mt19937_64& random, uint64_t words) {
  std::string text = operation;
  for (uint64_t i = 0; i < words; ++i) text += fmt::format(" {:x}", random() % (1 << 20));
  return text;
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

v1::PublishRequest NewPublish(const std::string& operation) {
  v1::PublishRequest request;
  request.set_repository(kRepository);
  request.set_description(operation);
  request.set_request_id(operation);
  return request;
}

// Somebody else was quicker: a lost swap of a label.
bool IsRefusal(const absl::Status& status) { return status.code() == absl::StatusCode::kAborted; }

}  // namespace

std::string PromptPath(int number) { return fmt::format("load/p{}", number); }

absl::Status PrepareRepository(const Client& client) {
  v1::CreateRepositoryRequest create;
  create.set_repository(kRepository);
  RETURN_IF_ERROR(client.CreateRepository(create).status());
  v1::PublishRequest publish = NewPublish("prepare");
  AddFile(kPartialPath, PartialText("nobody"), &publish);
  for (int i = 0; i < kPrompts; ++i) {
    AddFile(PromptPath(i) + ".prompt", PromptText("prepare"), &publish);
    AddLabel(PromptPath(i), "production", &publish);
    AddLabel(PromptPath(i), "canary", &publish);
  }
  return client.Publish(publish).status();
}

Worker::Worker(const Client& client, Ledger* ledger, std::string name, uint64_t seed)
    : client_(client),
      ledger_(ledger),
      name_(std::move(name)),
      slot_(name_.substr(name_.find('-') + 1)),
      random_(seed) {}

void Worker::Run() {
  for (int i = 0; i < kMostOperations; ++i) {
    if (!Step(fmt::format("{}-{}", name_, i))) return;
  }
}

bool Worker::Step(const std::string& operation) {
  const uint64_t dice = Below(100);
  if (dice < 30) return Call(operation);
  if (dice < 50) return StreamCall(operation);
  if (dice < 57) return RecordOwnCall(operation);
  if (dice < 75) return Publish(operation);
  if (dice < 82) return PublishDraft(operation);
  if (dice < 93) return MoveLabel(operation);
  return ArchiveOrRevive(operation);
}

bool Worker::Failed(const std::string& operation, const absl::Status& status) {
  ledger_->Failed(operation, fmt::format("{} ({})", status.ToString(), ReasonOf(status)));
  return false;
}

// --- Completions.

v1::CompleteRequest Worker::MakeCall(const std::string& operation, const std::string& text) {
  static constexpr const char* kSelectors[] = {"", "@production", "@canary", "@latest", "@v1"};
  v1::CompleteRequest request;
  request.set_name(fmt::format("{}/{}{}", kRepository,
                               PromptPath(static_cast<int>(Below(kPrompts))),
                               kSelectors[Below(std::size(kSelectors))]));
  (*request.mutable_variables()->mutable_fields())["text"].set_string_value(text);
  (*request.mutable_tags())["operation"] = operation;
  return request;
}

bool Worker::Call(const std::string& operation) {
  const v1::CompleteRequest request = MakeCall(operation, UserText(operation, random_, Below(40)));
  ledger_->Sent(operation, "Complete", request);
  const absl::StatusOr<v1::CompleteResponse> response = client_.Complete(request);
  if (!response.ok()) return Failed(operation, response.status());
  ledger_->Answered(operation, *response);
  return true;
}

bool Worker::StreamCall(const std::string& operation) {
  v1::StreamCompleteRequest request;
  *request.mutable_call() = MakeCall(operation, UserText(operation, random_, 20 + Below(400)));
  ledger_->Sent(operation, "StreamComplete", request);
  Stream<v1::StreamCompleteResponse> stream = client_.StreamComplete(request);
  v1::StreamCompleteResponse event;
  while (stream.Read(&event)) {
    if (event.has_start()) ledger_->Started(operation, event.start().record());
    if (event.has_response()) ledger_->Answered(operation, event.response());
  }
  const absl::Status status = stream.Finish();
  return status.ok() || Failed(operation, status);
}

// What an app does that calls the model itself: render, call, record.
bool Worker::RecordOwnCall(const std::string& operation) {
  const v1::CompleteRequest call = MakeCall(operation, UserText(operation, random_, Below(40)));
  v1::RenderRequest render;
  // What is recorded is what was rendered, wherever the labels are by then.
  render.set_name(call.name().substr(0, call.name().find('@')) + "@v1");
  *render.mutable_variables() = call.variables();
  const absl::StatusOr<v1::RenderResponse> rendered = client_.Render(render);
  if (!rendered.ok()) return Failed(operation, rendered.status());

  v1::CreateRecordRequest request;
  request.set_name(rendered->version());
  *request.mutable_variables() = call.variables();
  *request.mutable_tags() = call.tags();
  request.set_rendered_digest(rendered->rendered_digest());
  request.set_status(v1::RECORD_STATUS_OK);
  request.set_model("app/own");
  v1::Completion* completion = request.mutable_completion();
  completion->mutable_message()->set_role(v1::ROLE_MODEL);
  completion->mutable_message()->add_parts()->set_text("Own: " + operation);
  completion->set_stop_reason(v1::STOP_REASON_END);
  completion->mutable_usage()->set_input_tokens(static_cast<int64_t>(Below(1000)));
  ledger_->Sent(operation, "CreateRecord", request);
  const absl::StatusOr<v1::CreateRecordResponse> response = client_.CreateRecord(request);
  if (!response.ok()) return Failed(operation, response.status());
  ledger_->Answered(operation, *response);
  return true;
}

// --- Changes.

// Now and then the same request is sent again, as a client does that lost the
// answer: it must hear the first answer, byte for byte.
template <class Request, class Response>
bool Worker::SendChange(const std::string& operation, const char* method, const Request& request,
                        absl::StatusOr<Response> (Client::*call)(const Request&, const CallOptions&)
                            const) {
  ledger_->Sent(operation, method, request);
  const absl::StatusOr<Response> response = (client_.*call)(request, {});
  if (IsRefusal(response.status())) {
    ledger_->Refused(operation, std::string(ReasonOf(response.status())));
    return true;
  }
  if (!response.ok()) return Failed(operation, response.status());
  ledger_->Answered(operation, *response);
  if (Below(5) != 0) return true;
  const absl::StatusOr<Response> again = (client_.*call)(request, {});
  if (!again.ok()) return Failed(operation, again.status());
  if (again->SerializeAsString() != response->SerializeAsString()) {
    ledger_->Problem(fmt::format("{} was sent twice and answered differently: {} and {}", operation,
                                 response->ShortDebugString(), again->ShortDebugString()));
  }
  return true;
}

bool Worker::SendPublish(const std::string& operation, const v1::PublishRequest& request) {
  return SendChange(operation, "Publish", request, &Client::Publish);
}

bool Worker::Publish(const std::string& operation) {
  v1::PublishRequest request = NewPublish(operation);
  const int first = static_cast<int>(Below(kPrompts));
  if (Below(8) == 0) {
    AddFile(kPartialPath, PartialText(operation), &request);
  } else {
    const int count = Below(8) == 0 ? 3 : 1;
    for (int i = 0; i < count; ++i) {
      AddFile(PromptPath((first + i) % kPrompts) + ".prompt", PromptText(operation), &request);
    }
  }
  if (Below(3) == 0) AddLabel(PromptPath(first), "production", &request);
  return SendPublish(operation, request);
}

// On a branch that nobody else writes to.
bool Worker::PublishDraft(const std::string& operation) {
  v1::PublishRequest request = NewPublish(operation);
  request.set_branch("draft-" + slot_);
  AddFile(PromptPath(static_cast<int>(Below(kPrompts))) + ".prompt", PromptText(operation),
          &request);
  return SendPublish(operation, request);
}

// A prompt that nobody else touches comes and goes.
bool Worker::ArchiveOrRevive(const std::string& operation) {
  const std::string prompt = "own/" + slot_;
  if (!own_prompt_lives_) {
    v1::GetPromptRequest get;
    get.set_name(fmt::format("{}/{}", kRepository, prompt));
    const absl::StatusOr<v1::GetPromptResponse> found = client_.GetPrompt(get);
    if (!found.ok() && found.status().code() != absl::StatusCode::kNotFound) {
      return Failed(operation, found.status());
    }
    own_prompt_lives_ = found.ok() && !found->prompt().archived();
  }
  v1::PublishRequest request = NewPublish(operation);
  if (*own_prompt_lives_) {
    v1::FileEdit* edit = request.add_edits();
    edit->set_path(prompt + ".prompt");
    edit->set_remove(true);
  } else {
    // No partial: it isn't to change when somebody edits one.
    AddFile(prompt + ".prompt", "Mine: " + operation + " {{text}}", &request);
  }
  if (!SendPublish(operation, request)) return false;
  own_prompt_lives_ = !*own_prompt_lives_;
  return true;
}

bool Worker::MoveLabel(const std::string& operation) {
  const std::string prompt =
      fmt::format("{}/{}", kRepository, PromptPath(static_cast<int>(Below(kPrompts))));
  v1::GetPromptRequest get;
  get.set_name(prompt);
  const absl::StatusOr<v1::GetPromptResponse> found = client_.GetPrompt(get);
  if (!found.ok()) return Failed(operation, found.status());

  v1::UpdateLabelRequest request;
  request.set_name(prompt + (Below(2) == 0 ? "@production" : "@canary"));
  request.set_description(operation);
  request.set_request_id(operation);
  const uint32_t latest = found->prompt().latest_version();
  const uint32_t version = 1 + static_cast<uint32_t>(Below(latest));
  v1::LabelTarget* target = request.mutable_targets()->add_targets();
  target->set_version(version);
  if (version > 1 && Below(3) == 0) {
    target->set_version(version - 1);
    target->set_weight(90);
    v1::LabelTarget* other = request.mutable_targets()->add_targets();
    other->set_version(version);
    other->set_weight(10);
  }
  if (Below(2) == 0) {
    for (const v1::Label& label : found->prompt().labels()) {
      if (label.name() == request.name()) *request.mutable_expected() = label.targets();
    }
  }
  return SendChange(operation, "UpdateLabel", request, &Client::UpdateLabel);
}

void Watch(const Client& client, Ledger* ledger, int64_t first_sequence) {
  v1::WatchChangesRequest request;
  request.set_repository(kRepository);
  request.set_start_sequence(first_sequence);
  Stream<v1::WatchChangesResponse> stream = client.WatchChanges(request);
  v1::WatchChangesResponse event;
  int64_t next = first_sequence;
  while (stream.Read(&event)) {
    if (!event.has_change()) continue;
    const v1::Change& change = event.change();
    if (change.sequence() != next) {
      ledger->Problem(
          fmt::format("the watcher got sequence {} and not {}", change.sequence(), next));
    }
    next = change.sequence() + 1;
    ledger->Saw(change.sequence(), change.commit());
  }
  ledger->Failed("watch", stream.Finish().ToString());
}

}  // namespace colophon
