#include "service/api/completion_stream.h"

#include <functional>
#include <utility>

#include "service/api/method_runs.h"

namespace colophon {
namespace {

// The caller, as the completer sees it.
class CallSink final : public MessageSink {
 public:
  explicit CallSink(std::shared_ptr<ServedCall> call) : call_(std::move(call)) {}

  void Write(v1::StreamCompleteResponse message, std::function<void(bool)> written) override {
    if (message.has_start()) call_->NoteRecord(message.start().record());
    call_->Write(Answer(std::move(message)), std::move(written));
  }

 private:
  const std::shared_ptr<ServedCall> call_;
};

}  // namespace

void StreamCompletion(Completer* completer, const std::shared_ptr<ServedCall>& call) {
  auto* const request = static_cast<v1::StreamCompleteRequest*>(call->request());
  const std::shared_ptr<OpenCall> open = completer->Start(
      call->call_with_time_left(), std::move(*request->mutable_call()),
      std::make_shared<CallSink>(call), [call](absl::StatusOr<v1::CompleteResponse> response) {
        if (!response.ok()) return call->End(response.status());
        Describe(*response, call.get());
        v1::StreamCompleteResponse last;
        *last.mutable_response() = *std::move(response);
        call->End(Answer(std::move(last)));
      });
  call->set_on_gone([open] { open->Cancel(); });
}

}  // namespace colophon
