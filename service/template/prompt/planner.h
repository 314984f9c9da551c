#pragma once

#include <memory>
#include <string>

#include "colophon/v1/completion.pb.h"
#include "service/base/status.h"
#include "service/base/work.h"
#include "service/template/prompt/closure.h"
#include "service/template/prompt/plan.h"

namespace colophon::prompt {

// Of a closure by itself.
std::shared_ptr<const Plan> MakePlan(const Closure& closure);

// The closure's own plan, or one that also has what the call brings for the
// names that the closure leaves open. INVALID_ARGUMENT BAD_TOOL, BAD_SCHEMA. Takes
// its price from `work`, unless null; when that ends, any error.
absl::StatusOr<std::shared_ptr<const Plan>> PlanFor(
    const Closure& closure, const google::protobuf::RepeatedPtrField<v1::Tool>& tools,
    const google::protobuf::Map<std::string, std::string>& schemas, Work* work = nullptr);

}  // namespace colophon::prompt
