#pragma once

// The first two steps of a completion, resolve and render, which Render,
// Complete, CreateRecord and an audit of a record have in common.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "colophon/v1/completion.pb.h"
#include "colophon/v1/record.pb.h"
#include "service/base/status.h"
#include "service/base/stop_flag.h"
#include "service/registry/registry.h"
#include "service/template/plan.h"

namespace colophon {

struct PreparedCall {
  Resolution resolution;
  v1::Rendered rendered;  // With the overrides applied.
  std::string rendered_digest;
  std::shared_ptr<const PromptPlan> plan;

  const v1::Version& version() const { return resolution.loaded->version; }
  const FrontMatter& front_matter() const {
    return resolution.loaded->closure->prompt->front_matter();
  }
  // The model asked first, then the fallbacks, which a caller's own choice of
  // a model does without.
  std::vector<std::string> models;
};

// How much work a preparation may be.
enum class Effort {
  // On a Loop: about a millisecond, and nothing is read from the disk. What
  // would be more ends with NeedsWorker.
  kLittle,
  // On a worker: what rendering's limits allow, and reads.
  kFull,
};

using Spans = google::protobuf::RepeatedPtrField<v1::Span>;

struct PrepareOptions {
  Effort effort = Effort::kFull;
  // Ends the work with CANCELLED when it is stopped; null: nobody stops it.
  const StopFlag* stop = nullptr;
  // Unless null, is told where each piece of text came from.
  Spans* spans = nullptr;
};

// Resolves `name` and renders it from the inputs that `intent` has. Its tags and sizes
// are checked too. FAILED_PRECONDITION OVERRIDE_NOT_ALLOWED names what the front matter
// doesn't allow to change.
absl::StatusOr<PreparedCall> PrepareCall(Registry* registry, std::string_view name,
                                         const v1::Intent& intent,
                                         const PrepareOptions& options = {});
// True when little effort wasn't enough: to be done again with full effort.
bool NeedsWorker(const absl::Status& status);

// What was sent, from a record: the same version, variables, history, context
// and overrides.
absl::StatusOr<PreparedCall> PrepareAgain(Registry* registry, const v1::Intent& intent,
                                          const StopFlag* stop = nullptr);

// Adds everything that follows from the preparation. Of the tools and schemas that the
// call brought, those stay that the prompt names.
void CompleteIntent(const PreparedCall& call, v1::Intent* intent);

}  // namespace colophon
