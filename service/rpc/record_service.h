#pragma once

#include "colophon/v1/record.grpc.pb.h"
#include "service/completion/records.h"
#include "service/rpc/adapter.h"

namespace colophon {

// Thread-safe.
class RecordService final : public v1::RecordService::CallbackService {
 public:
  RecordService(Records* records, Adapter* adapter) : records_(records), adapter_(adapter) {}

  grpc::ServerUnaryReactor* GetRecord(grpc::CallbackServerContext* context,
                                      const v1::GetRecordRequest* request,
                                      v1::GetRecordResponse* response) override;
  grpc::ServerUnaryReactor* ListRecords(grpc::CallbackServerContext* context,
                                        const v1::ListRecordsRequest* request,
                                        v1::ListRecordsResponse* response) override;
  grpc::ServerUnaryReactor* FindRecords(grpc::CallbackServerContext* context,
                                        const v1::FindRecordsRequest* request,
                                        v1::FindRecordsResponse* response) override;
  grpc::ServerUnaryReactor* CreateRecord(grpc::CallbackServerContext* context,
                                         const v1::CreateRecordRequest* request,
                                         v1::CreateRecordResponse* response) override;

 private:
  Records* const records_;
  Adapter* const adapter_;
};

}  // namespace colophon
