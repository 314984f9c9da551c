#pragma once

#include "colophon/v1/record.grpc.pb.h"
#include "service/completion/records.h"
#include "service/rpc/raw_service.h"

namespace colophon {

// Thread-safe.
class RecordService final : public RawService {
 public:
  RecordService(Records* records, Adapter* adapter, int64_t max_message_bytes);

  void GetRecord(UnaryCall* call, v1::GetRecordRequest* request, v1::GetRecordResponse* response);
  void ListRecords(UnaryCall* call, v1::ListRecordsRequest* request,
                   v1::ListRecordsResponse* response);
  void FindRecords(UnaryCall* call, v1::FindRecordsRequest* request,
                   v1::FindRecordsResponse* response);
  void CreateRecord(UnaryCall* call, v1::CreateRecordRequest* request,
                    v1::CreateRecordResponse* response);

 private:
  Records* const records_;
};

}  // namespace colophon
