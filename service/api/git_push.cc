#include "service/api/git_push.h"

#include <charconv>
#include <filesystem>
#include <optional>
#include <utility>

#include "absl/strings/str_split.h"
#include "fmt/format.h"
#include "service/git/received_pack.h"
#include "service/template/prompt/labels_file.h"

namespace colophon {
namespace {

constexpr std::string_view kBranches = "refs/heads/";
constexpr std::string_view kTags = "refs/tags/";
constexpr char kMain[] = "main";
// What is told of one change: the rest is in its history.
constexpr int kMaxToldVersions = 20;

// A folder that goes with this.
class ScopedFolder {
 public:
  explicit ScopedFolder(std::string path) : path_(std::move(path)) {}
  ~ScopedFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

absl::Status Refused(const std::string& message) {
  return FailedPrecondition("PUSH_REFUSED", message);
}

std::string TextOf(const v1::Diagnostic& found) {
  return fmt::format("{}:{}:{}: {}", found.path(), found.line(), found.column(), found.message());
}

}  // namespace

Task<absl::StatusOr<std::string>> GitPush::Run(std::string bytes) {
  CO_ASSIGN_OR_RETURN(const PushRequest request, ReadPushRequest(bytes));
  if (request.refs.empty()) co_return "";
  const absl::Status received =
      co_await RunOn(*workers_, call_.caller, [&] { return Receive(request); });
  CO_RETURN_IF_ERROR(received);
  std::vector<PushedRefResult> results;
  for (const PushedRef& ref : request.refs) {
    absl::Status status = Refused(
        "several refs can't be pushed as one change; leave out --atomic or push them one by one");
    if (!request.is_atomic || request.refs.size() == 1) status = co_await Move(ref);
    if (!status.ok()) Say(status);
    results.push_back({ref.name, std::move(status)});
  }
  co_return WritePushReport(request, results, said_);
}

absl::Status GitPush::Receive(const PushRequest& request) {
  if (request.pack.empty()) return absl::OkStatus();  // Something is only dropped.
  ASSIGN_OR_RETURN(const auto mirror, mirrors_->Get(repository_));
  ASSIGN_OR_RETURN(std::string path, mirrors_->MakeFolder("push"));
  const ScopedFolder folder(std::move(path));
  ASSIGN_OR_RETURN(objects_, ReadReceivedPack(*mirror, folder.path(), request.pack, kMaxPushedBytes,
                                              call_.stop));
  return absl::OkStatus();
}

Task<absl::Status> GitPush::Move(const PushedRef& ref) {
  const std::string_view name = ref.name;
  if (name.starts_with(kBranches)) {
    const std::string branch(name.substr(kBranches.size()));
    if (!ref.after.is_zero()) co_return co_await MoveBranch(ref, branch);
    if (branch == kMain) co_return Refused("main can't be deleted: it is what is served");
    co_return co_await DeleteDraft(ref, branch);
  }
  if (name.starts_with(kTags)) {
    const absl::Status status = co_await RunOn(
        *workers_, call_.caller, [&] { return CheckTag(ref, name.substr(kTags.size())); });
    co_return status;
  }
  co_return Refused(fmt::format("{} is neither main nor a draft: push refs/heads/…", ref.name));
}

Task<absl::Status> GitPush::MoveBranch(const PushedRef& ref, const std::string& branch) {
  PushedCommits commits;
  commits.repository = repository_;
  commits.tip = ref.after;
  commits.objects = objects_;
  if (branch != kMain) {
    commits.branch = branch;
    commits.expected = ref.before;
  }
  // By a worker: every object is hashed before the change waits for its turn.
  const auto response = co_await Await<absl::StatusOr<v1::PublishResponse>>([&](auto done) {
    absl::Status queued = workers_->Run(
        call_.caller, [&, done] { registry_->PublishCommits(std::move(commits), call_, done); },
        Workers::Order::kNext);
    if (!queued.ok()) done(std::move(queued));
  });
  if (!response.ok()) co_return response.status();
  Say(*response);
  co_return absl::OkStatus();
}

Task<absl::Status> GitPush::DeleteDraft(const PushedRef& ref, const std::string& branch) {
  v1::DeleteDraftRequest request;
  request.set_repository(repository_);
  request.set_branch(branch);
  if (!ref.before.is_zero()) request.set_expected_commit(ref.before.hex());
  const auto response = co_await Await<absl::StatusOr<v1::DeleteDraftResponse>>(
      [&](auto done) { registry_->DeleteDraft(request, call_, std::move(done)); });
  co_return response.status();
}

// `git push --tags` sends those that were fetched from here: nothing is to be done for them.
absl::Status GitPush::CheckTag(const PushedRef& ref, std::string_view tag) const {
  const size_t slash = tag.rfind('/');
  uint32_t number = 0;
  if (slash != std::string_view::npos && tag.substr(slash).starts_with("/v")) {
    std::from_chars(tag.data() + slash + 2, tag.data() + tag.size(), number);
  }
  if (number > 0) {
    const auto version = registry_->DescribeVersion(repository_, std::string(tag.substr(0, slash)),
                                                    number, "", call_);
    if (version.ok() && version->commit() == ref.after.hex()) return absl::OkStatus();
  }
  return Refused(fmt::format(
      "{} is not for pushing: tags are versions, which a change of main gets by itself", ref.name));
}

void GitPush::Say(const v1::PublishResponse& response) {
  const v1::Change& change = response.change();
  if (change.commit().empty()) return;
  if (change.sequence() > 0) {
    said_.push_back(fmt::format("{} is at change {}", repository_, change.sequence()));
  }
  for (int i = 0; i < std::min(kMaxToldVersions, change.versions_size()); ++i) {
    said_.push_back(fmt::format("published {}", change.versions(i).name()));
  }
  if (change.version_count() > kMaxToldVersions) {
    said_.push_back(fmt::format("and {} more", change.version_count() - kMaxToldVersions));
  }
  for (const std::string& prompt : change.archived_prompts()) {
    said_.push_back(fmt::format("archived {}/{}", repository_, prompt));
  }
  for (const v1::LabelMove& move : change.label_moves()) {
    const std::string targets = prompt::TargetsText(move.targets());
    said_.push_back(fmt::format("labelled {}/{}@{}: {}", repository_, move.prompt(), move.label(),
                                targets.empty() ? "removed" : targets));
  }
  for (const v1::Diagnostic& warning : response.diagnostics()) {
    said_.push_back("warning: " + TextOf(warning));
  }
}

void GitPush::Say(const absl::Status& refusal) {
  for (const auto line : absl::StrSplit(MessageOf(refusal), '\n')) {
    said_.push_back(std::string(line));
  }
}

}  // namespace colophon
