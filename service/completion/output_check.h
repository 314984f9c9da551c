#pragma once

#include "colophon/v1/record.pb.h"
#include "service/template/plan.h"

namespace colophon {

// Sets whether the text of a whole output follows the prompt's output schema,
// and why not. Leaves an outcome alone that was not RECORD_STATUS_OK, one without text
// (the model asks for a tool), and one of a prompt without such a schema.
void CheckOutput(const PromptPlan& plan, v1::Outcome* outcome);

}  // namespace colophon
