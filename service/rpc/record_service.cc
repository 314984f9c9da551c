#include "service/rpc/record_service.h"

namespace colophon {

grpc::ServerUnaryReactor* RecordService::GetRecord(grpc::CallbackServerContext* context,
                                                   const v1::GetRecordRequest* request,
                                                   v1::GetRecordResponse* response) {
  return adapter_->Block("GetRecord", context, response, [this, request](const CallContext& call) {
    return records_->GetRecord(*request, call);
  });
}

grpc::ServerUnaryReactor* RecordService::ListRecords(grpc::CallbackServerContext* context,
                                                     const v1::ListRecordsRequest* request,
                                                     v1::ListRecordsResponse* response) {
  return adapter_->Block("ListRecords", context, response,
                         [this, request] { return records_->ListRecords(*request); });
}

grpc::ServerUnaryReactor* RecordService::FindRecords(grpc::CallbackServerContext* context,
                                                     const v1::FindRecordsRequest* request,
                                                     v1::FindRecordsResponse* response) {
  return adapter_->Block("FindRecords", context, response,
                         [this, request] { return records_->FindRecords(*request); });
}

// Renders again before it writes, which may read the version from disk.
grpc::ServerUnaryReactor* RecordService::CreateRecord(grpc::CallbackServerContext* context,
                                                      const v1::CreateRecordRequest* request,
                                                      v1::CreateRecordResponse* response) {
  return adapter_->BlockAndReply("CreateRecord", context, response,
                                 [this, request](UnaryCall* call, auto reply) {
                                   records_->CreateRecord(*request, call->rpc().call(), reply);
                                 });
}

}  // namespace colophon
