#include "service/api/export_stream.h"

#include <utility>

namespace colophon {
namespace {

// One call's. Held by what is under way: a step that waits for a worker, a message that is
// being sent.
class ExportStream : public std::enable_shared_from_this<ExportStream> {
 public:
  ExportStream(Records* records, Workers* workers, std::shared_ptr<ServedCall> call)
      : records_(records),
        workers_(workers),
        call_(std::move(call)),
        request_(*static_cast<v1::ExportRecordsRequest*>(call_->request())) {}

  void Step() {
    absl::Status queued =
        workers_->Run(call_->call().caller, [self = shared_from_this()] { self->Read(); });
    if (!queued.ok()) call_->End(queued);
  }

 private:
  void Read() {
    if (absl::Status vain = call_->IsInVain(); !vain.ok()) return call_->End(vain);
    const auto read = [this] { return records_->ExportRecords(request_, call_->call()); };
    absl::StatusOr<v1::ExportRecordsResponse> response = AnswerOf(read);
    if (!response.ok()) return call_->End(response.status());
    request_.set_resume_token(response->resume_token());
    if (request_.resume_token().empty()) return call_->End(Answer(*std::move(response)));
    call_->Write(Answer(*std::move(response)), [self = shared_from_this()](bool taken) {
      if (taken) return self->Step();
      self->call_->End(Error(absl::StatusCode::kCancelled, "CANCELLED", "the caller went away"));
    });
  }

  Records* const records_;
  Workers* const workers_;
  const std::shared_ptr<ServedCall> call_;
  v1::ExportRecordsRequest& request_;
};

}  // namespace

void StreamExport(Records* records, Workers* workers, const std::shared_ptr<ServedCall>& call) {
  std::make_shared<ExportStream>(records, workers, call)->Step();
}

}  // namespace colophon
