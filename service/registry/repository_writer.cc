#include "service/registry/repository_writer.h"

#include <algorithm>

#include "fmt/format.h"
#include "service/base/reference.h"

namespace colophon {
namespace {

// Bounds the objects held in memory for the disk.
constexpr size_t kMaxPending = 512;

}  // namespace

bool RepositoryWriter::MayBuild() const {
  // Whatever stood on a failed change has to fail first.
  return one_failed_ ? pending_.empty() : pending_.size() < kMaxPending;
}

bool RepositoryWriter::Begin() {
  std::lock_guard lock(mu_);
  job_waits_ = !MayBuild();
  if (job_waits_) return false;
  lost_changes_ = std::exchange(one_failed_, false);
  const int64_t durable = std::exchange(durable_count_, 0);
  if (lost_changes_) {
    workspace_ = nullptr;
  } else if (workspace_ != nullptr) {
    workspace_->MarkDurable(durable);
  }
  return true;
}

absl::StatusOr<Workspace*> RepositoryWriter::OpenWorkspace(bool* is_new) {
  *is_new = workspace_ == nullptr;
  if (*is_new) {
    ASSIGN_OR_RETURN(workspace_, Workspace::Load(store_, cache_, repository_));
  }
  return workspace_.get();
}

absl::StatusOr<bool> RepositoryWriter::AnswerRepeated(const ChangeRequest& request,
                                                      BytesReply* reply) {
  // A question what would happen uses no id up, and gets no old answer.
  if (request.request_id.empty() || request.validate_only) return false;
  std::optional<RequestRow> row;
  {
    std::lock_guard lock(mu_);
    const auto found = pending_by_request_id_.find(request.request_id);
    if (found != pending_by_request_id_.end()) {
      Pending& pending = *found->second;
      if (pending.request_digest == request.request_digest) {
        pending.replies.push_back(std::move(*reply));
        return true;
      }
      row = RequestRow{pending.request_digest, ""};
    }
  }
  if (!row) {
    ASSIGN_OR_RETURN(row, store_->GetRequest(repository_, request.request_id));
  }
  if (!row) return false;
  if (row->request_digest != request.request_digest) {
    return InvalidArgument(
        "REQUEST_ID_REUSED",
        fmt::format("request_id {} was used for another request; choose a new one",
                    Quoted(request.request_id)));
  }
  (*reply)(std::move(row->response));
  return true;
}

void RepositoryWriter::AnswerWhenDurable(std::string response, BytesReply reply) {
  {
    std::lock_guard lock(mu_);
    if (!pending_.empty()) {
      pending_.back()->relying.emplace_back(std::move(reply), std::move(response));
      return;
    }
  }
  reply(std::move(response));
}

std::shared_ptr<RepositoryWriter::Pending> RepositoryWriter::Add(Pending added) {
  auto pending = std::make_shared<Pending>(std::move(added));
  std::lock_guard lock(mu_);
  pending_.push_back(pending);
  if (!pending->request_id.empty()) pending_by_request_id_[pending->request_id] = pending;
  return pending;
}

bool RepositoryWriter::Settle(const std::shared_ptr<Pending>& pending, const absl::Status& status) {
  absl::Status of_all;
  bool may_begin = false;
  {
    std::lock_guard lock(mu_);
    std::erase(pending_, pending);
    pending_by_request_id_.erase(pending->request_id);
    if (!status.ok()) one_failed_ = true;
    durable_count_ += static_cast<int64_t>(pending->updates.size());
    if (one_failed_) {
      of_all = Aborted("LOST_RACE", "a change before this one was not made; try again");
    }
    may_begin = job_waits_ && MayBuild();
    if (may_begin) job_waits_ = false;
  }
  // Nobody else finds it any more.
  for (BytesReply& reply : pending->replies) {
    reply(status.ok() ? absl::StatusOr<std::string>(pending->response) : status);
  }
  for (auto& [reply, response] : pending->relying) {
    reply(of_all.ok() ? absl::StatusOr<std::string>(std::move(response)) : of_all);
  }
  pending->replies.clear();
  pending->relying.clear();
  return may_begin;
}

}  // namespace colophon
