#include "service/registry/publisher.h"

#include "fmt/format.h"
#include "service/base/reference.h"
#include "service/base/task.h"
#include "service/registry/change_builder.h"

namespace colophon {
namespace {

// So many repositories may have a change that takes long before others wait.
constexpr int kThreads = 4;
// Of one repository. Bounds the objects held in memory for the disk.
constexpr size_t kMaxPending = 512;
constexpr size_t kObjectCacheBytes = 16 << 20;

// What the caller gets, and gets again for the same request id.
std::string ResponseOf(const ChangeRequest& request, const BuiltChange& built,
                       const Workspace& workspace) {
  switch (request.kind) {
    case ChangeRequest::Kind::kPublish:
      return built.response.SerializeAsString();
    case ChangeRequest::Kind::kDeleteLabel: {
      v1::DeleteLabelResponse response;
      *response.mutable_change() = built.response.change();
      return response.SerializeAsString();
    }
    case ChangeRequest::Kind::kUpdateLabel:
      break;
  }
  v1::UpdateLabelResponse response;
  if (built.response.has_change()) {
    *response.mutable_change() = built.response.change();
    *response.mutable_label() = built.transaction.labels.at(0);
  } else {
    const v1::LabelMove& move = request.label_moves.at(0);
    *response.mutable_label() = workspace.FindPrompt(move.prompt())->labels.at(move.label());
  }
  return response.SerializeAsString();
}

void AssertHead(const Workspace& workspace, ChangeTransaction* transaction) {
  if (workspace.head().is_zero()) return;
  transaction->refs.push_back({"refs/heads/main", workspace.head(), workspace.head()});
}

}  // namespace

Publisher::Publisher(Store* store, Clock* clock, Catalog* catalog, Feed* feed)
    : store_(store),
      clock_(clock),
      catalog_(catalog),
      feed_(feed),
      cache_(kObjectCacheBytes),
      queue_(kThreads) {}

Publisher::~Publisher() {
  queue_.Stop();
  std::unique_lock lock(mu_);
  none_pending_.wait(lock, [this] { return pending_count_ == 0; });
}

std::shared_ptr<Publisher::Writer> Publisher::WriterOf(const std::string& repository) {
  std::lock_guard lock(mu_);
  std::shared_ptr<Writer>& writer = writers_[repository];
  if (writer == nullptr) writer = std::make_shared<Writer>(repository);
  return writer;
}

void Publisher::Submit(ChangeRequest request, BytesReply reply) {
  // Writers are made for repositories that exist, so their number is bounded.
  if (auto sequence = catalog_->Sequence(request.repository); !sequence.ok()) {
    return reply(sequence.status());
  }
  const std::shared_ptr<Writer> writer = WriterOf(request.repository);
  const auto job = std::make_shared<Job>(Job{std::move(request), std::move(reply)});
  const absl::Status queued =
      queue_.Push({.repository = writer->repository,
                   .caller = job->request.caller,
                   .bytes = job->request.bytes(),
                   .run = [this, writer, job] { return Run(writer, job.get()); },
                   .refuse = [job](const absl::Status& status) { job->reply(status); }});
  if (!queued.ok()) job->reply(queued);
}

bool Publisher::MayBuild(const Writer& writer) {
  // Whatever stood on a failed commit has to fail first.
  return writer.settled.one_failed ? writer.pending.empty() : writer.pending.size() < kMaxPending;
}

bool Publisher::Run(const std::shared_ptr<Writer>& writer, Job* job) {
  Settled settled;
  {
    std::lock_guard lock(writer->mu);
    writer->stands = !MayBuild(*writer);
    if (writer->stands) return false;
    std::swap(settled, writer->settled);
  }
  Make(writer, settled, std::move(*job));
  return true;
}

// LIFE OF A CHANGE. Names, sizes and UTF-8 were checked in CheckRequest, on the
// caller's thread; from here on the repository has one writer, this one.
void Publisher::Make(const std::shared_ptr<Writer>& writer, const Settled& settled, Job job) {
  const ChangeRequest& request = job.request;
  if (const absl::Status status = OpenWorkspace(*writer, settled); !status.ok()) {
    return job.reply(status);
  }
  // Who went away while it waited may have asked again elsewhere.
  if (const absl::Status status = request.CheckWanted(); !status.ok()) return job.reply(status);
  // A repeated request gets the first one's answer.
  if (Repeat(*writer, job)) return;

  // Check it and build it, in memory.
  const auto build = [&] { return Build(*writer->workspace, request); };
  absl::StatusOr<BuiltChange> built = AnswerOf(build);
  if (!built.ok()) return job.reply(built.status());
  std::string response = ResponseOf(request, *built, *writer->workspace);
  const bool alters_nothing = built->transaction.refs.empty();
  if (request.validate_only || (alters_nothing && request.request_id.empty())) {
    return AnswerWithoutChange(*writer, std::move(job), std::move(response));
  }

  // One transaction. The next change is built on this one, on its way to the
  // disk as it is. When it is durable: serve it, wake watchers, reply (Settle).
  if (alters_nothing) {
    // The answer is kept as long as what it relies on is still so.
    AssertHead(*writer->workspace, &built->transaction);
  } else {
    writer->workspace->Advance(*built);
  }
  Commit(writer, std::move(job), *std::move(built), std::move(response));
}

absl::StatusOr<BuiltChange> Publisher::Build(Workspace& workspace, const ChangeRequest& request) {
  ChangeBuilder change(&workspace, &request, clock_->Now());
  RETURN_IF_ERROR(change.FindParent());
  RETURN_IF_ERROR(change.CheckBase());
  RETURN_IF_ERROR(change.TakeEdits());
  RETURN_IF_ERROR(change.LoadClosures());
  RETURN_IF_ERROR(change.PublishVersions());
  RETURN_IF_ERROR(change.MoveLabels());
  if (!change.alters_nothing()) RETURN_IF_ERROR(change.WriteCommit());
  return change.Finish();
}

void Publisher::Commit(const std::shared_ptr<Writer>& writer, Job job, BuiltChange built,
                       std::string response) {
  auto commit = std::make_shared<PendingCommit>();
  commit->update = std::move(built.update);
  commit->request_id = job.request.request_id;
  commit->request_digest = job.request.request_digest;
  commit->response = response;
  commit->replies.push_back(std::move(job.reply));
  {
    std::lock_guard lock(writer->mu);
    writer->pending.push_back(commit);
    if (!commit->request_id.empty()) writer->pending_by_request_id[commit->request_id] = commit;
  }
  CountPending(+1);

  ChangeTransaction transaction = std::move(built.transaction);
  transaction.objects.reserve(built.objects.size());
  for (const SharedObject& object : built.objects) transaction.objects.push_back(*object);
  transaction.request_id = commit->request_id;
  transaction.request = {commit->request_digest, std::move(response)};
  store_->Commit(std::move(transaction), [this, writer, commit](const absl::Status& status) {
    Settle(writer, commit, status);
  });
}

// Answers a request whose id was used before. False when the id is new.
bool Publisher::Repeat(Writer& writer, Job& job) {
  const ChangeRequest& request = job.request;
  // Who only asks what would happen uses no id up, and gets no old answer.
  if (request.request_id.empty() || request.validate_only) return false;
  absl::StatusOr<std::optional<RequestRow>> row = std::nullopt;
  {
    std::lock_guard lock(writer.mu);
    const auto pending = writer.pending_by_request_id.find(request.request_id);
    if (pending != writer.pending_by_request_id.end()) {
      PendingCommit& commit = *pending->second;
      if (commit.request_digest == request.request_digest) {
        commit.replies.push_back(std::move(job.reply));
        return true;
      }
      row = RequestRow{commit.request_digest, ""};
    }
  }
  if (!row->has_value()) row = store_->GetRequest(writer.repository, request.request_id);
  if (!row.ok()) {
    job.reply(row.status());
    return true;
  }
  if (!row->has_value()) return false;
  if ((*row)->request_digest == request.request_digest) {
    job.reply(std::move((*row)->response));
  } else {
    job.reply(
        InvalidArgument("REQUEST_ID_REUSED",
                        fmt::format("request_id {} was used for another request; choose a new one",
                                    Quoted(request.request_id))));
  }
  return true;
}

absl::Status Publisher::OpenWorkspace(Writer& writer, const Settled& settled) {
  if (!settled.one_failed && writer.workspace != nullptr) {
    writer.workspace->MarkDurable(settled.durable_count);
    return absl::OkStatus();
  }
  writer.workspace = nullptr;
  auto workspace = Workspace::Load(store_, &cache_, writer.repository);
  RETURN_IF_ERROR(workspace.status());
  ASSIGN_OR_RETURN(const int64_t served, catalog_->Sequence(writer.repository));
  if (settled.one_failed || workspace.value()->sequence() != served) {
    // Somebody else writes to this store: what is served is behind, too.
    RETURN_IF_ERROR(catalog_->Reload(store_, writer.repository));
    ASSIGN_OR_RETURN(const int64_t sequence, catalog_->Sequence(writer.repository));
    feed_->Notify(writer.repository, sequence);
  }
  writer.workspace = *std::move(workspace);
  return absl::OkStatus();
}

// The answer may rely on changes that are not durable yet: it waits for them.
void Publisher::AnswerWithoutChange(Writer& writer, Job job, std::string response) {
  {
    std::lock_guard lock(writer.mu);
    if (!writer.pending.empty()) {
      writer.pending.back()->relying.emplace_back(std::move(job.reply), std::move(response));
      return;
    }
  }
  job.reply(std::move(response));
}

void Publisher::CountPending(int count) {
  std::lock_guard lock(mu_);
  pending_count_ += count;
  if (pending_count_ == 0) none_pending_.notify_all();
}

void Publisher::Settle(const std::shared_ptr<Writer>& writer,
                       const std::shared_ptr<PendingCommit>& commit, const absl::Status& status) {
  const bool alters = !commit->update.head.is_zero();
  if (status.ok() && alters) catalog_->Apply(commit->update);
  if (status.ok() && commit->update.sequence != 0) {
    feed_->Notify(writer->repository, commit->update.sequence);
  }
  absl::Status of_all;
  {
    std::lock_guard lock(writer->mu);
    std::erase(writer->pending, commit);
    writer->pending_by_request_id.erase(commit->request_id);
    if (!status.ok()) writer->settled.one_failed = true;
    if (alters) ++writer->settled.durable_count;
    if (writer->settled.one_failed) {
      of_all = Aborted("LOST_RACE", "a change before this one was not made; try again");
    }
    if (writer->stands && MayBuild(*writer)) {
      writer->stands = false;
      queue_.Resume(writer->repository);
    }
  }
  // Nobody else finds the commit any more.
  for (BytesReply& reply : commit->replies) {
    reply(status.ok() ? absl::StatusOr<std::string>(commit->response) : status);
  }
  for (auto& [reply, response] : commit->relying) {
    reply(of_all.ok() ? absl::StatusOr<std::string>(std::move(response)) : of_all);
  }
  commit->replies.clear();
  commit->relying.clear();
  CountPending(-1);
}

void Publisher::CreateRepository(const std::string& name,
                                 std::function<void(absl::StatusOr<v1::Repository>)> reply) {
  v1::Repository repository;
  repository.set_name(name);
  const absl::Time now = clock_->Now();
  *repository.mutable_create_time() = ToProto(now);
  CountPending(+1);
  store_->CreateRepository(
      name, now, [this, repository, reply = std::move(reply)](const absl::Status& status) {
        if (status.ok()) catalog_->AddRepository(repository);
        reply(status.ok() ? absl::StatusOr<v1::Repository>(repository) : status);
        CountPending(-1);
      });
}

}  // namespace colophon
