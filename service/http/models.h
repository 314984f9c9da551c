#pragma once

#include <string>

#include "service/http/method_caller.h"

namespace colophon {

// The prompts that may be called, as OpenAI's and Anthropic's APIs list their models: one
// for each label, "acme/support/triage@production", and one for what is newest. The bodies
// have the members of both. RESOURCE_EXHAUSTED ANSWER_TOO_LARGE above 10,000.
Task<absl::StatusOr<std::string>> ListModels(MethodCaller& caller);

// One by its reference.
Task<absl::StatusOr<std::string>> GetModel(MethodCaller& caller, const std::string& name);

}  // namespace colophon
