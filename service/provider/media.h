#pragma once

// Images, documents and sound in requests.

#include <string>
#include <string_view>

#include "colophon/v1/completion.pb.h"
#include "service/base/status.h"

namespace colophon {

// Media as the APIs take it: where it is, or its bytes.
struct MediaSource {
  // "image/png", in lower case and without parameters. What the prompt says; else
  // what the bytes are; empty for a URL of which nothing is said.
  std::string type;
  std::string url;     // https:; empty: given as bytes,
  std::string base64;  // in Base64.

  bool is_bytes() const { return url.empty(); }
  bool is_image() const { return type.starts_with("image/"); }
  std::string DataUrl() const;  // REQUIRES: is_bytes().
};

// `where` ("messages[1].parts[0]") begins the errors. INVALID_ARGUMENT UNSUPPORTED
// for a URL that CheckMediaUrl refuses and a content type that is none.
absl::Status CheckMedia(const v1::Media& media, std::string_view where);

// Checks and reads it. UNSUPPORTED too for bytes of which nothing says what they
// are, and for bytes that are something else than is said.
absl::StatusOr<MediaSource> ReadMedia(const v1::Media& media, std::string_view where);

// The content type of what begins with `bytes`, for the types that model APIs
// take; empty when it is none of them.
std::string_view SniffContentType(std::string_view bytes);

// INVALID_ARGUMENT UNSUPPORTED when `rendered` has media and `model` is one of
// OpenAI's or Anthropic's that are known to take text only. No name stands for
// models that are still to come.
absl::Status CheckMediaFor(std::string_view model, const v1::Rendered& rendered);

}  // namespace colophon
