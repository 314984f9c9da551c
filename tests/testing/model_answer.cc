#include "tests/testing/model_answer.h"

#include <algorithm>
#include <utility>

namespace colophon {

void ModelGate::Open() {
  std::vector<std::function<void()>> waiting;
  {
    std::lock_guard lock(mu_);
    open_ = true;
    waiting.swap(waiting_);
  }
  for (const auto& opened : waiting) opened();
}

bool ModelGate::is_open() const {
  std::lock_guard lock(mu_);
  return open_;
}

void ModelGate::OnOpen(std::function<void()> opened) {
  {
    std::lock_guard lock(mu_);
    if (!open_) {
      waiting_.push_back(std::move(opened));
      return;
    }
  }
  opened();
}

ModelAnswer& ModelAnswer::Send(std::string bytes) { return Repeat(std::move(bytes), 1); }

ModelAnswer& ModelAnswer::SendInPieces(std::string_view bytes, size_t piece_bytes) {
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece_bytes, bytes.size()))) {
    Send(std::string(bytes.substr(0, piece_bytes)));
  }
  return *this;
}

ModelAnswer& ModelAnswer::Repeat(std::string bytes, int64_t times) {
  steps_.push_back(
      {.kind = Step::Kind::kSend, .bytes = std::move(bytes), .times = times, .gate = {}});
  return *this;
}

ModelAnswer& ModelAnswer::WaitFor(std::shared_ptr<ModelGate> gate) {
  steps_.push_back({.kind = Step::Kind::kWait, .bytes = {}, .gate = std::move(gate)});
  return *this;
}

ModelAnswer& ModelAnswer::WaitFor(std::chrono::milliseconds time) {
  steps_.push_back({.kind = Step::Kind::kPause, .bytes = {}, .gate = {}, .time = time});
  return *this;
}

ModelAnswer& ModelAnswer::WaitForBytes() {
  steps_.push_back({.kind = Step::Kind::kWaitForBytes, .bytes = {}, .gate = {}});
  return *this;
}

ModelAnswer& ModelAnswer::Hang() {
  steps_.push_back({.kind = Step::Kind::kHang, .bytes = {}, .gate = {}});
  return *this;
}

ModelAnswer& ModelAnswer::Close() {
  steps_.push_back({.kind = Step::Kind::kClose, .bytes = {}, .gate = {}});
  return *this;
}

ModelAnswer& ModelAnswer::Reset() {
  steps_.push_back({.kind = Step::Kind::kReset, .bytes = {}, .gate = {}});
  return *this;
}

ModelAnswer ModelAnswer::CutAfter(size_t bytes, Break how) const {
  ModelAnswer cut;
  for (const Step& step : steps_) {
    if (step.kind == Step::Kind::kSend && step.bytes.size() > bytes) {
      if (bytes > 0) cut.Send(step.bytes.substr(0, bytes));
      break;
    }
    bytes -= step.bytes.size();
    cut.steps_.push_back(step);
  }
  return how == Break::kClose ? cut.Close() : how == Break::kReset ? cut.Reset() : cut.Hang();
}

size_t ModelAnswer::byte_count() const {
  size_t count = 0;
  for (const Step& step : steps_) count += step.bytes.size();
  return count;
}

}  // namespace colophon
