#include "tests/bench/stream_load.h"

#include <chrono>

#include "fmt/format.h"
#include "tests/bench/load.h"
#include "tests/bench/upstream_text.h"

namespace colophon::bench {
namespace {

constexpr int kChannels = 4;
constexpr std::chrono::minutes kStreamLimit{10};

}  // namespace

// One stream, read to its end.
class StreamReader : public grpc::ClientReadReactor<v1::StreamCompleteResponse> {
 public:
  StreamReader(StreamLoad* load, std::string marker) : load_(load), marker_(std::move(marker)) {}

  void Start(v1::CompletionService::Stub* stub, const std::string& name) {
    v1::CompleteRequest* call = request_.mutable_call();
    call->set_name(name);
    (*call->mutable_variables()->mutable_fields())["text"].set_string_value(marker_);
    context_.set_deadline(std::chrono::system_clock::now() + kStreamLimit);
    stub->async()->StreamComplete(&context_, &request_, this);
    StartRead(&message_);
    StartCall();
  }
  void Cancel() { context_.TryCancel(); }
  const std::string& record_id() const { return record_id_; }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    switch (message_.event_case()) {
      case v1::StreamCompleteResponse::kStart:
        record_id_ = message_.start().record();
        break;
      case v1::StreamCompleteResponse::kPiece:
        if (text_.empty()) load_->OnFirstPiece();
        text_ += message_.piece().text();
        break;
      case v1::StreamCompleteResponse::kResponse:
        response_ = message_.response();
        break;
      case v1::StreamCompleteResponse::EVENT_NOT_SET:
        break;
    }
    StartRead(&message_);
  }

  void OnDone(const grpc::Status& status) override { load_->OnEnd(Check(status)); }

 private:
  absl::Status Check(const grpc::Status& status) const {
    if (!status.ok()) {
      return Unavailable("STREAM_FAILED", fmt::format("{}: {}", marker_, status.error_message()));
    }
    const std::string expected = TextOf(marker_);
    const v1::Message& message = response_.completion().message();
    if (text_ != expected || message.parts().empty() || message.parts(0).text() != expected) {
      return Internal(fmt::format("{} said \"{}\" in pieces and \"{}\" as a whole", marker_, text_,
                                  message.ShortDebugString()));
    }
    if (record_id_.empty() || response_.record() != record_id_) {
      return Internal(fmt::format("{} began as record \"{}\" and ended as \"{}\"", marker_,
                                  record_id_, response_.record()));
    }
    return absl::OkStatus();
  }

  StreamLoad* const load_;
  const std::string marker_;
  grpc::ClientContext context_;
  v1::StreamCompleteRequest request_;
  v1::StreamCompleteResponse message_;
  v1::CompleteResponse response_;
  std::string record_id_;
  std::string text_;
};

StreamLoad::StreamLoad(const std::string& address, const std::string& name, int count) {
  for (int i = 0; i < kChannels; ++i) {
    stubs_.push_back(v1::CompletionService::NewStub(OpenChannel(address)));
  }
  for (int i = 0; i < count; ++i) {
    readers_.push_back(std::make_unique<StreamReader>(this, MarkerOf(i)));
  }
  for (int i = 0; i < count; ++i) {
    readers_[static_cast<size_t>(i)]->Start(stubs_[static_cast<size_t>(i % kChannels)].get(), name);
  }
}

StreamLoad::~StreamLoad() {
  for (const auto& reader : readers_) reader->Cancel();
  // Cancelled, every stream ends, and none may outlive this.
  std::unique_lock lock(mu_);
  changed_.wait(lock, [this] { return ends_ == static_cast<int>(readers_.size()); });
}

std::string StreamLoad::MarkerOf(int stream) {
  return fmt::format("{}{:06}", kMarkerPrefix, stream);
}

absl::Status StreamLoad::WaitForFirstPieces(absl::Duration limit) {
  std::unique_lock lock(mu_);
  const int count = static_cast<int>(readers_.size());
  const bool all = changed_.wait_for(lock, absl::ToChronoNanoseconds(limit),
                                     [&] { return first_pieces_ == count || ends_ > 0; });
  RETURN_IF_ERROR(failure_);
  if (all && ends_ == 0) return absl::OkStatus();
  return Unavailable("STREAMS_SLOW", fmt::format("{} of {} streams had a piece and {} had ended",
                                                 first_pieces_, count, ends_));
}

absl::Status StreamLoad::WaitForEnds(absl::Duration limit) {
  std::unique_lock lock(mu_);
  const int count = static_cast<int>(readers_.size());
  const bool all =
      changed_.wait_for(lock, absl::ToChronoNanoseconds(limit), [&] { return ends_ == count; });
  RETURN_IF_ERROR(failure_);
  if (all) return absl::OkStatus();
  return Unavailable("STREAMS_SLOW", fmt::format("{} of {} streams had ended", ends_, count));
}

std::vector<std::string> StreamLoad::record_ids() const {
  std::vector<std::string> ids;
  for (const auto& reader : readers_) ids.push_back(reader->record_id());
  return ids;
}

void StreamLoad::OnFirstPiece() {
  std::lock_guard lock(mu_);
  ++first_pieces_;
  changed_.notify_all();
}

void StreamLoad::OnEnd(const absl::Status& status) {
  std::lock_guard lock(mu_);
  ++ends_;
  failure_.Update(status);
  changed_.notify_all();
}

}  // namespace colophon::bench
