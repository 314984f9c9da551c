#include "client/cpp/client.h"

#include <utility>

#include "client/cpp/connection.h"

namespace colophon {

Client::Client(ClientOptions options)
    : connection_(std::make_shared<Connection>(std::move(options))) {}

const ClientOptions& Client::options() const { return connection_->options(); }

bool Client::WaitForConnection(absl::Duration timeout) const {
  return connection_->WaitForConnection(timeout);
}

// A method that is one call and no more.
#define COLOPHON_UNARY(service, method, repeat, limit)                                    \
  absl::StatusOr<v1::method##Response> Client::method(const v1::method##Request& request, \
                                                      const CallOptions& options) const { \
    using Stub = std::decay_t<decltype(connection_->service())>;                          \
    return connection_->Call(connection_->service(), &Stub::method, request, options,     \
                             Repeat::repeat, connection_->options().limit);               \
  }

COLOPHON_UNARY(registry, CreateRepository, kNever, timeout)
COLOPHON_UNARY(registry, ListRepositories, kRead, timeout)
COLOPHON_UNARY(registry, GetFiles, kRead, timeout)
COLOPHON_UNARY(registry, SearchFiles, kRead, timeout)
COLOPHON_UNARY(registry, GetPrompt, kRead, timeout)
COLOPHON_UNARY(registry, ListPrompts, kRead, timeout)
COLOPHON_UNARY(registry, GetVersion, kRead, timeout)
COLOPHON_UNARY(registry, ListVersions, kRead, timeout)
COLOPHON_UNARY(registry, DiffVersions, kRead, timeout)
COLOPHON_UNARY(registry, ListLabels, kRead, timeout)
COLOPHON_UNARY(registry, ListDrafts, kRead, timeout)
COLOPHON_UNARY(registry, GetChange, kRead, timeout)
COLOPHON_UNARY(registry, ListChanges, kRead, timeout)

COLOPHON_UNARY(completion, Render, kRead, timeout)
COLOPHON_UNARY(completion, Complete, kNever, long_timeout)

COLOPHON_UNARY(record, GetRecord, kRead, timeout)
COLOPHON_UNARY(record, ListRecords, kRead, timeout)
COLOPHON_UNARY(record, SummarizeRecords, kRead, timeout)
COLOPHON_UNARY(record, FindRecords, kRead, timeout)
COLOPHON_UNARY(record, CreateRecord, kNever, timeout)
// To say the same again adds nothing.
COLOPHON_UNARY(record, ScoreRecord, kWrite, timeout)

COLOPHON_UNARY(admin, GetServerInfo, kRead, timeout)
COLOPHON_UNARY(admin, VerifyStore, kRead, long_timeout)
COLOPHON_UNARY(admin, CreateBackup, kNever, long_timeout)
COLOPHON_UNARY(admin, CreateKey, kNever, timeout)
COLOPHON_UNARY(admin, ListKeys, kRead, timeout)
COLOPHON_UNARY(admin, RevokeKey, kWrite, timeout)
COLOPHON_UNARY(admin, GetCaller, kRead, timeout)

#undef COLOPHON_UNARY

absl::StatusOr<v1::PublishResponse> Client::Publish(const v1::PublishRequest& request,
                                                    const CallOptions& options) const {
  return connection_->Write(connection_->registry(), &v1::RegistryService::Stub::Publish, request,
                            options);
}

absl::StatusOr<v1::UpdateLabelResponse> Client::UpdateLabel(const v1::UpdateLabelRequest& request,
                                                            const CallOptions& options) const {
  return connection_->Write(connection_->registry(), &v1::RegistryService::Stub::UpdateLabel,
                            request, options);
}

absl::StatusOr<v1::DeleteLabelResponse> Client::DeleteLabel(const v1::DeleteLabelRequest& request,
                                                            const CallOptions& options) const {
  return connection_->Write(connection_->registry(), &v1::RegistryService::Stub::DeleteLabel,
                            request, options);
}

absl::StatusOr<v1::DeleteDraftResponse> Client::DeleteDraft(const v1::DeleteDraftRequest& request,
                                                            const CallOptions& options) const {
  return connection_->Write(connection_->registry(), &v1::RegistryService::Stub::DeleteDraft,
                            request, options);
}

Stream<v1::WatchChangesResponse> Client::WatchChanges(const v1::WatchChangesRequest& request,
                                                      const CallOptions& options) const {
  return Stream<v1::WatchChangesResponse>(std::make_unique<StreamCall<v1::WatchChangesResponse>>(
      connection_, options, options.timeout.value_or(absl::InfiniteDuration()),
      [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        return connection_->registry().PrepareAsyncWatchChanges(context, request, queue);
      }));
}

Stream<v1::StreamCompleteResponse> Client::StreamComplete(const v1::StreamCompleteRequest& request,
                                                          const CallOptions& options) const {
  return Stream<v1::StreamCompleteResponse>(
      std::make_unique<StreamCall<v1::StreamCompleteResponse>>(
          connection_, options, options.timeout.value_or(connection_->options().long_timeout),
          [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
            return connection_->completion().PrepareAsyncStreamComplete(context, request, queue);
          }));
}

Stream<v1::ExportRecordsResponse> Client::ExportRecords(const v1::ExportRecordsRequest& request,
                                                        const CallOptions& options) const {
  return Stream<v1::ExportRecordsResponse>(std::make_unique<StreamCall<v1::ExportRecordsResponse>>(
      connection_, options, options.timeout.value_or(absl::InfiniteDuration()),
      [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        return connection_->record().PrepareAsyncExportRecords(context, request, queue);
      }));
}

}  // namespace colophon
