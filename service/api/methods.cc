#include "service/api/methods.h"

#include <cassert>
#include <memory>
#include <string>
#include <utility>

#include "colophon/v1/admin.pb.h"
#include "colophon/v1/completion.pb.h"
#include "colophon/v1/record.pb.h"
#include "colophon/v1/registry.pb.h"
#include "service/access/keys.h"
#include "service/api/admin.h"
#include "service/api/completion_stream.h"
#include "service/api/export_stream.h"
#include "service/api/method_runs.h"
#include "service/api/version_answer.h"
#include "service/api/watchers.h"
#include "service/completion/completer.h"
#include "service/completion/records.h"
#include "service/registry/registry.h"

namespace colophon {
namespace {

using ServedCallPtr = std::shared_ptr<ServedCall>;

// What a method is about, and who asks whether the caller may touch it (method.h).
// Made of what a row says, so that it reads as a line.
struct Targets {
  Targets(const char* field) : fields{field} {}
  Targets(std::vector<std::string> several) : fields(std::move(several)) {}
  std::vector<std::string> fields;
  bool asks_itself = false;
};

Targets Server() { return Targets(std::vector<std::string>()); }
// The method asks for each thing that it touches.
Targets AsksItself(Targets targets) {
  targets.asks_itself = true;
  return targets;
}

// Makes rows, each by the request and the response of its method.
class Table {
 public:
  explicit Table(Workers* workers) : workers_(workers) {}

  // `function(Request*, const Call&)`; see method.h for what the names mean.
  template <class Request, class Function>
  void OnWorker(const char* name, Right right, Targets targets, Function function) {
    Add<Request>(name, right, std::move(targets), colophon::OnWorker<Request>(workers_, function));
  }
  template <class Request, class Function>
  void OnPool(Workers* pool, const char* name, Right right, Targets targets, Function function) {
    Add<Request>(name, right, std::move(targets), colophon::OnWorker<Request>(pool, function));
  }
  // `function(Request*, call, reply)`.
  template <class Request, class Response, class Function>
  void Later(const char* name, Right right, Targets targets, Function function) {
    Add<Request>(name, right, std::move(targets),
                 colophon::Later<Request, Response>(workers_, function));
  }
  template <class Request, class Response, class Function>
  void LaterFromWorker(const char* name, Right right, Targets targets, Function function) {
    Add<Request>(name, right, std::move(targets),
                 colophon::LaterFromWorker<Request, Response>(workers_, function));
  }
  // `run(call)`.
  template <class Request, class Function>
  void Add(const char* name, Right right, Targets targets, Function run) {
    const google::protobuf::ServiceDescriptor* service = nullptr;
    const google::protobuf::FileDescriptor* file = Request::descriptor()->file();
    assert(file->service_count() == 1);
    service = file->service(0);
    Method& method = methods_.emplace_back();
    method.name = name;
    method.descriptor = service->FindMethodByName(name);
    assert(method.descriptor != nullptr);
    assert(method.descriptor->input_type() == Request::descriptor());
    method.request_prototype = &Request::default_instance();
    method.right = right;
    method.targets = std::move(targets.fields);
    method.asks_itself = targets.asks_itself;
    method.run = std::move(run);
  }

  std::vector<Method> Take() { return std::move(methods_); }

 private:
  Workers* const workers_;
  std::vector<Method> methods_;
};

}  // namespace

std::vector<Method> MakeMethods(const Core& core) {
  Registry* const registry = core.registry;
  Completer* const completer = core.completer;
  Records* const records = core.records;
  Admin* const admin = core.admin;
  Watchers* const watchers = core.watchers;
  Keys* const keys = core.keys;
  Workers* const workers = core.workers;
  Table table(workers);

  // --- RegistryService.

  table.Later<v1::CreateRepositoryRequest, v1::CreateRepositoryResponse>(
      "CreateRepository", Right::kAdmin, "repository",
      [=](auto* request, const ServedCallPtr& call, auto reply) {
        registry->CreateRepository(*request, call->call(), std::move(reply));
      });
  table.OnWorker<v1::ListRepositoriesRequest>(
      "ListRepositories", Right::kRead, AsksItself(Server()),
      [=](auto* request, const Call& call) { return registry->ListRepositories(*request, call); });
  table.Later<v1::PublishRequest, v1::PublishResponse>(
      "Publish", Right::kPublish, AsksItself("repository"),
      [=](auto* request, const ServedCallPtr& call, auto reply) {
        registry->Publish(*request, call->call(), std::move(reply));
      });
  table.OnWorker<v1::GetFilesRequest>(
      "GetFiles", Right::kRead, "repository",
      [=](auto* request, const Call& call) { return registry->GetFiles(*request, call); });
  table.OnWorker<v1::SearchFilesRequest>(
      "SearchFiles", Right::kRead, "repository",
      [=](auto* request, const Call& call) { return registry->SearchFiles(*request, call); });
  table.OnWorker<v1::GetPromptRequest>(
      "GetPrompt", Right::kRead, "name",
      [=](auto* request, const Call& call) { return registry->GetPrompt(*request, call); });
  table.OnWorker<v1::ListPromptsRequest>(
      "ListPrompts", Right::kRead, "name",
      [=](auto* request, const Call& call) { return registry->ListPrompts(*request, call); });
  table.Add<v1::GetVersionRequest>(
      "GetVersion", Right::kRead, "name",
      [=](const ServedCallPtr& call) { AnswerVersion(registry, workers, call); });
  table.OnWorker<v1::ListVersionsRequest>(
      "ListVersions", Right::kRead, "name",
      [=](auto* request, const Call& call) { return registry->ListVersions(*request, call); });
  table.OnWorker<v1::DiffVersionsRequest>(
      "DiffVersions", Right::kRead, Targets({"before", "after"}),
      [=](auto* request, const Call& call) { return registry->DiffVersions(*request, call); });
  table.OnWorker<v1::ListLabelsRequest>(
      "ListLabels", Right::kRead, "name",
      [=](auto* request, const Call& call) { return registry->ListLabels(*request, call); });
  table.Later<v1::UpdateLabelRequest, v1::UpdateLabelResponse>(
      "UpdateLabel", Right::kRelease, "name",
      [=](auto* request, const ServedCallPtr& call, auto reply) {
        registry->UpdateLabel(*request, call->call(), std::move(reply));
      });
  table.Later<v1::DeleteLabelRequest, v1::DeleteLabelResponse>(
      "DeleteLabel", Right::kRelease, "name",
      [=](auto* request, const ServedCallPtr& call, auto reply) {
        registry->DeleteLabel(*request, call->call(), std::move(reply));
      });
  table.OnWorker<v1::ListDraftsRequest>(
      "ListDrafts", Right::kRead, "repository",
      [=](auto* request, const Call& call) { return registry->ListDrafts(*request, call); });
  table.Later<v1::DeleteDraftRequest, v1::DeleteDraftResponse>(
      "DeleteDraft", Right::kPublish, "repository",
      [=](auto* request, const ServedCallPtr& call, auto reply) {
        registry->DeleteDraft(*request, call->call(), std::move(reply));
      });
  table.OnWorker<v1::GetChangeRequest>(
      "GetChange", Right::kRead, "repository",
      [=](auto* request, const Call& call) { return registry->GetChange(*request, call); });
  table.OnWorker<v1::ListChangesRequest>(
      "ListChanges", Right::kRead, "name",
      [=](auto* request, const Call& call) { return registry->ListChanges(*request, call); });
  table.Add<v1::WatchChangesRequest>("WatchChanges", Right::kRead, "repository",
                                     [=](const ServedCallPtr& call) { watchers->Start(call); });

  // --- CompletionService.

  table.OnWorker<v1::RenderRequest>(
      "Render", Right::kCall, "name",
      [=](auto* request, const Call& call) { return completer->Render(request, call); });
  table.Later<v1::CompleteRequest, v1::CompleteResponse>(
      "Complete", Right::kCall, "name", [=](auto* request, const ServedCallPtr& call, auto reply) {
        const std::shared_ptr<OpenCall> open = completer->Start(
            call->call_with_time_left(), std::move(*request), nullptr, std::move(reply));
        call->set_on_gone([open] { open->Cancel(); });
      });
  table.Add<v1::StreamCompleteRequest>(
      "StreamComplete", Right::kCall, "call.name",
      [=](const ServedCallPtr& call) { StreamCompletion(completer, call); });

  table.Later<v1::CountTokensRequest, v1::CountTokensResponse>(
      "CountTokens", Right::kCall, "call.name",
      [=](auto* request, const ServedCallPtr& call, auto reply) {
        const auto count = [reply =
                                std::move(reply)](absl::StatusOr<v1::CompleteResponse> counted) {
          if (!counted.ok()) return reply(counted.status());
          v1::CountTokensResponse response;
          response.set_input_tokens(counted->completion().usage().input_tokens());
          response.set_version(counted->version());
          response.set_commit(counted->commit());
          response.set_model(counted->model());
          reply(std::move(response));
        };
        const std::shared_ptr<OpenCall> open = completer->StartCount(
            call->call_with_time_left(), std::move(*request->mutable_call()), count);
        call->set_on_gone([open] { open->Cancel(); });
      });

  // --- RecordService.

  table.OnWorker<v1::GetRecordRequest>(
      "GetRecord", Right::kNone, AsksItself(Server()),
      [=](auto* request, const Call& call) { return records->GetRecord(*request, call); });
  table.OnWorker<v1::ListRecordsRequest>(
      "ListRecords", Right::kAudit, "name",
      [=](auto* request, const Call& call) { return records->ListRecords(*request, call); });
  table.OnWorker<v1::SummarizeRecordsRequest>(
      "SummarizeRecords", Right::kAudit, "name",
      [=](auto* request, const Call& call) { return records->SummarizeRecords(*request, call); });
  table.OnWorker<v1::FindRecordsRequest>(
      "FindRecords", Right::kAudit, "repository",
      [=](auto* request, const Call& call) { return records->FindRecords(*request, call); });
  table.LaterFromWorker<v1::CreateRecordRequest, v1::CreateRecordResponse>(
      "CreateRecord", Right::kCall, "name",
      [=](auto* request, const ServedCallPtr& call, auto reply) {
        records->CreateRecord(request, call->call(), std::move(reply));
      });

  table.LaterFromWorker<v1::ScoreRecordRequest, v1::ScoreRecordResponse>(
      "ScoreRecord", Right::kNone, AsksItself(Server()),
      [=](auto* request, const ServedCallPtr& call, auto reply) {
        call->NoteRecord(request->id());
        records->ScoreRecord(*request, call->call(), std::move(reply));
      });
  table.Add<v1::ExportRecordsRequest>(
      "ExportRecords", Right::kAudit, "name",
      [=](const ServedCallPtr& call) { StreamExport(records, workers, call); });

  // --- AdminService.

  table.OnWorker<v1::GetServerInfoRequest>(
      "GetServerInfo", Right::kNone, Server(),
      [=](auto*, const Call&) { return admin->GetServerInfo(); });
  table.OnPool<v1::VerifyStoreRequest>(admin->walker(), "VerifyStore", Right::kAdmin, Server(),
                                       [=](auto*, const Call&) { return admin->VerifyStore(); });
  table.OnPool<v1::CreateBackupRequest>(
      admin->walker(), "CreateBackup", Right::kAdmin, Server(),
      [=](auto* request, const Call&) { return admin->CreateBackup(*request); });

  table.OnWorker<v1::CreateKeyRequest>(
      "CreateKey", Right::kAdmin, AsksItself(Server()),
      [=](auto* request, const Call& call) { return keys->CreateKey(*request, call); });
  table.OnWorker<v1::ListKeysRequest>(
      "ListKeys", Right::kAdmin, AsksItself(Server()),
      [=](auto* request, const Call& call) { return keys->ListKeys(*request, call); });
  table.OnWorker<v1::RevokeKeyRequest>(
      "RevokeKey", Right::kAdmin, AsksItself(Server()),
      [=](auto* request, const Call& call) { return keys->RevokeKey(*request, call); });
  table.OnWorker<v1::GetCallerRequest>(
      "GetCaller", Right::kNone, Server(),
      [=](auto*, const Call& call) { return keys->GetCaller(call); });

  return table.Take();
}

}  // namespace colophon
