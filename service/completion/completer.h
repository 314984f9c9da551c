#pragma once

// LIFE OF A COMPLETION: `Completer::Complete` in completer.cc, top to bottom.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "colophon/v1/completion.pb.h"
#include "service/base/call.h"
#include "service/base/clock.h"
#include "service/base/executor.h"
#include "service/base/status.h"
#include "service/base/task.h"
#include "service/base/workers.h"
#include "service/completion/open_call.h"
#include "service/provider/providers.h"
#include "service/record/recorder.h"
#include "service/registry/registry.h"
#include "service/template/render/limits.h"

namespace colophon {

struct PreparedCall;
class Metrics;
class RunningCall;

struct CompleterOptions {
  int max_open_calls = 10'000;
  absl::Duration default_timeout = absl::Minutes(10);
  // What becomes of the upstream call when the caller goes away: false stops
  // it, true lets it finish so that its usage is known.
  bool drain_when_caller_gone = false;
  // How long a caller may leave a message of its stream untaken: the first one,
  // before which the provider isn't called, and any other. A reader may pause; but
  // one that never reads would hold its place until the call's timeout.
  absl::Duration start_patience = absl::Seconds(10);
  absl::Duration piece_patience = absl::Minutes(5);
  Metrics* metrics = nullptr;  // Null: they aren't kept.
};

// Calls models by prompt reference: resolve, render, intent, provider, outcome.
//
// Thread-safe. A call holds memory and no thread.
class Completer {
 public:
  using DoneFunction = std::function<void(absl::StatusOr<v1::CompleteResponse>)>;

  // What takes more than a millisecond runs on the workers.
  Completer(Registry* registry, Providers* providers, Recorder* recorder, Executor* executor,
            Workers* workers, Clock* clock, CompleterOptions options = {});
  // REQUIRES: no call runs.
  ~Completer();

  // Runs one call on a Loop; `done` is called once, from that Loop, after the
  // outcome is durable. `sink` is null for a unary call. RESOURCE_EXHAUSTED
  // BUSY, with RetryInfo, when too many run, or CALLER_BUSY when half of them are
  // this caller's; UNAVAILABLE STOPPING after Stop.
  // A call that failed after its intent carries the record id in the error's
  // metadata, "record".
  std::shared_ptr<OpenCall> Start(Call context, v1::CompleteRequest request,
                                  std::shared_ptr<MessageSink> sink, DoneFunction done);

  // Makes a call ready as Start does and asks the provider of its model how many tokens it
  // would read; records nothing. The response has these, version, commit and model. The
  // same refusals; UNSUPPORTED when the provider's API doesn't count.
  std::shared_ptr<OpenCall> StartCount(Call context, v1::CompleteRequest request,
                                       DoneFunction done);

  // Resolves and renders; records nothing. On a worker. What the request holds may be
  // taken from it.
  absl::StatusOr<v1::RenderResponse> Render(v1::RenderRequest* request, const Call& context);

  // No new calls from now on; those that run are cut at `deadline` and recorded
  // so. Returns when none runs.
  void Stop(absl::Time deadline);

  int open_call_count() const;

 private:
  struct Shared;
  // What one attempt sends, and where.
  struct EncodedCall {
    ProviderModel to;
    std::string body;
    std::string digest;  // SHA-256 of the body, 64 hex digits.
  };
  // A call that can be recorded and sent.
  struct ReadyCall;

  using Life = Task<absl::StatusOr<v1::CompleteResponse>> (Completer::*)(RunningCall& run);

  Task<absl::StatusOr<v1::CompleteResponse>> Complete(RunningCall& run);
  Task<absl::StatusOr<v1::CompleteResponse>> Count(RunningCall& run);
  std::shared_ptr<OpenCall> Run(std::shared_ptr<RunningCall> run, Life life, DoneFunction done);
  // Gives the call its place among those that run; else says why there is none.
  absl::Status Admit(const std::shared_ptr<RunningCall>& run);
  Task<absl::StatusOr<ReadyCall>> GetReady(RunningCall& run);
  absl::StatusOr<ReadyCall> MakeReady(RunningCall& run, Resolution resolution,
                                      const render::Limits& limits) const;
  Task<void> CloseOutcome(RunningCall& run, const PreparedCall& call, const absl::Status& end);
  void Finish(const std::shared_ptr<RunningCall>& run, const DoneFunction& done,
              absl::StatusOr<v1::CompleteResponse> response);
  Task<absl::Status> CallProviders(RunningCall& run, const PreparedCall& call,
                                   std::optional<EncodedCall> first);
  Task<absl::Status> CallProvider(RunningCall& run, const std::string& model,
                                  absl::StatusOr<EncodedCall> encoded);
  Task<absl::Status> PassPieces(RunningCall& run);
  absl::StatusOr<EncodedCall> EncodeFirst(const PreparedCall& call, const RunningCall& run) const;
  absl::StatusOr<EncodedCall> Encode(const PreparedCall& call, const RunningCall& run,
                                     const std::string& model) const;
  absl::Duration TimeoutOf(const PreparedCall& call, const RunningCall& run) const;

  const std::shared_ptr<Shared> shared_;
};

}  // namespace colophon
