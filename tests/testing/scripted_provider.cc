#include "tests/testing/scripted_provider.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "service/template/render/canonical.h"
#include "service/template/render/renderer.h"

namespace colophon {
namespace {

class ScriptedCall : public ProviderCall {
 public:
  explicit ScriptedCall(Script script) : script_(std::move(script)) {
    metadata_.set_provider_model("scripted-1");
    metadata_.set_provider_id("call-1");
  }

  Task<absl::StatusOr<std::optional<v1::Piece>>> Next() override {
    while (true) {
      if (state_->cancelled) co_return Cancelled();
      if (next_ == script_.size()) {
        metadata_.set_stop_reason(v1::STOP_REASON_END);
        metadata_.mutable_usage()->set_output_tokens(static_cast<int64_t>(script_.size()));
        co_return std::optional<v1::Piece>();
      }
      Step step = script_[next_++];
      if (!step.error.ok()) co_return step.error;
      if (step.gate != nullptr) {
        co_await PassGate(step.gate);
        continue;
      }
      v1::Piece piece;
      piece.set_text(step.text);
      co_return std::optional<v1::Piece>(std::move(piece));
    }
  }

  void Cancel() override {
    state_->cancelled = true;
    if (state_->stop_waiting) state_->stop_waiting();
  }

  const v1::Completion& metadata() const override { return metadata_; }

 private:
  // Outlives the call, because the gate may open later.
  struct State {
    bool cancelled = false;  // On the loop only.
    std::function<void()> stop_waiting;
  };

  static absl::Status Cancelled() {
    return Error(absl::StatusCode::kCancelled, "CANCELLED", "the call was cancelled");
  }

  Task<void> PassGate(std::shared_ptr<Gate> gate) {
    co_await Await<bool>([&](auto done) {
      auto called = std::make_shared<std::once_flag>();
      auto pass = [called, done] { std::call_once(*called, [&] { done(true); }); };
      state_->stop_waiting = pass;
      gate->Arrive(pass);
    });
    state_->stop_waiting = nullptr;
  }

  const Script script_;
  size_t next_ = 0;
  v1::Completion metadata_;
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace

void Gate::Open() {
  std::vector<std::function<void()>> waiting;
  {
    std::lock_guard lock(mu_);
    open_ = true;
    waiting.swap(waiting_);
  }
  for (auto& pass : waiting) pass();
}

bool Gate::WaitForArrivals(int count) {
  std::unique_lock lock(mu_);
  return arrived_.wait_for(lock, std::chrono::seconds(30), [&] { return arrivals_ >= count; });
}

void Gate::Arrive(std::function<void()> pass) {
  {
    std::lock_guard lock(mu_);
    ++arrivals_;
    arrived_.notify_all();
    if (!open_) {
      waiting_.push_back(std::move(pass));
      return;
    }
  }
  pass();
}

Script Says(const std::vector<std::string>& pieces) {
  Script script;
  for (const std::string& piece : pieces) script.push_back({piece, nullptr, absl::OkStatus()});
  return script;
}

Script Fails(absl::Status error) { return {{"", nullptr, std::move(error)}}; }

ScriptedProvider::ScriptedProvider(std::vector<Script> scripts) : scripts_(std::move(scripts)) {}

absl::StatusOr<std::string> ScriptedProvider::Encode(const v1::Rendered& rendered,
                                                     std::string_view model, bool stream) const {
  return std::string(model) + (stream ? " streamed " : " ") + render::CanonicalRendered(rendered);
}

std::unique_ptr<ProviderCall> ScriptedProvider::Start(Loop&, ProviderRequest request) {
  Script script;
  std::function<void(const ProviderRequest&)> on_start;
  {
    std::lock_guard lock(mu_);
    script = scripts_[std::min(bodies_.size(), scripts_.size() - 1)];
    bodies_.push_back(request.body);
    on_start = on_start_;
  }
  if (on_start) on_start(request);
  return std::make_unique<ScriptedCall>(std::move(script));
}

int ScriptedProvider::call_count() const {
  std::lock_guard lock(mu_);
  return static_cast<int>(bodies_.size());
}

std::vector<std::string> ScriptedProvider::bodies() const {
  std::lock_guard lock(mu_);
  return bodies_;
}

void ScriptedProvider::set_on_start(std::function<void(const ProviderRequest&)> on_start) {
  std::lock_guard lock(mu_);
  on_start_ = std::move(on_start);
}

}  // namespace colophon
