#include "service/registry/registry.h"

#include "service/base/field_check.h"
#include "service/registry/catalog.h"
#include "service/registry/drafts.h"
#include "service/registry/feed.h"
#include "service/registry/file_search.h"
#include "service/registry/files.h"
#include "service/registry/publisher.h"
#include "service/registry/queries.h"

namespace colophon {
namespace {

constexpr size_t kMaxSubjectBytes = 256;

// Publisher keeps answers as bytes.
template <class Response>
BytesReply Parsing(Reply<Response> reply) {
  return [reply = std::move(reply)](absl::StatusOr<std::string> bytes) {
    if (!bytes.ok()) return reply(bytes.status());
    Response response;
    if (!response.ParseFromString(*bytes)) {
      return reply(DataLoss("CORRUPT_RESPONSE", "the answer kept for this request_id is damaged"));
    }
    reply(std::move(response));
  };
}

void TakeCall(const Call& call, ChangeRequest* change) {
  change->stop = call.stop;
  change->permissions = call.permissions;
}

absl::StatusOr<ResolveOptions> OptionsOf(const v1::GetVersionRequest& request) {
  ResolveOptions options;
  RETURN_IF_ERROR(CheckLine("BAD_SUBJECT", "subject", request.subject(), kMaxSubjectBytes));
  options.subject = request.subject();
  if (request.has_at_sequence()) {
    if (request.at_sequence() < 0) {
      return InvalidArgument("BAD_MOMENT", "at_sequence is negative; it is a sequence from 0");
    }
    options.at_sequence = request.at_sequence();
  } else if (request.has_at_time()) {
    ASSIGN_OR_RETURN(options.at_time, ReadTime("BAD_TIME", "at_time", request.at_time()));
  }
  return options;
}

}  // namespace

class Registry::Impl {
 public:
  Impl(Store* store_in, Clock* clock, const RegistryOptions& options)
      : store(store_in),
        resolver(store, clock, &catalog, options.closure_cache_bytes),
        queries(store, &catalog, &resolver),
        files(store, &catalog),
        file_search(store, &catalog),
        drafts(store, &catalog),
        publisher(store, clock, &catalog, &feed) {}

  Store* const store;
  Catalog catalog;
  Feed feed;
  Resolver resolver;
  Queries queries;
  Files files;
  FileSearch file_search;
  Drafts drafts;
  Publisher publisher;  // Last, for it is to stop first.
};

Registry::Registry(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Registry::~Registry() = default;

absl::StatusOr<std::unique_ptr<Registry>> Registry::Open(Store* store, Clock* clock,
                                                         const RegistryOptions& options) {
  auto impl = std::make_unique<Impl>(store, clock, options);
  RETURN_IF_ERROR(impl->catalog.LoadAll(store));
  return std::unique_ptr<Registry>(new Registry(std::move(impl)));
}

void Registry::CreateRepository(const v1::CreateRepositoryRequest& request, const Call&,
                                Reply<v1::CreateRepositoryResponse> reply) {
  if (const absl::Status status = CheckRepositoryName(request.repository()); !status.ok()) {
    return reply(status);
  }
  impl_->publisher.CreateRepository(
      request.repository(), [reply = std::move(reply)](absl::StatusOr<v1::Repository> created) {
        if (!created.ok()) return reply(created.status());
        v1::CreateRepositoryResponse response;
        *response.mutable_repository() = *std::move(created);
        reply(std::move(response));
      });
}

void Registry::Publish(v1::PublishRequest request, const Call& call,
                       Reply<v1::PublishResponse> reply) {
  auto change = CheckRequest(std::move(request), call.caller);
  if (!change.ok()) return reply(change.status());
  TakeCall(call, &*change);
  impl_->publisher.Submit(*std::move(change), Parsing(std::move(reply)));
}

void Registry::PublishCommits(PushedCommits commits, const Call& call,
                              Reply<v1::PublishResponse> reply) {
  auto change = CheckRequest(std::move(commits), call.caller);
  if (!change.ok()) return reply(change.status());
  TakeCall(call, &*change);
  impl_->publisher.Submit(*std::move(change), Parsing(std::move(reply)));
}

void Registry::UpdateLabel(const v1::UpdateLabelRequest& request, const Call& call,
                           Reply<v1::UpdateLabelResponse> reply) {
  auto change = CheckRequest(request, call.caller);
  if (!change.ok()) return reply(change.status());
  TakeCall(call, &*change);
  impl_->publisher.Submit(*std::move(change), Parsing(std::move(reply)));
}

void Registry::DeleteLabel(const v1::DeleteLabelRequest& request, const Call& call,
                           Reply<v1::DeleteLabelResponse> reply) {
  auto change = CheckRequest(request, call.caller);
  if (!change.ok()) return reply(change.status());
  TakeCall(call, &*change);
  impl_->publisher.Submit(*std::move(change), Parsing(std::move(reply)));
}

void Registry::DeleteDraft(const v1::DeleteDraftRequest& request, const Call& call,
                           Reply<v1::DeleteDraftResponse> reply) {
  auto change = CheckRequest(request, call.caller);
  if (!change.ok()) return reply(change.status());
  TakeCall(call, &*change);
  impl_->publisher.Submit(*std::move(change), Parsing(std::move(reply)));
}

absl::StatusOr<Resolution> Registry::Resolve(std::string_view name, const ResolveOptions& options,
                                             const Call&) {
  ASSIGN_OR_RETURN(const ReferenceView reference, ReferenceView::Parse(name));
  return impl_->resolver.Resolve(reference, options);
}

Task<absl::StatusOr<Resolution>> Registry::ResolveSoon(Workers* workers, std::string_view name,
                                                       const ResolveOptions& options,
                                                       const Call& call) {
  CO_ASSIGN_OR_RETURN(const ReferenceView reference, ReferenceView::Parse(name));
  if (auto found = impl_->resolver.ResolveInMemory(reference, options)) co_return *std::move(found);
  co_return co_await RunOn(
      *workers, call.caller, [&] { return Resolve(name, options, call); }, Workers::Order::kNext);
}

void Registry::GetVersion(Workers* workers, const v1::GetVersionRequest& request, const Call& call,
                          Reply<Resolution> reply) {
  const absl::StatusOr<ResolveOptions> options = OptionsOf(request);
  if (!options.ok()) return reply(options.status());
  const absl::StatusOr<ReferenceView> reference = ReferenceView::Parse(request.name());
  if (!reference.ok()) return reply(reference.status());
  if (auto found = impl_->resolver.ResolveInMemory(*reference, *options)) {
    return reply(*std::move(found));
  }
  absl::Status queued =
      workers->Run(call.caller, [this, name = request.name(), options = *options, call, reply] {
        const auto resolve = [&] { return Resolve(name, options, call); };
        reply(AnswerOf(resolve));
      });
  if (!queued.ok()) reply(queued);
}

absl::StatusOr<std::shared_ptr<const LoadedVersion>> Registry::Load(const std::string& repository,
                                                                    const std::string& prompt,
                                                                    uint32_t version,
                                                                    const std::string& commit,
                                                                    const Call&) {
  return impl_->resolver.Load(repository, prompt, version, commit);
}

absl::StatusOr<v1::Version> Registry::DescribeVersion(const std::string& repository,
                                                      const std::string& prompt, uint32_t version,
                                                      const std::string& commit, const Call& call) {
  if (version > 0) return impl_->store->GetVersion(repository, prompt, version);
  ASSIGN_OR_RETURN(const auto loaded, Load(repository, prompt, version, commit, call));
  v1::Version draft = loaded->version;
  for (v1::File& file : *draft.mutable_files()) file.clear_content();
  return draft;
}

absl::Status Registry::CheckExists(std::string_view repository, std::string_view prompt,
                                   uint32_t version, std::string_view label) const {
  const Catalog& catalog = impl_->catalog;
  if (version > 0) RETURN_IF_ERROR(catalog.PickVersion(repository, prompt, version).status());
  if (!label.empty()) return catalog.CheckLabelExists(repository, prompt, label);
  return catalog.CheckPromptExists(repository, prompt);
}

absl::StatusOr<CommitVersion> Registry::FindCommitVersion(const std::string& repository,
                                                          const std::string& prompt,
                                                          std::string_view hex, const Call&) {
  return impl_->resolver.FindCommitVersion(repository, prompt, hex);
}

absl::StatusOr<v1::ListRepositoriesResponse> Registry::ListRepositories(
    const v1::ListRepositoriesRequest& request, const Call& call) {
  return impl_->queries.ListRepositories(request, call);
}
std::vector<std::string> Registry::RepositoryNames() const {
  return impl_->catalog.RepositoryNames();
}
absl::StatusOr<v1::GetFilesResponse> Registry::GetFiles(const v1::GetFilesRequest& request,
                                                        const Call& call) {
  return impl_->files.GetFiles(request, call);
}
absl::StatusOr<v1::SearchFilesResponse> Registry::SearchFiles(const v1::SearchFilesRequest& request,
                                                              const Call& call) {
  return impl_->file_search.SearchFiles(request, call);
}
absl::StatusOr<v1::GetPromptResponse> Registry::GetPrompt(const v1::GetPromptRequest& request,
                                                          const Call& call) {
  return impl_->queries.GetPrompt(request, call);
}
absl::StatusOr<v1::ListPromptsResponse> Registry::ListPrompts(const v1::ListPromptsRequest& request,
                                                              const Call& call) {
  return impl_->queries.ListPrompts(request, call);
}
absl::StatusOr<v1::ListVersionsResponse> Registry::ListVersions(
    const v1::ListVersionsRequest& request, const Call& call) {
  return impl_->queries.ListVersions(request, call);
}
absl::StatusOr<v1::DiffVersionsResponse> Registry::DiffVersions(
    const v1::DiffVersionsRequest& request, const Call& call) {
  return impl_->queries.DiffVersions(request, call);
}
absl::StatusOr<v1::ListLabelsResponse> Registry::ListLabels(const v1::ListLabelsRequest& request,
                                                            const Call& call) {
  return impl_->queries.ListLabels(request, call);
}
absl::StatusOr<v1::ListDraftsResponse> Registry::ListDrafts(const v1::ListDraftsRequest& request,
                                                            const Call& call) {
  return impl_->drafts.ListDrafts(request, call);
}
absl::StatusOr<v1::GetChangeResponse> Registry::GetChange(const v1::GetChangeRequest& request,
                                                          const Call& call) {
  return impl_->queries.GetChange(request, call);
}
absl::StatusOr<v1::ListChangesResponse> Registry::ListChanges(const v1::ListChangesRequest& request,
                                                              const Call& call) {
  if (!request.branch().empty()) return impl_->drafts.ListChanges(request, call);
  return impl_->queries.ListChanges(request, call);
}

absl::StatusOr<int64_t> Registry::Sequence(const std::string& repository) {
  return impl_->catalog.Sequence(repository);
}

absl::StatusOr<std::vector<v1::Change>> Registry::ListChangesFrom(const std::string& repository,
                                                                  int64_t from, int limit) {
  return impl_->queries.ListChangesFrom(repository, from, limit);
}

uint64_t Registry::Subscribe(const std::string& repository, int64_t after,
                             std::function<void()> wake) {
  return impl_->feed.Subscribe(repository, after, std::move(wake), [&]() -> int64_t {
    const auto sequence = impl_->catalog.Sequence(repository);
    // Nothing ever happens in a repository that doesn't exist.
    return sequence.ok() ? *sequence : -1;
  });
}

void Registry::Unsubscribe(uint64_t id) { impl_->feed.Unsubscribe(id); }

int64_t Registry::repository_count() { return impl_->catalog.repository_count(); }

}  // namespace colophon
