#pragma once

#include <functional>

#include "colophon/v1/record.pb.h"
#include "service/completion/completer.h"
#include "service/provider/providers.h"
#include "service/record/queries.h"
#include "service/record/recorder.h"
#include "service/record/text_search.h"
#include "service/registry/registry.h"

namespace colophon {

// The methods of RecordService: what was sent is built again from the version
// and the recorded variables, and must have the recorded digest.
//
// Thread-safe. Methods block for disk reads; CreateRecord and ScoreRecord may answer
// from another thread.
class Records {
 public:
  Records(RecordStore* store, Registry* registry, Providers* providers, Recorder* recorder,
          Clock* clock);

  absl::StatusOr<v1::GetRecordResponse> GetRecord(const v1::GetRecordRequest& request,
                                                  const Call& context);
  absl::StatusOr<v1::ListRecordsResponse> ListRecords(const v1::ListRecordsRequest& request,
                                                      const Call& call);
  absl::StatusOr<v1::SummarizeRecordsResponse> SummarizeRecords(
      const v1::SummarizeRecordsRequest& request, const Call& call);
  absl::StatusOr<v1::FindRecordsResponse> FindRecords(const v1::FindRecordsRequest& request,
                                                      const Call& call);
  // What the request holds may be taken from it.
  void CreateRecord(v1::CreateRecordRequest* request, const Call& context,
                    Reply<v1::CreateRecordResponse> reply);
  void ScoreRecord(const v1::ScoreRecordRequest& request, const Call& call,
                   Reply<v1::ScoreRecordResponse> reply);
  // One step of an export: what one call may read at once, from `resume_token` on.
  absl::StatusOr<v1::ExportRecordsResponse> ExportRecords(const v1::ExportRecordsRequest& request,
                                                          const Call& call);

 private:
  // By its id, or by the beginning of one (record_ids.h).
  absl::StatusOr<v1::Record> FindRecord(const std::string& given, const Call& call);
  absl::StatusOr<v1::FindRecordsResponse> FindByDigest(const v1::FindRecordsRequest& request);
  absl::StatusOr<v1::FindRecordsResponse> FindByText(const v1::FindRecordsRequest& request);
  absl::StatusOr<v1::Record> MakeRecord(v1::CreateRecordRequest* request, const Call& context);
  // The record that is scored, when all is as it may be.
  absl::StatusOr<v1::Record> FindScored(const v1::ScoreRecordRequest& request, const Call& call);
  // The provider's request body, byte for byte as it was sent. FAILED_PRECONDITION
  // REQUEST_UNREPRODUCIBLE.
  absl::StatusOr<std::string> RequestBody(const v1::Intent& intent,
                                          const v1::Rendered& rendered) const;
  absl::Status AddRawAnswer(int32_t asked, v1::GetRecordResponse* response) const;
  // NOT_FOUND for a name that isn't there and that no call had: a label that was removed and
  // a draft's prompt have records.
  absl::Status CheckNames(const RecordFilter& filter, const Call& call);
  absl::Status CheckDraft(const RecordFilter& filter, const Call& call);

  RecordStore* const store_;
  RecordQueries queries_;
  TextSearch text_search_;
  Registry* const registry_;
  Providers* const providers_;
  Recorder* const recorder_;
  Clock* const clock_;
};

}  // namespace colophon
