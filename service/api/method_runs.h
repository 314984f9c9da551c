#pragma once

// The ways a method runs (Method::run), each made of a function of the core.

#include <concepts>
#include <memory>
#include <string>
#include <utility>

#include "service/api/served_call.h"
#include "service/base/task.h"
#include "service/base/workers.h"

namespace colophon {

// What the log says of an answer, for those that have it.
template <class Response>
void Describe(const Response& response, ServedCall* call) {
  if constexpr (requires {
                  { response.record() } -> std::convertible_to<std::string>;
                }) {
    call->NoteRecord(response.record());
  }
  if constexpr (requires { response.record().id(); }) call->NoteRecord(response.record().id());
  if constexpr (requires {
                  { response.version() } -> std::convertible_to<std::string>;
                  response.commit();
                }) {
    call->details().Add("version", response.version());
  }
  if constexpr (requires { response.change().sequence(); }) {
    if (response.has_change()) {
      call->details().Add("repository", response.change().repository());
      call->details().Add("sequence", response.change().sequence());
    }
  }
}

template <class Response>
void EndWith(ServedCall* call, absl::StatusOr<Response> response) {
  if (!response.ok()) return call->End(response.status());
  if constexpr (std::is_same_v<Response, Answer>) {
    call->End(*std::move(response));
  } else {
    Describe(*response, call);
    call->End(Answer(*std::move(response)));
  }
}

// On a worker, for what may block for a disk read or take more than a millisecond:
// `answer(Request*, const Call&)` gives a StatusOr of a response.
template <class Request, class Function>
auto OnWorker(Workers* workers, Function answer) {
  return [workers, answer](const std::shared_ptr<ServedCall>& call) {
    absl::Status queued = workers->Run(call->call().caller, [call, answer] {
      if (absl::Status vain = call->IsInVain(); !vain.ok()) return call->End(vain);
      const auto of_call = [&] {
        return answer(static_cast<Request*>(call->request()), call->call());
      };
      EndWith(call.get(), AnswerOf(of_call));
    });
    if (!queued.ok()) call->End(queued);
  };
}

// From wherever the core answers: `start(Request*, call, reply)` doesn't block, and
// `reply` takes a StatusOr<Response>. A large answer is made ready to send on a worker;
// when none is free, there.
template <class Request, class Response, class Function>
auto Later(Workers* workers, Function start) {
  return [workers, start](const std::shared_ptr<ServedCall>& call) {
    start(static_cast<Request*>(call->request()), call,
          [workers, call](absl::StatusOr<Response> response) {
            if (!response.ok() || response->ByteSizeLong() <= kLargeBytes) {
              return EndWith(call.get(), std::move(response));
            }
            auto shared = std::make_shared<absl::StatusOr<Response>>(std::move(response));
            const auto end = [call, shared] { EndWith(call.get(), std::move(*shared)); };
            if (!workers->Run(call->call().caller, end, Workers::Order::kNext).ok()) end();
          });
  };
}

// The same for one that may block before it answers from elsewhere.
template <class Request, class Response, class Function>
auto LaterFromWorker(Workers* workers, Function start) {
  const auto later = Later<Request, Response>(workers, start);
  return [workers, later](const std::shared_ptr<ServedCall>& call) {
    absl::Status queued = workers->Run(call->call().caller, [call, later] {
      if (absl::Status vain = call->IsInVain(); !vain.ok()) return call->End(vain);
      later(call);
    });
    if (!queued.ok()) call->End(queued);
  };
}

}  // namespace colophon
