#pragma once

#include <string>
#include <vector>

#include "service/base/call.h"
#include "service/base/task.h"
#include "service/base/workers.h"
#include "service/git/mirrors.h"
#include "service/git/push_request.h"
#include "service/registry/registry.h"

namespace colophon {

// One push, from the bytes that git sent to the report that it is answered: each ref is
// changed by itself, through the registry as any other change.
//
// Used by one task.
class GitPush {
 public:
  GitPush(Mirrors* mirrors, Registry* registry, Workers* workers, std::string repository, Call call)
      : mirrors_(mirrors),
        registry_(registry),
        workers_(workers),
        repository_(std::move(repository)),
        call_(std::move(call)) {}

  // INVALID_ARGUMENT BAD_PUSH, BAD_PACK, PUSH_TOO_LARGE; NOT_FOUND REPOSITORY_NOT_FOUND. What is
  // refused of a single ref is in the report.
  Task<absl::StatusOr<std::string>> Run(std::string bytes);

 private:
  absl::Status Receive(const PushRequest& request);
  Task<absl::Status> Move(const PushedRef& ref);
  Task<absl::Status> MoveBranch(const PushedRef& ref, const std::string& branch);
  Task<absl::Status> DeleteDraft(const PushedRef& ref, const std::string& branch);
  absl::Status CheckTag(const PushedRef& ref, std::string_view tag) const;
  void Say(const v1::PublishResponse& response);
  void Say(const absl::Status& refusal);

  Mirrors* const mirrors_;
  Registry* const registry_;
  Workers* const workers_;
  const std::string repository_;
  const Call call_;
  std::vector<SharedObject> objects_;
  std::vector<std::string> said_;
};

}  // namespace colophon
