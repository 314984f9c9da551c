#pragma once

#include <concepts>
#include <string_view>
#include <type_traits>
#include <utility>

#include "service/base/task.h"
#include "service/base/workers.h"
#include "service/registry/resolver.h"
#include "service/rpc/unary_call.h"

namespace colophon {

// What every unary method goes through: the ways to answer, so that a method
// is one line into the core.
//
// Thread-safe.
class Adapter {
 public:
  Adapter(RpcCounters* counters, Workers* workers) : counters_(counters), workers_(workers) {}

  RpcCounters* counters() { return counters_; }
  Workers* workers() { return workers_; }

  // On gRPC's own thread when memory has the answer, else on a worker:
  // `answer(may_block)`, which says NotInMemory when it may not and would have to.
  template <class Response, class Answer>
  grpc::ServerUnaryReactor* InlineOrBlock(const char* name, grpc::CallbackServerContext* context,
                                          Response* response, Answer answer) {
    return Begin(name, context, [&](UnaryCall* call) {
      const auto at_once = [&] { return answer(/*may_block=*/false); };
      absl::StatusOr<Response> result = AnswerOf(at_once);
      if (IsNotInMemory(result.status())) {
        BlockFor(workers_, call, response,
                 [answer = std::move(answer)] { return answer(/*may_block=*/true); });
      } else {
        EndWith(call, std::move(result), response);
      }
    });
  }

  // On a worker, for what may block for a disk read or take more than a
  // millisecond: `answer()`, or `answer(call)` of a method that looks at its call.
  template <class Response, class Answer>
  grpc::ServerUnaryReactor* Block(const char* name, grpc::CallbackServerContext* context,
                                  Response* response, Answer answer) {
    return BlockOn(workers_, name, context, response, std::move(answer));
  }

  // The same on another pool.
  template <class Response, class Answer>
  grpc::ServerUnaryReactor* BlockOn(Workers* workers, const char* name,
                                    grpc::CallbackServerContext* context, Response* response,
                                    Answer answer) {
    return Begin(name, context,
                 [&](UnaryCall* call) { BlockFor(workers, call, response, std::move(answer)); });
  }

  // From wherever the core answers: `start(call, reply)` hands `reply`, which
  // takes a StatusOr<Response>, to a method that doesn't block.
  template <class Response, class Start>
  grpc::ServerUnaryReactor* Reply(const char* name, grpc::CallbackServerContext* context,
                                  Response* response, Start start) {
    return Begin(name, context, [&](UnaryCall* call) {
      start(call, [call, response](absl::StatusOr<Response> result) {
        EndWith(call, std::move(result), response);
      });
    });
  }

  // The same for a method that may block before it answers from elsewhere.
  template <class Response, class Start>
  grpc::ServerUnaryReactor* BlockAndReply(const char* name, grpc::CallbackServerContext* context,
                                          Response* response, Start start) {
    return Begin(name, context, [&](UnaryCall* call) {
      absl::Status queued =
          workers_->Run(call->rpc().call().caller, [call, response, start = std::move(start)] {
            if (absl::Status vain = call->rpc().IsInVain(); !vain.ok()) return call->End(vain);
            start(call, [call, response](absl::StatusOr<Response> result) {
              EndWith(call, std::move(result), response);
            });
          });
      if (!queued.ok()) call->End(queued);
    });
  }

 private:
  template <class Run>
  grpc::ServerUnaryReactor* Begin(const char* name, grpc::CallbackServerContext* context, Run run) {
    auto* call = new UnaryCall(counters_, name, context);
    if (absl::Status status = call->rpc().Begin(); status.ok()) {
      run(call);
    } else {
      call->End(status);
    }
    call->EndOfMethod();
    return call;
  }

  template <class Answer>
  static auto Answered(Answer& answer, const CallContext& call) {
    if constexpr (std::is_invocable_v<Answer&, const CallContext&>) {
      return answer(call);
    } else {
      return answer();
    }
  }

  template <class Response, class Answer>
  static void BlockFor(Workers* workers, UnaryCall* call, Response* response, Answer answer) {
    absl::Status queued = workers->Run(
        call->rpc().call().caller, [call, response, answer = std::move(answer)]() mutable {
          if (absl::Status vain = call->rpc().IsInVain(); !vain.ok()) return call->End(vain);
          const auto of_call = [&] { return Answered(answer, call->rpc().call()); };
          EndWith(call, AnswerOf(of_call), response);
        });
    if (!queued.ok()) call->End(queued);
  }

  template <class Response>
  static void EndWith(UnaryCall* call, absl::StatusOr<Response> result, Response* response) {
    if (!result.ok()) {
      call->End(result.status());
      return;
    }
    response->Swap(&*result);
    Describe(*response, &call->rpc().details());
    call->End(absl::OkStatus());
  }

  // What the log says of an answer, for those that have it.
  template <class Response>
  static void Describe(const Response& response, LogLine* line) {
    if constexpr (requires {
                    { response.record() } -> std::convertible_to<std::string_view>;
                  }) {
      line->Add("record", response.record());
    }
    if constexpr (requires {
                    { response.version() } -> std::convertible_to<std::string_view>;
                    response.commit();
                  }) {
      line->Add("version", response.version());
    }
    if constexpr (requires { response.change().sequence(); }) {
      if (response.has_change()) {
        line->Add("repository", response.change().repository());
        line->Add("sequence", response.change().sequence());
      }
    }
  }

  RpcCounters* const counters_;
  Workers* const workers_;
};

}  // namespace colophon
