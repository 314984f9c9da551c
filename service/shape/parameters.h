#pragma once

// What stands beside the messages of a request, in all shapes.

#include "colophon/v1/completion.pb.h"
#include "service/shape/fields.h"

namespace colophon::shape {

// Every member of the body that isn't read is a parameter of the model, under the name
// that prompts have for it.
absl::Status ReadParameters(Fields* body, v1::CompleteRequest* call);

// `metadata`, which becomes tags of the record.
absl::Status ReadMetadata(Fields* body, v1::CompleteRequest* call);

}  // namespace colophon::shape
