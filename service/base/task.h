#pragma once

// Coroutines: boost::asio::awaitable, under the name the project uses.
//
// A Task runs on one Loop from beginning to end, so what it touches needs no
// lock. It never blocks; where it waits it holds memory and no thread.

#include <exception>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include "boost/asio/async_result.hpp"
#include "boost/asio/awaitable.hpp"
#include "boost/asio/co_spawn.hpp"
#include "boost/asio/post.hpp"
#include "boost/asio/this_coro.hpp"
#include "boost/asio/use_awaitable.hpp"
#include "service/base/status.h"
#include "service/base/workers.h"

namespace colophon {

template <class T>
using Task = boost::asio::awaitable<T>;

// Waits for a callback: calls `start` with a function that is to be called once
// with the result, from any thread, and resumes on the caller's Loop.
//
//   absl::Status status = co_await Await<absl::Status>(
//       [&](auto done) { store->Append(..., std::move(done)); });
//
// `done` is copyable, so it fits std::function.
template <class T, class Start>
Task<T> Await(Start start) {
  auto executor = co_await boost::asio::this_coro::executor;
  co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(T)>(
      [&start, executor](auto handler) {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        start([shared, executor](T result) {
          boost::asio::post(executor, [shared, result = std::move(result)]() mutable {
            (*shared)(std::move(result));
          });
        });
      },
      boost::asio::use_awaitable);
}

// INTERNAL, for what a piece of work ended with when a library threw in it.
// `what` it was doing: "watching".
absl::Status StatusOfException(std::string_view what, const std::exception_ptr& exception);

// What `answer()` returns, a Status or a StatusOr, or INTERNAL when it throws.
template <class Answer>
std::invoke_result_t<Answer&> AnswerOf(Answer& answer) {
  try {
    return answer();
  } catch (...) {
    return StatusOfException("the work", std::current_exception());
  }
}

// Runs `answer()`, which may block or take long, on one of the workers in the
// share of `who`, and resumes on the caller's Loop with the Status or StatusOr
// that it returned, or with what Workers::Run refused it with.
//
//   absl::StatusOr<Version> version =
//       co_await RunOn(workers, caller, [&] { return Read(name); });
template <class Answer>
Task<std::invoke_result_t<Answer&>> RunOn(Workers& workers, std::string_view who, Answer answer,
                                          Workers::Order order = Workers::Order::kLast) {
  using Result = std::invoke_result_t<Answer&>;
  co_return co_await Await<Result>([&](auto done) {
    absl::Status queued = workers.Run(
        who, [&answer, done] { done(AnswerOf(answer)); }, order);
    if (!queued.ok()) done(std::move(queued));
  });
}

}  // namespace colophon

// RETURN_IF_ERROR and ASSIGN_OR_RETURN for Tasks.
#define CO_RETURN_IF_ERROR(expression)                        \
  do {                                                        \
    if (absl::Status status_ = (expression); !status_.ok()) { \
      co_return status_;                                      \
    }                                                         \
  } while (false)

#define CO_ASSIGN_OR_RETURN(declaration, expression) \
  CO_ASSIGN_OR_RETURN_INNER(COLOPHON_CONCAT(result_, __LINE__), declaration, expression)
#define CO_ASSIGN_OR_RETURN_INNER(result, declaration, expression) \
  auto result = (expression);                                      \
  if (!result.ok()) co_return result.status();                     \
  declaration = *std::move(result)
