#include "service/shape/openai_responses.h"

#include <optional>
#include <string>
#include <utility>

#include "service/shape/answer.h"
#include "service/shape/error_body.h"
#include "service/shape/fields.h"
#include "service/shape/openai_response.h"
#include "service/shape/openai_response_stream.h"

namespace colophon::shape {
namespace {

class OpenAiResponses final : public Shape {
 public:
  OpenAiResponses(Request request, bool is_stream, std::string previous_id)
      : request_(std::move(request)),
        is_stream_(is_stream),
        previous_id_(std::move(previous_id)),
        echo_(EchoOf(request_.body)),
        items_(&events_) {}

  bool is_stream() const override { return is_stream_; }
  std::string previous_record() const override { return previous_id_; }
  void SetPrevious(v1::GetRecordResponse previous) override { previous_ = std::move(previous); }

  absl::Status Read(v1::CompleteRequest* call) override {
    absl::Status read = ReadResponsesRequest(request_, previous_ ? &*previous_ : nullptr, call);
    request_ = {};
    previous_.reset();
    return read;
  }

  std::string WriteAnswer(const v1::CompleteResponse& response) override {
    const v1::Completion& completion = response.completion();
    json::object answer = NewResponse(response.record(), response.version(), echo_);
    EndResponse(completion,
                OutputOf(response.record(), completion.message(),
                         ResponseStatusOf(completion.stop_reason())),
                &answer);
    answer["colophon"] = Colophon(response);
    return WriteJson(answer);
  }

  // With the first piece, so that a call that fails before it fails as a whole.
  std::string WriteStart(const v1::StreamStart& start) override {
    response_ = NewResponse(start.record(), start.version(), echo_);
    items_.SetRecord(start.record());
    return "";
  }

  std::string WritePiece(const v1::Piece& piece) override {
    if (!HasEvents(piece)) return "";
    std::string events = Begin();
    return events + items_.Add(piece);
  }

  std::string WriteLast(const v1::CompleteResponse& response) override {
    const v1::Completion& completion = response.completion();
    const std::string_view status = ResponseStatusOf(completion.stop_reason());
    std::string events = Begin();
    events += items_.Finish(status);
    EndResponse(completion, items_.Output(), &response_);
    response_["colophon"] = Colophon(response);
    const bool is_whole = status == "completed";
    return events + Response(is_whole ? "response.completed" : "response.incomplete");
  }

  // A response failed when its record says so; else it isn't known what became of it.
  std::string WriteFailure(const absl::Status& status) override {
    std::string events = Begin();
    const ErrorMetadata metadata = MetadataOf(status);
    if (metadata.contains("record")) {
      FailResponse(ReasonOf(status), MessageOf(status), items_.Output(), &response_);
      return events + Response("response.failed");
    }
    return events + events_.Write("error", {{"code", ReasonOf(status)},
                                            {"message", MessageOf(status)},
                                            {"param", nullptr}});
  }

 private:
  static bool HasEvents(const v1::Piece& piece) {
    return piece.has_text() || piece.has_reasoning() || piece.has_tool_request();
  }

  std::string Begin() {
    if (std::exchange(has_begun_, true)) return "";
    std::string events = Response("response.created");
    return events + Response("response.in_progress");
  }

  std::string Response(const char* type) { return events_.Write(type, {{"response", response_}}); }

  Request request_;
  const bool is_stream_;
  const std::string previous_id_;
  const json::object echo_;
  std::optional<v1::GetRecordResponse> previous_;
  json::object response_;  // Of a stream, as it is so far.
  ResponseEvents events_;
  ResponseItems items_;
  bool has_begun_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Shape>> NewOpenAiResponses(Request request) {
  Fields body(request.body, "");
  ASSIGN_OR_RETURN(const std::optional<bool> is_stream, body.Flag("stream"));
  ASSIGN_OR_RETURN(const json::object* const given, body.Object("stream_options"));
  if (given != nullptr) {
    Fields options(*given, "stream_options");
    RETURN_IF_ERROR(options.Refuse("include_obfuscation", "pieces go out as they are", false));
    RETURN_IF_ERROR(options.Finish());
  }
  ASSIGN_OR_RETURN(std::string previous, body.Text("previous_response_id"));
  return std::make_unique<OpenAiResponses>(std::move(request), is_stream.value_or(false),
                                           std::move(previous));
}

}  // namespace colophon::shape
