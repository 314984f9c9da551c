#include "service/base/executor.h"

#include "boost/asio/post.hpp"

namespace colophon {

Loop::Loop(int index)
    : index_(index), work_(context_.get_executor()), thread_([this] { context_.run(); }) {}

Loop::~Loop() { Stop(); }

void Loop::Post(std::function<void()> run) { boost::asio::post(context_, std::move(run)); }

void Loop::Stop() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

Executor::Executor(int loop_count) {
  for (int i = 0; i < loop_count; ++i) loops_.push_back(std::make_unique<Loop>(i));
}

Loop& Executor::Next() {
  return *loops_[next_.fetch_add(1, std::memory_order_relaxed) % loops_.size()];
}

void Executor::Stop() {
  for (auto& loop : loops_) loop->Stop();
}

}  // namespace colophon
