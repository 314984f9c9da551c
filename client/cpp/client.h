#pragma once

// Colophon's API for C++. See also cached_resolver.h, for apps that resolve
// prompts on every request.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "client/cpp/options.h"
#include "client/cpp/stream.h"
#include "colophon/v1/admin.pb.h"
#include "colophon/v1/completion.pb.h"
#include "colophon/v1/record.pb.h"
#include "colophon/v1/registry.pb.h"
#include "service/base/status.h"

namespace colophon {

// Private: connection.h.
class Connection;

// One method for each RPC. An answer is the response or a status with the
// server's reason (ReasonOf), facts (MetadataOf) and time to wait
// (RetryDelayOf). Requests are not checked here: the server is the judge.
//
// Calls that change nothing, and changes that carry a request id (one is
// filled in where it is empty), are repeated when the server can't be reached
// or asks to wait. Completions never are: the model may have been paid for.
//
// A value: copies share one connection, which is made when it is first needed
// and made again when it breaks. Thread-safe. Calls block.
class Client {
 public:
  explicit Client(ClientOptions options = {});

  const ClientOptions& options() const;

  // Waits until there is a connection to the server, at most so long; true when
  // there is one. A broken connection is made again only while somebody waits
  // for it, in a call or here.
  bool WaitForConnection(absl::Duration timeout) const;

  // --- RegistryService
  absl::StatusOr<v1::CreateRepositoryResponse> CreateRepository(
      const v1::CreateRepositoryRequest& request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListRepositoriesResponse> ListRepositories(
      const v1::ListRepositoriesRequest& request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::PublishResponse> Publish(const v1::PublishRequest& request,
                                              const CallOptions& options = {}) const;
  absl::StatusOr<v1::GetFilesResponse> GetFiles(const v1::GetFilesRequest& request,
                                                const CallOptions& options = {}) const;
  absl::StatusOr<v1::SearchFilesResponse> SearchFiles(const v1::SearchFilesRequest& request,
                                                      const CallOptions& options = {}) const;
  absl::StatusOr<v1::GetPromptResponse> GetPrompt(const v1::GetPromptRequest& request,
                                                  const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListPromptsResponse> ListPrompts(const v1::ListPromptsRequest& request,
                                                      const CallOptions& options = {}) const;
  absl::StatusOr<v1::GetVersionResponse> GetVersion(const v1::GetVersionRequest& request,
                                                    const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListVersionsResponse> ListVersions(const v1::ListVersionsRequest& request,
                                                        const CallOptions& options = {}) const;
  absl::StatusOr<v1::DiffVersionsResponse> DiffVersions(const v1::DiffVersionsRequest& request,
                                                        const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListLabelsResponse> ListLabels(const v1::ListLabelsRequest& request,
                                                    const CallOptions& options = {}) const;
  absl::StatusOr<v1::UpdateLabelResponse> UpdateLabel(const v1::UpdateLabelRequest& request,
                                                      const CallOptions& options = {}) const;
  absl::StatusOr<v1::DeleteLabelResponse> DeleteLabel(const v1::DeleteLabelRequest& request,
                                                      const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListDraftsResponse> ListDrafts(const v1::ListDraftsRequest& request,
                                                    const CallOptions& options = {}) const;
  absl::StatusOr<v1::DeleteDraftResponse> DeleteDraft(const v1::DeleteDraftRequest& request,
                                                      const CallOptions& options = {}) const;
  // See also change_pages.h.
  absl::StatusOr<v1::GetChangeResponse> GetChange(const v1::GetChangeRequest& request,
                                                  const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListChangesResponse> ListChanges(const v1::ListChangesRequest& request,
                                                      const CallOptions& options = {}) const;
  // Runs until it is cancelled; without a timeout it has no deadline.
  Stream<v1::WatchChangesResponse> WatchChanges(const v1::WatchChangesRequest& request,
                                                const CallOptions& options = {}) const;

  // --- CompletionService
  absl::StatusOr<v1::RenderResponse> Render(const v1::RenderRequest& request,
                                            const CallOptions& options = {}) const;
  absl::StatusOr<v1::CompleteResponse> Complete(const v1::CompleteRequest& request,
                                                const CallOptions& options = {}) const;
  Stream<v1::StreamCompleteResponse> StreamComplete(const v1::StreamCompleteRequest& request,
                                                    const CallOptions& options = {}) const;

  // --- RecordService
  absl::StatusOr<v1::GetRecordResponse> GetRecord(const v1::GetRecordRequest& request,
                                                  const CallOptions& options = {}) const;
  absl::StatusOr<v1::SummarizeRecordsResponse> SummarizeRecords(
      const v1::SummarizeRecordsRequest& request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListRecordsResponse> ListRecords(const v1::ListRecordsRequest& request,
                                                      const CallOptions& options = {}) const;
  absl::StatusOr<v1::FindRecordsResponse> FindRecords(const v1::FindRecordsRequest& request,
                                                      const CallOptions& options = {}) const;
  absl::StatusOr<v1::CreateRecordResponse> CreateRecord(const v1::CreateRecordRequest& request,
                                                        const CallOptions& options = {}) const;
  absl::StatusOr<v1::ScoreRecordResponse> ScoreRecord(const v1::ScoreRecordRequest& request,
                                                      const CallOptions& options = {}) const;
  // Without a timeout it has no deadline.
  Stream<v1::ExportRecordsResponse> ExportRecords(const v1::ExportRecordsRequest& request,
                                                  const CallOptions& options = {}) const;

  // --- AdminService
  absl::StatusOr<v1::GetServerInfoResponse> GetServerInfo(const v1::GetServerInfoRequest& request,
                                                          const CallOptions& options = {}) const;
  absl::StatusOr<v1::VerifyStoreResponse> VerifyStore(const v1::VerifyStoreRequest& request,
                                                      const CallOptions& options = {}) const;
  absl::StatusOr<v1::CreateBackupResponse> CreateBackup(const v1::CreateBackupRequest& request,
                                                        const CallOptions& options = {}) const;
  // Is never repeated: its secret is told once.
  absl::StatusOr<v1::CreateKeyResponse> CreateKey(const v1::CreateKeyRequest& request,
                                                  const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListKeysResponse> ListKeys(const v1::ListKeysRequest& request,
                                                const CallOptions& options = {}) const;
  absl::StatusOr<v1::RevokeKeyResponse> RevokeKey(const v1::RevokeKeyRequest& request,
                                                  const CallOptions& options = {}) const;
  absl::StatusOr<v1::GetCallerResponse> GetCaller(const v1::GetCallerRequest& request,
                                                  const CallOptions& options = {}) const;

 private:
  std::shared_ptr<Connection> connection_;
};

}  // namespace colophon
