#include "service/registry/workspace.h"

#include <algorithm>
#include <limits>

#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/reference.h"
#include "service/git/commit.h"
#include "service/store/change_pages.h"

namespace colophon {
namespace {

constexpr std::string_view kHeads = "refs/heads/";
constexpr int64_t kMaxChangesSearched = 10'000;
constexpr int kChangesRead = 256;

}  // namespace

absl::StatusOr<std::unique_ptr<Workspace>> Workspace::Load(Store* store, ObjectCache* cache,
                                                           const std::string& repository) {
  std::unique_ptr<Workspace> workspace(new Workspace(store, cache, repository));
  ASSIGN_OR_RETURN(const auto refs, store->ListRefs(repository, kHeads));
  RETURN_IF_ERROR(workspace->LoadHead(refs));
  RETURN_IF_ERROR(workspace->LoadPrompts());
  return workspace;
}

std::unique_ptr<Workspace> Workspace::Copy() const {
  return std::unique_ptr<Workspace>(new Workspace(*this));
}

absl::Status Workspace::LoadHead(const std::vector<Ref>& refs) {
  for (const Ref& ref : refs) {
    const std::string branch = ref.name.substr(kHeads.size());
    if (branch != "main") {
      drafts_[branch] = ref.target;
      continue;
    }
    head_ = ref.target;
    ASSIGN_OR_RETURN(const CommitFields fields, ReadCommit(objects_, head_));
    root_ = fields.tree;
    ASSIGN_OR_RETURN(sequence_, store_->FindSequence(repository_, head_));
    ASSIGN_OR_RETURN(const v1::Change change, store_->GetChange(repository_, sequence_));
    change_time_ = FromProto(change.change_time());
  }
  touches_from_ = sequence_;
  return absl::OkStatus();
}

absl::Status Workspace::LoadPrompts() {
  ASSIGN_OR_RETURN(auto rows, store_->ListPrompts(repository_));
  prompts_.reserve(rows.size());
  for (PromptRow& row : rows) {
    if (!row.archived) dependencies_.Set(row.prompt, row.dependencies, row.names);
    std::string prompt = row.prompt;
    prompts_[std::move(prompt)].row = std::move(row);
  }
  ASSIGN_OR_RETURN(auto labels,
                   store_->ListLabels(repository_, "", std::numeric_limits<int64_t>::max()));
  for (v1::Label& label : labels) {
    ASSIGN_OR_RETURN(LabelName name, LabelName::Parse(label.name()));
    prompts_[name.prompt].labels[name.label] = std::move(label);
  }
  return absl::OkStatus();
}

std::optional<ObjectId> Workspace::FindDraft(std::string_view branch) const {
  const auto found = drafts_.find(branch);
  return found == drafts_.end() ? std::nullopt : std::optional(found->second);
}

const Workspace::Prompt* Workspace::FindPrompt(const std::string& prompt) const {
  const auto found = prompts_.find(prompt);
  return found == prompts_.end() ? nullptr : &found->second;
}

void Workspace::AddTouches(const v1::Change& change, Touches* touches) {
  const auto touch = [&](const std::string& key) {
    int64_t& sequence = (*touches)[key];
    sequence = std::max(sequence, change.sequence());
  };
  for (const std::string& path : change.paths()) touch(path);
  for (const v1::LabelMove& move : change.label_moves()) {
    touch(fmt::format("{}@{}", move.prompt(), move.label()));
  }
}

absl::StatusOr<int64_t> Workspace::FindTouch(const std::string& path_or_label, int64_t base) {
  if (touches_from_ - base > kMaxChangesSearched) return -1;
  while (touches_from_ > base) {
    ASSIGN_OR_RETURN(const auto changes,
                     store_->ListChanges(repository_, touches_from_, -1, kChangesRead));
    if (changes.empty()) {
      return DataLoss("CHANGE_MISSING", fmt::format("change {} of {} is not in the store",
                                                    touches_from_, repository_));
    }
    for (const v1::Change& change : changes) {
      AddTouches(change, &touches_);
      RETURN_IF_ERROR(ReadPagesAfter(store_, change, [this](const v1::Change& page) {
        AddTouches(page, &touches_);
        return true;
      }));
    }
    touches_from_ -= static_cast<int64_t>(changes.size());
  }
  const auto found = touches_.find(path_or_label);
  return found == touches_.end() || found->second <= base ? 0 : found->second;
}

void Workspace::Advance(const BuiltChange& built) {
  const ChangeTransaction& transaction = built.transaction;
  objects_.Add(built.objects);
  if (!built.update.branch.empty()) {
    if (built.update.head.is_zero()) {
      drafts_.erase(built.update.branch);
    } else {
      drafts_[built.update.branch] = built.update.head;
    }
    return;
  }
  if (!transaction.change) return;
  sequence_ = transaction.change->sequence();
  change_time_ = FromProto(transaction.change->change_time());
  head_ = built.update.head;
  root_ = built.root;
  for (const PromptRow& row : transaction.prompts) {
    prompts_[row.prompt].row = row;
    if (row.archived) {
      dependencies_.Set(row.prompt, {}, {});
    } else {
      dependencies_.Set(row.prompt, row.dependencies, row.names);
    }
  }
  for (const v1::LabelMove& move : transaction.change->label_moves()) {
    if (move.targets().targets().empty()) prompts_[move.prompt()].labels.erase(move.label());
  }
  for (const v1::Label& label : transaction.labels) {
    if (label.targets().targets().empty()) continue;
    const size_t slash = label.name().find('/'), at = label.name().find('@');
    prompts_[label.name().substr(slash + 1, at - slash - 1)].labels[label.name().substr(at + 1)] =
        label;
  }
  AddTouches(*transaction.change, &touches_);
}

}  // namespace colophon
