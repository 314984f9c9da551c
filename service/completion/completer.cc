#include "service/completion/completer.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <unordered_set>
#include <utility>

#include "boost/asio/co_spawn.hpp"
#include "fmt/format.h"
#include "service/base/hash.h"
#include "service/base/log.h"
#include "service/completion/backoff.h"
#include "service/completion/call_end.h"
#include "service/completion/inputs.h"
#include "service/completion/open_places.h"
#include "service/completion/output_check.h"
#include "service/completion/prepared_call.h"
#include "service/completion/request_check.h"
#include "service/completion/running_call.h"
#include "service/completion/traceparent.h"
#include "service/metrics/metrics.h"

namespace colophon {
namespace {

// To give back the memory of much takes long, too.
template <class Value>
void Drop(Workers* workers, Value value) {
  if (workers != nullptr) (void)workers->Run("", [value = std::move(value)] {});
}

// Of which version it is.
v1::CompleteResponse ResponseOf(const PreparedCall& call) {
  v1::CompleteResponse response;
  response.set_version(call.version().name());
  response.set_commit(call.version().commit());
  response.set_label(call.resolution.label);
  return response;
}

v1::StreamCompleteResponse StartMessage(const std::string& record, const PreparedCall& call) {
  v1::StreamCompleteResponse message;
  message.mutable_start()->set_record(record);
  message.mutable_start()->set_version(call.version().name());
  message.mutable_start()->set_commit(call.version().commit());
  message.mutable_start()->set_label(call.resolution.label);
  return message;
}

v1::StreamCompleteResponse PieceMessage(v1::Piece piece) {
  v1::StreamCompleteResponse message;
  *message.mutable_piece() = std::move(piece);
  return message;
}

}  // namespace

struct Completer::Shared {
  explicit Shared(const CompleterOptions& given) : options(given), places(given.max_open_calls) {}

  // Constant after construction.
  Registry* registry;
  Providers* providers;
  Recorder* recorder;
  Executor* executor;
  Workers* workers;
  Clock* clock;
  const CompleterOptions options;

  OpenPlaces places;  // Given back just before a call is answered.

  std::mutex mu;
  std::condition_variable idle;  // `runs` became empty.
  // Guarded by mu.
  bool stopping = false;
  std::unordered_set<std::shared_ptr<RunningCall>> runs;
};

struct Completer::ReadyCall {
  PreparedCall prepared;
  EncodedCall first;
};

Completer::Completer(Registry* registry, Providers* providers, Recorder* recorder,
                     Executor* executor, Workers* workers, Clock* clock, CompleterOptions options)
    : shared_(std::make_shared<Shared>(options)) {
  shared_->registry = registry;
  shared_->providers = providers;
  shared_->recorder = recorder;
  shared_->executor = executor;
  shared_->workers = workers;
  shared_->clock = clock;
}

Completer::~Completer() = default;

// LIFE OF A COMPLETION.
Task<absl::StatusOr<v1::CompleteResponse>> Completer::Complete(RunningCall& run) {
  Shared& shared = *shared_;

  // Resolve the reference to one version, render it, and encode what is sent.
  CO_ASSIGN_OR_RETURN(ReadyCall ready, co_await GetReady(run));
  const PreparedCall& call = ready.prepared;
  run.StopAfter(TimeoutOf(call, run) - run.Elapsed());
  CO_RETURN_IF_ERROR(run.stopped());

  // The intent, durable before the provider's first byte.
  absl::StatusOr<std::string> record =
      co_await shared.recorder->RecordIntent(std::move(run.intent), run.workers);
  CO_RETURN_IF_ERROR(record.status());
  run.record = *record;
  co_await run.Write(StartMessage(*record, call), shared.options.start_patience);

  // Call the provider, and pass its pieces through as they come.
  absl::Status end = co_await CallProviders(run, call, std::move(ready.first));
  Drop(run.workers, std::move(ready.prepared.rendered));
  if (!run.stopped().ok()) end = run.stopped();
  if (end.ok() && run.caller_gone()) {  // Drained to its end for nobody.
    end = Error(absl::StatusCode::kCancelled, "CANCELLED", "the caller cancelled the call");
  }

  // The outcome, durable before the caller's last byte.
  co_await CloseOutcome(run, call, end);
  v1::Outcome& outcome = run.outcome;
  CO_RETURN_IF_ERROR(co_await shared.recorder->RecordOutcome(*record, outcome, run.workers));
  if (shared.options.metrics != nullptr) shared.options.metrics->CountCompletion(outcome);
  if (!end.ok()) co_return WithRecord(end, *record);

  v1::CompleteResponse response = ResponseOf(call);
  response.set_record(*std::move(record));
  response.set_model(outcome.model());
  if (outcome.has_output_valid()) response.set_output_valid(outcome.output_valid());
  *response.mutable_output_violations() = outcome.output_violations();
  *response.mutable_completion() = std::move(*outcome.mutable_completion());
  co_return response;
}

Task<absl::StatusOr<v1::CompleteResponse>> Completer::Count(RunningCall& run) {
  CO_ASSIGN_OR_RETURN(const ReadyCall ready, co_await GetReady(run));
  run.StopAfter(TimeoutOf(ready.prepared, run) - run.Elapsed());
  CO_RETURN_IF_ERROR(run.stopped());
  const ProviderModel& to = ready.first.to;
  ProviderRequest request;
  CO_ASSIGN_OR_RETURN(request.body, to.provider->EncodeCount(ready.prepared.rendered, to.model));
  request.model = to.model;
  request.count = true;
  request.traceparent = CheckTraceparent(run.context.traceparent);
  run.provider_call = to.provider->Start(run.loop, std::move(request));
  const absl::StatusOr<std::optional<v1::Piece>> end = co_await run.provider_call->Next();
  CO_RETURN_IF_ERROR(run.stopped());
  CO_RETURN_IF_ERROR(end.status());
  v1::CompleteResponse response = ResponseOf(ready.prepared);
  response.set_model(ready.prepared.models.front());
  *response.mutable_completion() = run.provider_call->metadata();
  co_return response;
}

// Each step at once where it is little work and needs nothing from the disk, else on a
// worker, so that the loop and everybody else on it go on meanwhile.
Task<absl::StatusOr<Completer::ReadyCall>> Completer::GetReady(RunningCall& run) {
  const Call& call = run.context;
  Workers* const workers = shared_->workers;
  run.loop.WorkOn("a call that begins");
  CO_RETURN_IF_ERROR(CheckTimeout(run.request));
  const auto take_inputs = [&]() -> absl::Status {
    RETURN_IF_ERROR(TakeInputs(&run.request, &run.intent));
    return CheckInputs(run.intent);
  };
  if (call.request_bytes <= kLargeBytes) {
    CO_RETURN_IF_ERROR(take_inputs());
  } else {
    run.workers = workers;
    run.StopAfter(call.time_left - run.Elapsed());
    CO_RETURN_IF_ERROR(co_await RunOn(*workers, call.caller, take_inputs, Workers::Order::kNext));
    CO_RETURN_IF_ERROR(run.stopped());
  }

  CO_ASSIGN_OR_RETURN(const Resolution resolution,
                      co_await shared_->registry->ResolveSoon(workers, run.intent.reference(),
                                                              ResolveOptionsOf(run.intent), call));
  CO_RETURN_IF_ERROR(run.stopped());
  if (run.workers == nullptr && resolution.loaded->serialized.size() <= kLargeBytes) {
    absl::StatusOr<ReadyCall> ready =
        MakeReady(run, resolution, render::BriefLimits(&run.stop_flag()));
    if (!render::IsOutOfSteps(ready.status())) co_return ready;
  }
  run.workers = workers;
  run.StopAfter(call.time_left - run.Elapsed());
  render::Limits limits;
  limits.stop = &run.stop_flag();
  absl::StatusOr<ReadyCall> ready = co_await RunOn(
      *workers, call.caller, [&] { return MakeReady(run, resolution, limits); },
      Workers::Order::kNext);
  CO_RETURN_IF_ERROR(run.stopped());
  co_return ready;
}

absl::StatusOr<Completer::ReadyCall> Completer::MakeReady(RunningCall& run, Resolution resolution,
                                                          const render::Limits& limits) const {
  v1::Intent& intent = run.intent;
  ReadyCall ready;
  ASSIGN_OR_RETURN(ready.prepared, PrepareCall(std::move(resolution), intent, limits));
  ASSIGN_OR_RETURN(ready.first, EncodeFirst(ready.prepared, run));
  CompleteIntent(ready.prepared, &intent);
  intent.set_request_digest(ready.first.digest);
  intent.set_caller(run.context.caller);
  intent.set_traceparent(CheckTraceparent(run.context.traceparent));
  intent.set_stream(run.is_stream());
  *intent.mutable_start_time() = ToProto(run.start_time);
  return ready;
}

// Says of the outcome how it ended, and looks at what came.
Task<void> Completer::CloseOutcome(RunningCall& run, const PreparedCall& call,
                                   const absl::Status& end) {
  v1::Outcome& outcome = run.outcome;
  outcome.set_status(StatusOfEnd(end, run.output.piece_count()));
  outcome.set_piece_count(run.output.piece_count());
  outcome.set_error_reason(ReasonOf(end));
  outcome.set_error_message(MessageOf(end));
  const absl::Duration latency = run.Elapsed();
  *outcome.mutable_end_time() = ToProto(run.start_time + latency);
  *outcome.mutable_latency() = ToProto(latency);
  const auto look = [&] {
    v1::Message& message = *outcome.mutable_completion()->mutable_message();
    if (message.role() == v1::ROLE_UNSPECIFIED) message = run.output.TakeMessage();
    outcome.set_output_digest(OutputDigest(outcome.completion()));
    CheckOutput(call.output_schema.get(), &outcome);
    return absl::OkStatus();
  };
  if (run.output.byte_count() > kLargeBytes) run.workers = shared_->workers;
  if (run.workers != nullptr || call.output_schema != nullptr) {
    const absl::Status looked =
        co_await RunOn(*shared_->workers, run.context.caller, look, Workers::Order::kNext);
    if (looked.ok()) co_return;
  }
  (void)look();  // Little, or the workers are busy: an outcome is recorded all the same.
}

// Tries the prompt's model, then its fallbacks, each as often as it allows. Only
// before the first piece: what a caller has seen is never begun again.
Task<absl::Status> Completer::CallProviders(RunningCall& run, const PreparedCall& call,
                                            std::optional<EncodedCall> first) {
  absl::Status end = run.stopped();
  for (const std::string& model : call.models) {
    for (int attempt = 0; attempt <= call.front_matter().retries; ++attempt) {
      if (!run.stopped().ok()) co_return run.stopped();
      absl::StatusOr<EncodedCall> encoded = absl::CancelledError();
      if (first.has_value()) {
        encoded = *std::exchange(first, std::nullopt);
      } else if (run.workers != nullptr) {
        encoded = co_await RunOn(
            *run.workers, run.context.caller, [&] { return Encode(call, run, model); },
            Workers::Order::kNext);
      } else {
        encoded = Encode(call, run, model);
      }
      end = co_await CallProvider(run, model, std::move(encoded));
      if (end.ok() || run.output.piece_count() > 0 || run.caller_gone()) co_return end;
      if (!IsRetryable(end)) break;
      if (attempt < call.front_matter().retries) co_await run.Wait(BackoffOf(attempt, end));
    }
  }
  co_return end;
}

// One attempt: OK when the provider finished its answer.
Task<absl::Status> Completer::CallProvider(RunningCall& run, const std::string& model,
                                           absl::StatusOr<EncodedCall> encoded) {
  v1::Attempt& attempt = *run.outcome.add_attempts();
  attempt.set_model(model);
  *attempt.mutable_start_offset() = ToProto(run.Elapsed());
  absl::Status end = encoded.status();
  if (encoded.ok()) {
    attempt.set_request_digest(encoded->digest);
    ProviderRequest request;
    request.model = encoded->to.model;
    request.body = std::move(encoded->body);
    request.stream = run.is_stream();
    request.traceparent = CheckTraceparent(run.context.traceparent);
    run.provider_call = encoded->to.provider->Start(run.loop, std::move(request));
    run.outcome.set_model(model);
    end = co_await PassPieces(run);
    *run.outcome.mutable_completion() = run.provider_call->metadata();
    const int64_t removed = run.provider_call->removed_secret_count();
    run.outcome.set_removed_secret_count(run.outcome.removed_secret_count() + removed);
    for (std::string& note : run.provider_call->notes()) {
      Log(LogLevel::kWarning, LogLine("event", "odd_answer")
                                  .Add("record", run.record)
                                  .Add("model", model)
                                  .Add("note", note));
      attempt.add_notes(std::move(note));
    }
    if (const auto count = run.provider_call->connection_request_count()) {
      attempt.set_connection_request_count(*count);
    }
    std::optional<v1::RawAnswer> raw = co_await run.provider_call->RawAnswer(!end.ok());
    if (raw) *attempt.mutable_raw_answer() = *std::move(raw);
    run.provider_call.reset();
  }
  attempt.set_error_reason(ReasonOf(end));
  attempt.set_error_message(MessageOf(end));
  co_return end;
}

Task<absl::Status> Completer::PassPieces(RunningCall& run) {
  while (true) {
    absl::StatusOr<std::optional<v1::Piece>> piece = co_await run.provider_call->Next();
    if (!piece.ok()) co_return piece.status();
    if (!piece->has_value()) co_return absl::OkStatus();
    run.loop.WorkOn(run.record);
    if (run.output.piece_count() == 0) {
      *run.outcome.mutable_first_piece_latency() = ToProto(run.Elapsed());
    }
    if (run.is_stream()) {
      run.output.Add(**piece);
      co_await run.Write(PieceMessage(**std::move(piece)), shared_->options.piece_patience);
    } else {
      run.output.Add(**std::move(piece));
    }
    if (!run.stopped().ok()) co_return run.stopped();
  }
}

absl::StatusOr<Completer::EncodedCall> Completer::Encode(const PreparedCall& call,
                                                         const RunningCall& run,
                                                         const std::string& model) const {
  EncodedCall encoded;
  ASSIGN_OR_RETURN(encoded.to, shared_->providers->Find(model));
  ASSIGN_OR_RETURN(encoded.body,
                   encoded.to.provider->Encode(call.rendered, encoded.to.model, run.is_stream()));
  encoded.digest = Sha256Hex(encoded.body);
  return encoded;
}

// A call that can't be sent at all fails here, before anything is recorded.
absl::StatusOr<Completer::EncodedCall> Completer::EncodeFirst(const PreparedCall& call,
                                                              const RunningCall& run) const {
  if (call.models.empty()) {
    return FailedPrecondition(
        "MODEL_MISSING", fmt::format("{} names no model: add `model: provider/name` to its front "
                                     "matter, or name one in the call's overrides",
                                     call.version().name()));
  }
  return Encode(call, run, call.models.front());
}

absl::Duration Completer::TimeoutOf(const PreparedCall& call, const RunningCall& run) const {
  absl::Duration timeout = call.front_matter().timeout.value_or(shared_->options.default_timeout);
  if (run.request.has_timeout()) timeout = FromProto(run.request.timeout());
  return std::min(timeout, run.context.time_left);
}

void Completer::Finish(const std::shared_ptr<RunningCall>& run, const DoneFunction& done,
                       absl::StatusOr<v1::CompleteResponse> response) {
  const std::shared_ptr<Shared> shared = shared_;  // `this` may go once it is idle.
  run->Close();
  // First, so that who is answered may call again at once.
  shared->places.GiveBack(run->context.caller);
  done(std::move(response));
  std::lock_guard lock(shared->mu);
  shared->runs.erase(run);
  if (shared->runs.empty()) shared->idle.notify_all();
}

absl::Status Completer::Admit(const std::shared_ptr<RunningCall>& run) {
  std::lock_guard lock(shared_->mu);
  if (shared_->stopping) {
    return Unavailable("STOPPING", "the server is stopping: call again in a moment");
  }
  RETURN_IF_ERROR(shared_->places.Take(run->context.caller));
  shared_->runs.insert(run);
  return absl::OkStatus();
}

std::shared_ptr<OpenCall> Completer::Start(Call context, v1::CompleteRequest request,
                                           std::shared_ptr<MessageSink> sink, DoneFunction done) {
  return Run(std::make_shared<RunningCall>(shared_->executor->Next(), std::move(context),
                                           std::move(request), std::move(sink), shared_->clock,
                                           shared_->options.drain_when_caller_gone),
             &Completer::Complete, std::move(done));
}

std::shared_ptr<OpenCall> Completer::StartCount(Call context, v1::CompleteRequest request,
                                                DoneFunction done) {
  return Run(std::make_shared<RunningCall>(shared_->executor->Next(), std::move(context),
                                           std::move(request), nullptr, shared_->clock,
                                           /*drain=*/false),
             &Completer::Count, std::move(done));
}

std::shared_ptr<OpenCall> Completer::Run(std::shared_ptr<RunningCall> run, Life life,
                                         DoneFunction done) {
  const absl::Status refused = Admit(run);
  if (!refused.ok()) {
    run->loop.Post([refused, done = std::move(done)] { done(refused); });
    return run;
  }
  boost::asio::co_spawn(
      run->loop.context(), (this->*life)(*run),
      [this, run, done = std::move(done)](const std::exception_ptr& exception,
                                          absl::StatusOr<v1::CompleteResponse> response) {
        if (exception != nullptr) response = StatusOfException("the completion", exception);
        // Not with the call, whose last owner may be a timer of the loop.
        Drop(run->workers, std::move(run->intent));
        Finish(run, done, std::move(response));
      });
  return run;
}

absl::StatusOr<v1::RenderResponse> Completer::Render(v1::RenderRequest* request,
                                                     const Call& context) {
  v1::Intent inputs;
  RETURN_IF_ERROR(TakeInputs(request, &inputs));
  RETURN_IF_ERROR(CheckInputs(inputs));
  ASSIGN_OR_RETURN(
      Resolution resolution,
      shared_->registry->Resolve(inputs.reference(), ResolveOptionsOf(inputs), context));
  v1::RenderResponse response;
  render::Limits limits;
  limits.stop = context.stop;
  ASSIGN_OR_RETURN(PreparedCall call,
                   PrepareCall(std::move(resolution), inputs, limits,
                               request->spans() ? response.mutable_spans() : nullptr));
  response.set_version(call.version().name());
  response.set_commit(call.version().commit());
  response.set_label(call.resolution.label);
  response.set_rendered_digest(call.rendered_digest);
  response.mutable_undefined()->Assign(call.plan->undefined.begin(), call.plan->undefined.end());
  *response.mutable_rendered() = std::move(call.rendered);
  return response;
}

void Completer::Stop(absl::Time deadline) {
  std::unique_lock lock(shared_->mu);
  shared_->stopping = true;
  const auto is_idle = [this] { return shared_->runs.empty(); };
  const absl::Duration patience =
      std::clamp(deadline - shared_->clock->Now(), absl::ZeroDuration(), absl::Hours(24));
  if (shared_->idle.wait_for(lock, absl::ToChronoNanoseconds(patience), is_idle)) return;
  for (const auto& run : shared_->runs) {
    run->StopSoon(Unavailable("STOPPING", "the server stopped during the call"));
  }
  shared_->idle.wait(lock, is_idle);
}

int Completer::open_call_count() const { return shared_->places.taken(); }

}  // namespace colophon
