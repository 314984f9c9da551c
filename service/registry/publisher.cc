#include "service/registry/publisher.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "service/base/task.h"
#include "service/registry/change_base.h"
#include "service/registry/change_commit.h"
#include "service/registry/change_rights.h"
#include "service/registry/change_transaction.h"
#include "service/registry/changed_files.h"
#include "service/registry/diagnostic_list.h"
#include "service/registry/label_changes.h"
#include "service/registry/new_versions.h"
#include "service/registry/prompt_check.h"
#include "service/registry/pushed_history.h"

namespace colophon {
namespace {

// So many repositories may have a change that takes long before others wait.
constexpr int kThreads = 4;
constexpr size_t kObjectCacheBytes = 16 << 20;

// What the caller gets, and gets again for the same request id. Of several changes the
// newest is told.
std::string ResponseOf(const ChangeRequest& request, std::vector<BuiltChange>& changes,
                       const Workspace& workspace) {
  v1::Change* const told =
      changes.empty() || !changes.back().told ? nullptr : &*changes.back().told;
  if (request.kind == ChangeRequest::Kind::kDeleteLabel) {
    v1::DeleteLabelResponse response;
    if (told != nullptr) response.mutable_change()->Swap(told);
    return response.SerializeAsString();
  }
  if (request.kind == ChangeRequest::Kind::kDeleteDraft) {
    v1::DeleteDraftResponse response;
    response.set_commit(changes.at(0).transaction.refs.at(0).expected->hex());
    return response.SerializeAsString();
  }
  if (request.kind == ChangeRequest::Kind::kUpdateLabel) {
    v1::UpdateLabelResponse response;
    if (told != nullptr) {
      response.mutable_change()->Swap(told);
      *response.mutable_label() = changes.back().transaction.labels.at(0);
    } else {
      const v1::LabelMove& move = std::get<ChangeProposal>(request.source).label_moves.at(0);
      *response.mutable_label() = workspace.FindPrompt(move.prompt())->labels.at(move.label());
    }
    return response.SerializeAsString();
  }
  v1::PublishResponse response;
  if (told != nullptr) response.mutable_change()->Swap(told);
  std::vector<v1::Diagnostic> warnings;
  for (BuiltChange& change : changes) {
    std::move(change.warnings.begin(), change.warnings.end(), std::back_inserter(warnings));
  }
  AddWarnings(std::move(warnings), &response);
  return response.SerializeAsString();
}

// The answer is kept as long as what it relies on is still so.
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

// LIFE OF A CHANGE. Names, sizes and UTF-8 were checked in CheckRequest, on the
// caller's thread; from here on the repository has one writer, this one.
absl::Status Publisher::Make(const std::shared_ptr<RepositoryWriter>& writer,
                             const ChangeRequest& request, BytesReply* reply) {
  ASSIGN_OR_RETURN(Workspace * workspace, OpenWorkspace(*writer));
  // A caller who went away meanwhile may have asked again elsewhere.
  RETURN_IF_ERROR(request.CheckWanted());
  // A repeated request gets the first one's answer.
  ASSIGN_OR_RETURN(const bool is_repeated, writer->AnswerRepeated(request, reply));
  if (is_repeated) return absl::OkStatus();

  // Its source: edits are one change; of commits that were pushed each is one; a draft
  // that is dropped is none, only its ref goes.
  std::vector<ChangeProposal> commits;
  std::vector<BuiltChange> changes;
  std::span<const ChangeProposal> proposals;
  if (const auto* pushed = std::get_if<PushedCommits>(&request.source)) {
    ASSIGN_OR_RETURN(commits, ProposeCommits(store_, *workspace, request, *pushed));
    proposals = commits;
  } else if (const auto* deletion = std::get_if<DraftDeletion>(&request.source)) {
    RETURN_IF_ERROR(CheckMayDrop(request));
    ASSIGN_OR_RETURN(BuiltChange deleted, MakeDraftDeletion(*workspace, *deletion));
    changes.push_back(std::move(deleted));
  } else {
    proposals = {&std::get<ChangeProposal>(request.source), 1};
  }
  // Several are built on a copy, so that the refusal of one leaves nothing of the others.
  std::unique_ptr<Workspace> copy = proposals.size() > 1 ? workspace->Copy() : nullptr;
  if (copy != nullptr) workspace = copy.get();

  // Check it and build it, in memory: files, prompts, versions, labels, commit.
  for (const ChangeProposal& proposal : proposals) {
    if (!changes.empty()) workspace->Advance(changes.back());
    ASSIGN_OR_RETURN(const ChangeBase base, FindBase(*workspace, proposal, clock_->Now()));
    ChangedFiles files(&workspace->objects(), base.root);
    RETURN_IF_ERROR(files.Take(proposal));
    RETURN_IF_ERROR(CheckMayEdit(request, files));
    ASSIGN_OR_RETURN(const CheckedPrompts prompts,
                     CheckPrompts(*workspace, request, proposal, base, &files));
    ASSIGN_OR_RETURN(const NewVersions versions,
                     NumberVersions(*workspace, request, proposal, prompts, &files));
    ASSIGN_OR_RETURN(const auto moves, MoveLabels(*workspace, proposal, versions, &files));
    RETURN_IF_ERROR(CheckMayMove(request, moves));
    ASSIGN_OR_RETURN(const ChangeCommit commit, CommitFiles(proposal, base, moves, &files));
    changes.push_back(MakeTransaction(*workspace, proposal,
                                      {base, files, prompts, versions, moves, commit},
                                      !request.validate_only));
  }

  std::string response = ResponseOf(request, changes, *workspace);
  const bool alters_nothing = changes.empty() || changes.back().alters_nothing();
  if (request.validate_only || (alters_nothing && request.request_id.empty())) {
    writer->AnswerWhenDurable(std::move(response), std::move(*reply));
    return absl::OkStatus();
  }

  // One transaction. The next change is built on this one, on its way to the disk as it
  // is. When it is durable: serve it, wake watchers, reply.
  RepositoryWriter::Pending pending{.updates = {},
                                    .request_id = request.request_id,
                                    .request_digest = request.request_digest,
                                    .response = std::move(response),
                                    .replies = {},
                                    .relying = {}};
  if (alters_nothing) {
    AssertHead(*workspace, &changes.back().transaction);
  } else {
    workspace->Advance(changes.back());
    for (BuiltChange& change : changes) pending.updates.push_back(std::move(change.update));
  }
  if (copy != nullptr) writer->SetWorkspace(std::move(copy));
  pending.replies.push_back(std::move(*reply));
  HandToStore(writer, std::move(changes), std::move(pending));
  return absl::OkStatus();
}

void Publisher::HandToStore(const std::shared_ptr<RepositoryWriter>& writer,
                            std::vector<BuiltChange> changes, RepositoryWriter::Pending handed) {
  std::vector<ChangeTransaction> transactions;
  for (BuiltChange& change : changes) {
    ChangeTransaction& transaction = transactions.emplace_back(std::move(change.transaction));
    transaction.objects.reserve(change.objects.size());
    for (const SharedObject& object : change.objects) transaction.objects.push_back(*object);
  }
  transactions.back().request_id = handed.request_id;
  transactions.back().request = {handed.request_digest, handed.response};
  CountPending(+1);
  const auto pending = writer->Add(std::move(handed));
  store_->CommitAll(std::move(transactions), [this, writer, pending](const absl::Status& status) {
    if (status.ok()) {
      for (const CatalogUpdate& update : pending->updates) catalog_->Apply(update);
      const int64_t newest = pending->updates.empty() ? 0 : pending->updates.back().sequence;
      if (newest != 0) feed_->Notify(writer->repository(), newest);
    }
    if (writer->Settle(pending, status)) queue_.Resume(writer->repository());
    CountPending(-1);
  });
}

void Publisher::Submit(ChangeRequest request, BytesReply reply) {
  // Writers are made for repositories that exist, so their number is bounded.
  if (auto sequence = catalog_->Sequence(request.repository); !sequence.ok()) {
    return reply(sequence.status());
  }
  struct Job {
    ChangeRequest request;
    BytesReply reply;
  };
  const std::shared_ptr<RepositoryWriter> writer = WriterOf(request.repository);
  const auto job = std::make_shared<Job>(Job{std::move(request), std::move(reply)});
  const auto run = [this, writer, job] {
    if (!writer->Begin()) return false;
    const auto make = [&] { return Make(writer, job->request, &job->reply); };
    if (const absl::Status status = AnswerOf(make); !status.ok()) job->reply(status);
    return true;
  };
  const absl::Status queued =
      queue_.Push({.repository = writer->repository(),
                   .caller = job->request.caller,
                   .bytes = job->request.bytes(),
                   .run = run,
                   .refuse = [job](const absl::Status& status) { job->reply(status); }});
  if (!queued.ok()) job->reply(queued);
}

std::shared_ptr<RepositoryWriter> Publisher::WriterOf(const std::string& repository) {
  std::lock_guard lock(mu_);
  std::shared_ptr<RepositoryWriter>& writer = writers_[repository];
  if (writer == nullptr) writer = std::make_shared<RepositoryWriter>(store_, &cache_, repository);
  return writer;
}

absl::StatusOr<Workspace*> Publisher::OpenWorkspace(RepositoryWriter& writer) {
  bool is_new = false;
  ASSIGN_OR_RETURN(Workspace* const workspace, writer.OpenWorkspace(&is_new));
  if (!is_new) return workspace;
  ASSIGN_OR_RETURN(const int64_t served, catalog_->Sequence(writer.repository()));
  if (writer.lost_changes() || workspace->sequence() != served) {
    // Somebody else writes to this store: what is served is behind, too.
    RETURN_IF_ERROR(catalog_->Reload(store_, writer.repository()));
    ASSIGN_OR_RETURN(const int64_t sequence, catalog_->Sequence(writer.repository()));
    feed_->Notify(writer.repository(), sequence);
  }
  return workspace;
}

void Publisher::CountPending(int count) {
  std::lock_guard lock(mu_);
  pending_count_ += count;
  if (pending_count_ == 0) none_pending_.notify_all();
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
