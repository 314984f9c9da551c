#include "service/rpc/record_service.h"

namespace colophon {

RecordService::RecordService(Records* records, Adapter* adapter, int64_t max_message_bytes)
    : RawService(v1::RecordService::service_full_name(), adapter, max_message_bytes),
      records_(records) {
  AddUnary("GetRecord", &RecordService::GetRecord);
  AddUnary("ListRecords", &RecordService::ListRecords);
  AddUnary("FindRecords", &RecordService::FindRecords);
  AddUnary("CreateRecord", &RecordService::CreateRecord);
}

void RecordService::GetRecord(UnaryCall* call, v1::GetRecordRequest* request,
                              v1::GetRecordResponse* response) {
  adapter()->Block(call, response, [this, request](const CallContext& context) {
    return records_->GetRecord(*request, context);
  });
}

void RecordService::ListRecords(UnaryCall* call, v1::ListRecordsRequest* request,
                                v1::ListRecordsResponse* response) {
  adapter()->Block(call, response, [this, request] { return records_->ListRecords(*request); });
}

void RecordService::FindRecords(UnaryCall* call, v1::FindRecordsRequest* request,
                                v1::FindRecordsResponse* response) {
  adapter()->Block(call, response, [this, request] { return records_->FindRecords(*request); });
}

// Renders again before it writes, which may read the version from disk.
void RecordService::CreateRecord(UnaryCall* call, v1::CreateRecordRequest* request,
                                 v1::CreateRecordResponse* response) {
  adapter()->BlockAndReply(call, response, [this, call, request](auto reply) {
    records_->CreateRecord(request, call->rpc().call(), reply);
  });
}

}  // namespace colophon
