// What a built change becomes: ChangeBuilder::Finish.

#include <algorithm>

#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/reference.h"
#include "service/registry/change_builder.h"
#include "service/registry/page.h"
#include "service/store/change_pages.h"

namespace colophon {
namespace {

constexpr char kMainRef[] = "refs/heads/main";

// With a page of the change they fit into what a client takes by default, 4 MiB.
constexpr size_t kMaxWarningBytes = 1 << 20;

}  // namespace

// A label request without a description gets one that `git log` reads well.
std::string ChangeBuilder::Description() const {
  if (!request_.description.empty() || moves_.empty()) return request_.description;
  const v1::LabelMove& move = moves_[0];
  const std::string label = fmt::format("{}@{}", move.prompt(), move.label());
  const std::string before = prompt::TargetsText(move.previous()),
                    after = prompt::TargetsText(move.targets());
  if (after.empty()) return fmt::format("remove label {} (was {})", label, before);
  if (before.empty()) return fmt::format("label {}: {}", label, after);
  return fmt::format("label {}: {} → {}", label, before, after);
}

std::string ChangeBuilder::PublishedName(const std::string& prompt, const Published& published,
                                         const std::string& commit) const {
  if (!is_draft()) return VersionName(workspace_.repository(), prompt, published.version);
  const std::string selector = commit.empty() ? "heads/" + request_.branch : commit;
  return fmt::format("{}/{}@{}", workspace_.repository(), prompt, selector);
}

v1::Change ChangeBuilder::MakeChange() const {
  v1::Change change;
  change.set_repository(workspace_.repository());
  if (!is_draft()) change.set_sequence(workspace_.sequence() + 1);
  if (!request_.validate_only) change.set_commit(commit_.hex());
  change.set_branch(request_.branch);
  change.set_author(request_.author);
  change.set_description(Description());
  *change.mutable_change_time() = ToProto(time_);
  for (const auto& [prompt, published] : published_) {
    v1::PublishedVersion* const version = change.add_versions();
    version->set_name(PublishedName(prompt, published, change.commit()));
    version->set_prompt(prompt);
    version->set_version(published.version);
    version->set_digest(published.loaded->digest);
  }
  for (const v1::LabelMove& move : moves_) *change.add_label_moves() = move;
  for (const std::string& prompt : archived_) change.add_archived_prompts(prompt);
  for (const auto& [path, blob] : edits_) change.add_paths(path);
  change.set_version_count(change.versions_size());
  return change;
}

v1::Version ChangeBuilder::MakeVersion(const std::string& prompt, const Published& published,
                                       const v1::Change& change) const {
  v1::Version version;
  version.set_name(VersionName(workspace_.repository(), prompt, published.version));
  version.set_repository(workspace_.repository());
  version.set_prompt(prompt);
  version.set_version(published.version);
  version.set_commit(commit_.hex());
  version.set_digest(published.loaded->digest);
  version.set_sequence(change.sequence());
  version.set_author(change.author());
  version.set_description(change.description());
  *version.mutable_publish_time() = change.change_time();
  for (const auto& [path, sha256] : published.loaded->files) {
    v1::File* const file = version.add_files();
    file->set_path(path);
    file->set_sha256(sha256);
    file->set_blob(blobs_.at(path).hex());
  }
  return version;
}

void ChangeBuilder::AddPrompts(const v1::Change& change, BuiltChange* built) const {
  ChangeTransaction& transaction = built->transaction;
  for (const auto& [prompt, published] : published_) {
    transaction.versions.push_back(MakeVersion(prompt, published, change));
    PromptRow& row = transaction.prompts.emplace_back();
    row.prompt = prompt;
    row.latest_version = published.version;
    row.digest = published.loaded->digest;
    row.update_time = time_;
    row.names = published.loaded->names;
    const std::string own_path = PathOfPrompt(prompt);
    for (const auto& [path, sha256] : published.loaded->files) {
      if (path != own_path) row.dependencies.push_back(path);
    }
  }
  for (const std::string& prompt : archived_) {
    PromptRow& row = transaction.prompts.emplace_back(workspace_.FindPrompt(prompt)->row);
    row.archived = true;
  }
  for (const PromptRow& row : transaction.prompts) {
    built->update.prompts.push_back(
        {row.prompt, row.latest_version, row.archived, row.update_time});
  }
}

void ChangeBuilder::AddLabels(const v1::Change& change, BuiltChange* built) const {
  for (const v1::LabelMove& move : moves_) {
    v1::Label& label = built->transaction.labels.emplace_back();
    label.set_name(fmt::format("{}/{}@{}", workspace_.repository(), move.prompt(), move.label()));
    *label.mutable_targets() = move.targets();
    label.set_sequence(change.sequence());
    *label.mutable_update_time() = change.change_time();
    label.set_author(change.author());
  }
  built->update.labels = built->transaction.labels;
}

void ChangeBuilder::AddRefs(BuiltChange* built) const {
  std::vector<RefMove>& refs = built->transaction.refs;
  const auto or_none = [](const ObjectId& id) {
    return id.is_zero() ? std::nullopt : std::optional(id);
  };
  if (!is_draft()) {
    refs.push_back({kMainRef, or_none(parent_), commit_});
    return;
  }
  refs.push_back({"refs/heads/" + request_.branch,
                  draft_is_new_ ? std::nullopt : std::optional(parent_), commit_});
  // Main may be on its way to the disk still: a draft that begins there must
  // not outlive it.
  if (draft_is_new_ && !parent_.is_zero()) refs.push_back({kMainRef, parent_, parent_});
}

BuiltChange ChangeBuilder::Finish() {
  BuiltChange built;
  built.transaction.repository = workspace_.repository();
  std::erase_if(diagnostics_, [this](const v1::Diagnostic& diagnostic) {
    return edits_.count(diagnostic.path()) == 0;
  });
  SortDiagnostics(&diagnostics_);
  size_t bytes = 0;
  for (v1::Diagnostic& diagnostic : diagnostics_) {
    bytes += diagnostic.ByteSizeLong();
    if (bytes > kMaxWarningBytes) break;  // Who has as many knows by then.
    *built.response.add_diagnostics() = std::move(diagnostic);
  }
  if (alters_nothing()) return built;

  v1::Change change = MakeChange();
  built.objects = stage_.objects();
  built.root = root_;
  built.update.repository = workspace_.repository();
  built.update.branch = request_.branch;
  built.update.head = commit_;
  built.update.sequence = change.sequence();
  AddRefs(&built);
  if (!is_draft()) {
    AddPrompts(change, &built);
    AddLabels(change, &built);
    built.transaction.clock_stepped_back = time_ < workspace_.change_time();
  }
  const bool is_kept = !is_draft() && !request_.validate_only;
  if (is_kept) {
    *built.response.mutable_change() = FirstPage(change);
    SealPageToken(built.response.mutable_change());
  } else {
    *built.response.mutable_change() = CutToPage(change);
  }
  if (!is_draft()) built.transaction.change = std::move(change);
  return built;
}

}  // namespace colophon
