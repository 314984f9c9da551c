#pragma once

#include <string>

#include "colophon/v1/record.pb.h"
#include "service/base/json.h"
#include "service/base/status.h"

namespace colophon {

// That a record is a conversation with an answer: it ended well, has an output and was
// rendered again. FAILED_PRECONDITION with what it lacks.
absl::Status CheckConversation(const v1::ExportedRecord& exported);

// FAILED_PRECONDITION: the format has no word for a part of a message, "media".
absl::Status NoPlaceFor(std::string_view what);

struct ImageSource {
  std::string url;           // As it was given; empty: data.
  std::string content_type;  // "image/png"
  std::string base64;
};

// FAILED_PRECONDITION when it is no image.
absl::StatusOr<ImageSource> ImageOf(const v1::Media& media);

// The schema of a tool's arguments, of any object when it has none.
json::value ArgumentsSchema(const v1::Tool& tool);

}  // namespace colophon
