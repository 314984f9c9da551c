#include "service/api/git_service.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "fmt/format.h"
#include "service/api/git_push.h"
#include "service/api/served_call.h"
#include "service/base/log.h"
#include "service/git/push_request.h"
#include "service/metrics/metrics.h"

namespace colophon {
namespace {

// What git's programs end with when they say "fatal: …".
constexpr int kFatal = 128;

// What upload-pack says of a request that it can't make sense of, or that asks for what
// isn't there. Anything else is taken for our own fault.
bool IsFaultOfClient(std::string_view said) {
  constexpr std::string_view kSayings[] = {
      "protocol error",     "not our ref",    "unexpected line",
      "bad line length",    "invalid filter", "filtering not",
      "unknown capability", "expected flush", "Invalid deepen",
      "deepen and deepen",  "hung up"};
  return std::any_of(std::begin(kSayings), std::end(kSayings),
                     [said](std::string_view saying) { return said.find(saying) != said.npos; });
}

}  // namespace

GitService::Fetch::Fetch(GitService* service, std::string repository,
                         std::shared_ptr<const Mirror> mirror)
    : service_(service), repository_(std::move(repository)), mirror_(std::move(mirror)) {
  service_->fetches_.fetch_add(1);
}

GitService::Fetch::~Fetch() { service_->fetches_.fetch_sub(1); }

absl::Status GitService::Fetch::Finish() {
  const int code = program_->ExitCode();
  if (code == 0 || (code == kFatal && IsFaultOfClient(program_->Errors()))) return absl::OkStatus();
  service_->mirrors_->Discard(repository_, mirror_);
  return Error(absl::StatusCode::kInternal, "GIT_FAILED",
               fmt::format("git upload-pack ended with {}: {}", code, program_->Errors()));
}

absl::StatusOr<std::unique_ptr<GitService::Fetch>> GitService::StartFetch(
    const std::string& repository, const UploadPackOptions& options, const Call& call) {
  RETURN_IF_ERROR(CheckWanted(call));
  // A mirror has all that the repository has.
  RETURN_IF_ERROR(CheckRight(call, Right::kRead, {.repository = repository}));
  if (fetches_.load() >= kMaxFetches) {
    return WithRetryDelay(
        ResourceExhausted("BUSY", fmt::format("{} fetches are running, which is the limit; try "
                                              "again a little later",
                                              kMaxFetches)),
        absl::Seconds(1));
  }
  ASSIGN_OR_RETURN(auto mirror, mirrors_->Get(repository));
  auto fetch = std::make_unique<Fetch>(this, repository, std::move(mirror));
  ASSIGN_OR_RETURN(fetch->program_, StartUploadPack(*fetch->mirror_, options));
  return fetch;
}

std::string GitService::ServiceHead(std::string_view service) {
  return GitLine(fmt::format("# service={}\n", service)) + kGitFlush;
}

Task<absl::StatusOr<std::string>> GitService::AdvertiseForPush(const std::string& repository,
                                                               const Call& call) {
  CO_RETURN_IF_ERROR(CheckSomeRight(call, Right::kPublish, repository));
  absl::StatusOr<std::string> text =
      co_await RunOn(*workers_, call.caller, [&]() -> absl::StatusOr<std::string> {
        ASSIGN_OR_RETURN(const auto branches, mirrors_->ListBranches(repository));
        return WritePushAdvertisement(branches);
      });
  co_return text;
}

void GitService::NoteAnswer(const std::string& repository, std::string_view service,
                            const std::string& caller, const absl::Status& status,
                            absl::Duration took) {
  constexpr std::string_view kGit = "git-";
  const std::string_view program = service.substr(kGit.size());
  if (metrics_ != nullptr) metrics_->CountGit(program, status.ok(), took);
  if (!IsLogged(LogLevelOf(status.code()))) return;
  LogLine line("git", program);
  line.Add("code", absl::StatusCodeToString(status.code()));
  line.AddMilliseconds("ms", absl::ToDoubleMilliseconds(took));
  line.Add("caller", caller).Add("repository", repository);
  if (!status.ok()) line.Add("reason", ReasonOf(status)).Add("message", MessageOf(status));
  Log(LogLevelOf(status.code()), line);
}

std::unique_ptr<GitService::RequestRoom> GitService::MakeRoom(bool for_push) {
  std::atomic<int>& taken = for_push ? pushes_ : wishes_;
  if (taken.fetch_add(1) < (for_push ? kMaxPushes : kMaxWishes)) {
    return std::make_unique<RequestRoom>(&taken);
  }
  taken.fetch_sub(1);
  return nullptr;
}

Task<absl::StatusOr<std::string>> GitService::Push(const std::string& repository, std::string bytes,
                                                   const Call& call) {
  // What each commit touches is asked where it is published.
  CO_RETURN_IF_ERROR(CheckSomeRight(call, Right::kPublish, repository));
  GitPush push(mirrors_, registry_, workers_, repository, call);
  absl::StatusOr<std::string> report = co_await push.Run(std::move(bytes));
  co_return report;
}

}  // namespace colophon
