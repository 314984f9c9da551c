#pragma once

#include <concepts>
#include <string_view>
#include <type_traits>
#include <utility>

#include "service/base/task.h"
#include "service/base/workers.h"
#include "service/registry/resolver.h"
#include "service/rpc/message.h"
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

  // On the thread that it is on when memory has the answer, else on a worker:
  // `answer(may_block)`, which says NotInMemory when it may not and would have to.
  template <class Response, class Answer>
  void InlineOrBlock(UnaryCall* call, Response* response, Answer answer) {
    const auto at_once = [&] { return answer(/*may_block=*/false); };
    absl::StatusOr<Response> result = AnswerOf(at_once);
    if (IsNotInMemory(result.status())) {
      Block(call, response, [answer = std::move(answer)] { return answer(/*may_block=*/true); });
    } else {
      EndWith(call, std::move(result), response);
    }
  }

  // On a worker, for what may block for a disk read or take more than a
  // millisecond: `answer()`, or `answer(call)` of a method that looks at its call.
  template <class Response, class Answer>
  void Block(UnaryCall* call, Response* response, Answer answer) {
    BlockOn(workers_, call, response, std::move(answer));
  }

  // The same on another pool.
  template <class Response, class Answer>
  static void BlockOn(Workers* workers, UnaryCall* call, Response* response, Answer answer) {
    BlockFor(workers, call, response, std::move(answer));
  }

  // From wherever the core answers: `start(reply)` hands `reply`, which takes a
  // StatusOr<Response>, to a method that doesn't block.
  template <class Response, class Start>
  void Reply(UnaryCall* call, Response* response, Start start) {
    start([this, call, response](absl::StatusOr<Response> result) {
      EndFromLoop(call, std::move(result), response);
    });
  }

  // The same for a method that may block before it answers from elsewhere.
  template <class Response, class Start>
  void BlockAndReply(UnaryCall* call, Response* response, Start start) {
    absl::Status queued =
        workers_->Run(call->rpc().call().caller, [this, call, response, start = std::move(start)] {
          if (absl::Status vain = call->rpc().IsInVain(); !vain.ok()) return call->End(vain);
          start([this, call, response](absl::StatusOr<Response> result) {
            EndFromLoop(call, std::move(result), response);
          });
        });
    if (!queued.ok()) call->End(queued);
  }

 private:
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
    Take(call, std::move(result), response);
    call->End(absl::OkStatus());
  }

  // A large answer is serialized on a worker; when none is free, here.
  template <class Response>
  void EndFromLoop(UnaryCall* call, absl::StatusOr<Response> result, Response* response) {
    if (!result.ok() || result->ByteSizeLong() <= kLargeBytes) {
      EndWith(call, std::move(result), response);
      return;
    }
    Take(call, std::move(result), response);
    const auto end = [call] { call->End(absl::OkStatus()); };
    if (!workers_->Run(call->rpc().call().caller, end, Workers::Order::kNext).ok()) end();
  }

  template <class Response>
  static void Take(UnaryCall* call, absl::StatusOr<Response> result, Response* response) {
    *response = *std::move(result);
    Describe(*response, &call->rpc());
  }

  // What the log says of an answer, for those that have it.
  template <class Response>
  static void Describe(const Response& response, Rpc* rpc) {
    LogLine* const line = &rpc->details();
    if constexpr (requires {
                    { response.record() } -> std::convertible_to<std::string>;
                  }) {
      rpc->NoteRecord(response.record());
    }
    if constexpr (requires { response.record().id(); }) rpc->NoteRecord(response.record().id());
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
