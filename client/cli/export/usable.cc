#include "client/cli/export/usable.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "fmt/format.h"

namespace colophon {
namespace {

absl::Status Unusable(std::string_view why) {
  return FailedPrecondition("RECORD_UNUSABLE", std::string(why));
}

}  // namespace

absl::Status CheckConversation(const v1::ExportedRecord& exported) {
  const v1::Outcome& outcome = exported.record().outcome();
  if (outcome.status() != v1::RECORD_STATUS_OK) return Unusable("that didn't end well");
  const auto& parts = outcome.completion().message().parts();
  const bool has_output = std::any_of(parts.begin(), parts.end(), [](const v1::Part& part) {
    return !part.text().empty() || part.has_tool_request();
  });
  if (!has_output) return Unusable("without an output");
  if (!exported.has_rendered()) return Unusable("whose prompt couldn't be rendered again");
  return absl::OkStatus();
}

absl::Status NoPlaceFor(std::string_view what) {
  return Unusable(fmt::format("with {}, for which the format has no place", what));
}

absl::StatusOr<ImageSource> ImageOf(const v1::Media& media) {
  ImageSource image{.url = media.url(), .content_type = media.content_type()};
  constexpr std::string_view kData = "data:", kBase64 = ";base64,";
  const size_t comma = image.url.find(kBase64);
  if (image.url.starts_with(kData) && comma != std::string::npos) {
    if (image.content_type.empty()) {
      image.content_type = image.url.substr(kData.size(), comma - kData.size());
    }
    image.base64 = image.url.substr(comma + kBase64.size());
    image.url.clear();
  } else if (image.url.empty()) {
    image.base64 = absl::Base64Escape(media.data());
  }
  // A URL alone doesn't say what is there.
  const bool is_image = image.content_type.starts_with("image/") ||
                        (image.content_type.empty() && !image.url.empty());
  if (!is_image) return NoPlaceFor("a file that is no image");
  return image;
}

json::value ArgumentsSchema(const v1::Tool& tool) {
  const absl::StatusOr<json::value> schema = ParseJson(tool.input_schema());
  if (schema.ok() && schema->is_object() && !schema->get_object().empty()) return *schema;
  return {{"type", "object"}, {"properties", json::object()}};
}

}  // namespace colophon
