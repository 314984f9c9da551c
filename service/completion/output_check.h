#pragma once

#include "colophon/v1/record.pb.h"
#include "service/template/schema/json_schema.h"

namespace colophon {

// Sets whether the text of a whole output follows the schema, and why not. Leaves an
// outcome alone that was not RECORD_STATUS_OK, one without text (the model asks for a
// tool), and each when the schema is null.
void CheckOutput(const schema::JsonSchema* output_schema, v1::Outcome* outcome);

}  // namespace colophon
