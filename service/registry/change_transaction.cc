#include "service/registry/change_transaction.h"

#include <optional>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/reference.h"
#include "service/registry/catalog_errors.h"
#include "service/registry/page.h"
#include "service/store/change_pages.h"

namespace colophon {
namespace {

constexpr char kMainRef[] = "refs/heads/main";

std::optional<ObjectId> OrNone(const ObjectId& id) {
  return id.is_zero() ? std::nullopt : std::optional(id);
}

class TransactionMaker {
 public:
  TransactionMaker(const Workspace& workspace, const ChangeProposal& proposal,
                   const ChangeSteps& steps, bool is_kept)
      : workspace_(workspace), proposal_(proposal), steps_(steps), is_kept_(is_kept) {}

  BuiltChange Make() &&;

 private:
  v1::Change MakeChange() const;
  std::string PublishedName(const std::string& prompt, uint32_t number,
                            const std::string& commit) const;
  v1::Version MakeVersion(const std::string& prompt, uint32_t number,
                          const v1::Change& change) const;
  void AddPrompts(const v1::Change& change);
  void AddLabels(const v1::Change& change);
  void AddRefs();

  const Workspace& workspace_;
  const ChangeProposal& proposal_;
  const ChangeSteps& steps_;
  const bool is_kept_;
  BuiltChange built_;
};

std::string TransactionMaker::PublishedName(const std::string& prompt, uint32_t number,
                                            const std::string& commit) const {
  if (!proposal_.is_draft()) return VersionName(workspace_.repository(), prompt, number);
  const std::string selector = commit.empty() ? "heads/" + proposal_.branch : commit;
  return fmt::format("{}/{}@{}", workspace_.repository(), prompt, selector);
}

v1::Change TransactionMaker::MakeChange() const {
  v1::Change change;
  change.set_repository(workspace_.repository());
  if (!proposal_.is_draft()) change.set_sequence(workspace_.sequence() + 1);
  if (is_kept_) change.set_commit(steps_.commit.id.hex());
  change.set_branch(proposal_.branch);
  change.set_author(proposal_.author);
  change.set_description(steps_.commit.description);
  *change.mutable_change_time() = ToProto(steps_.base.time);
  for (const auto& [prompt, number] : steps_.versions.published) {
    v1::PublishedVersion* const version = change.add_versions();
    version->set_name(PublishedName(prompt, number, change.commit()));
    version->set_prompt(prompt);
    version->set_version(number);
    version->set_digest(steps_.prompts.by_name.at(prompt).digest);
  }
  for (const v1::LabelMove& move : steps_.label_moves) *change.add_label_moves() = move;
  for (const std::string& prompt : steps_.versions.archived) change.add_archived_prompts(prompt);
  for (const auto& [path, blob] : steps_.files.edits()) change.add_paths(path);
  change.set_version_count(change.versions_size());
  return change;
}

v1::Version TransactionMaker::MakeVersion(const std::string& prompt, uint32_t number,
                                          const v1::Change& change) const {
  const CheckedPrompt& checked = steps_.prompts.by_name.at(prompt);
  v1::Version version;
  version.set_name(VersionName(workspace_.repository(), prompt, number));
  version.set_repository(workspace_.repository());
  version.set_prompt(prompt);
  version.set_version(number);
  version.set_commit(steps_.commit.id.hex());
  version.set_digest(checked.digest);
  version.set_sequence(change.sequence());
  version.set_author(change.author());
  version.set_description(change.description());
  *version.mutable_publish_time() = change.change_time();
  for (const CheckedPrompt::File& read : checked.files) {
    v1::File* const file = version.add_files();
    file->set_path(read.path);
    file->set_sha256(read.sha256);
    file->set_blob(read.blob.hex());
  }
  return version;
}

void TransactionMaker::AddPrompts(const v1::Change& change) {
  ChangeTransaction& transaction = built_.transaction;
  for (const auto& [prompt, number] : steps_.versions.published) {
    transaction.versions.push_back(MakeVersion(prompt, number, change));
    const CheckedPrompt& checked = steps_.prompts.by_name.at(prompt);
    PromptRow& row = transaction.prompts.emplace_back();
    row.prompt = prompt;
    row.latest_version = number;
    row.digest = checked.digest;
    row.update_time = steps_.base.time;
    row.names = checked.names;
    const std::string own_path = PathOfPrompt(prompt);
    for (const CheckedPrompt::File& file : checked.files) {
      if (file.path != own_path) row.dependencies.push_back(file.path);
    }
  }
  for (const std::string& prompt : steps_.versions.archived) {
    PromptRow& row = transaction.prompts.emplace_back(workspace_.FindPrompt(prompt)->row);
    row.archived = true;
  }
  for (const PromptRow& row : transaction.prompts) {
    built_.update.prompts.push_back(
        {row.prompt, row.latest_version, row.archived, row.update_time});
  }
}

void TransactionMaker::AddLabels(const v1::Change& change) {
  for (const v1::LabelMove& move : steps_.label_moves) {
    v1::Label& label = built_.transaction.labels.emplace_back();
    label.set_name(fmt::format("{}/{}@{}", workspace_.repository(), move.prompt(), move.label()));
    *label.mutable_targets() = move.targets();
    label.set_sequence(change.sequence());
    *label.mutable_update_time() = change.change_time();
    label.set_author(change.author());
  }
  built_.update.labels = built_.transaction.labels;
}

void TransactionMaker::AddRefs() {
  std::vector<RefMove>& refs = built_.transaction.refs;
  const ChangeBase& base = steps_.base;
  if (!proposal_.is_draft()) {
    refs.push_back({kMainRef, OrNone(base.commit), steps_.commit.id});
    return;
  }
  refs.push_back({"refs/heads/" + proposal_.branch, OrNone(base.draft), steps_.commit.id});
  // Main may be on its way to the disk still: a draft that begins there must
  // not outlive it.
  if (base.begins_draft && !base.commit.is_zero()) {
    refs.push_back({kMainRef, base.commit, base.commit});
  }
}

BuiltChange TransactionMaker::Make() && {
  built_.transaction.repository = workspace_.repository();
  built_.warnings = steps_.prompts.warnings;
  if (steps_.commit.id.is_zero()) return std::move(built_);

  v1::Change change = MakeChange();
  built_.objects = steps_.files.stage().objects();
  built_.root = steps_.commit.root;
  built_.update.repository = workspace_.repository();
  built_.update.branch = proposal_.branch;
  built_.update.head = steps_.commit.id;
  built_.update.sequence = change.sequence();
  AddRefs();
  if (proposal_.is_draft()) {
    built_.told = CutToPage(std::move(change));
    return std::move(built_);
  }
  AddPrompts(change);
  AddLabels(change);
  built_.transaction.clock_stepped_back = steps_.base.time < workspace_.change_time();
  built_.told = is_kept_ ? FirstPage(change) : CutToPage(change);
  if (is_kept_) SealPageToken(&*built_.told);
  built_.transaction.change = std::move(change);
  return std::move(built_);
}

}  // namespace

BuiltChange MakeTransaction(const Workspace& workspace, const ChangeProposal& proposal,
                            const ChangeSteps& steps, bool is_kept) {
  return TransactionMaker(workspace, proposal, steps, is_kept).Make();
}

absl::StatusOr<BuiltChange> MakeDraftDeletion(const Workspace& workspace,
                                              const DraftDeletion& deletion) {
  const std::optional<ObjectId> head = workspace.FindDraft(deletion.branch);
  if (!head) return NoBranch(workspace.repository(), deletion.branch);
  if (deletion.expected && *deletion.expected != *head) {
    return DraftMoved(workspace.repository(), deletion.branch, *head, *deletion.expected);
  }
  BuiltChange built;
  built.transaction.repository = workspace.repository();
  built.transaction.refs.push_back({"refs/heads/" + deletion.branch, *head, std::nullopt});
  built.update.repository = workspace.repository();
  built.update.branch = deletion.branch;
  return built;
}

}  // namespace colophon
