#include "service/http/stored_responses.h"

#include <utility>

#include "colophon/v1/record.pb.h"
#include "fmt/format.h"
#include "service/base/reference.h"
#include "service/http/query.h"
#include "service/shape/openai_response.h"

namespace colophon {
namespace {

constexpr char kGetRecord[] = "colophon.v1.RecordService.GetRecord";

absl::Status CheckQuery(const std::string& target) {
  ASSIGN_OR_RETURN(const auto query, ReadQuery(target));
  for (const auto& [key, value] : query) {
    if (key == "stream" && value == "false") continue;
    return InvalidArgument("UNSUPPORTED",
                           fmt::format("{} can't be taken: a response that is kept is given as a "
                                       "whole, as it is",
                                       Quoted(key)),
                           {{"field", key}});
  }
  return absl::OkStatus();
}

}  // namespace

Task<absl::StatusOr<std::string>> GetResponse(MethodCaller& caller, const std::string& id,
                                              const std::string& target) {
  CO_RETURN_IF_ERROR(CheckQuery(target));
  v1::GetRecordRequest request;
  request.set_id(id);
  v1::GetRecordResponse stored;
  CO_RETURN_IF_ERROR(co_await caller.Call(kGetRecord, request, &stored));
  const auto write = [&] { return shape::WriteStoredResponse(stored); };
  if (stored.ByteSizeLong() <= kLargeBytes) co_return write();
  absl::StatusOr<std::string> written =
      co_await RunOn(*caller.workers(), caller.address(), write, Workers::Order::kNext);
  co_return written;
}

Task<absl::Status> ReadPrevious(MethodCaller& caller, RoutedCall* call) {
  v1::GetRecordRequest request;
  request.set_id(call->shape->previous_record());
  if (request.id().empty()) co_return absl::OkStatus();
  request.set_rendered(true);
  v1::GetRecordResponse previous;
  absl::Status read = co_await caller.Call(kGetRecord, request, &previous);
  if (!read.ok()) {
    ErrorMetadata metadata = MetadataOf(read);
    metadata["field"] = "previous_response_id";
    co_return Error(read.code(), ReasonOf(read),
                    fmt::format("previous_response_id: {}", MessageOf(read)), std::move(metadata));
  }
  call->options.request_bytes += previous.ByteSizeLong();
  call->shape->SetPrevious(std::move(previous));
  co_return absl::OkStatus();
}

}  // namespace colophon
