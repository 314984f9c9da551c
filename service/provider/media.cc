#include "service/provider/media.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "fmt/format.h"
#include "service/base/reference.h"
#include "service/provider/media_url.h"
#include "service/provider/request_json.h"

namespace colophon {
namespace {

// A file of this type has `magic` at `offset`, and `container` at its beginning.
struct Signature {
  std::string_view type;
  size_t offset;
  std::string_view magic;
  std::string_view container = "";
};

constexpr Signature kSignatures[] = {
    {"image/png", 0, "\x89PNG\r\n\x1a\n"},
    {"image/jpeg", 0, "\xff\xd8\xff"},
    {"image/gif", 0, "GIF87a"},
    {"image/gif", 0, "GIF89a"},
    {"image/webp", 8, "WEBP", "RIFF"},
    {"application/pdf", 0, "%PDF-"},
    {"audio/wav", 8, "WAVE", "RIFF"},
    {"audio/mpeg", 0, "ID3"},
};
constexpr size_t kSignatureBytes = 12;  // The longest reach.

// Names for one type that are in use beside the registered one.
constexpr std::pair<std::string_view, std::string_view> kAliases[] = {
    {"image/jpg", "image/jpeg"},     {"audio/x-wav", "audio/wav"}, {"audio/wave", "audio/wav"},
    {"audio/vnd.wave", "audio/wav"}, {"audio/mp3", "audio/mpeg"},
};

bool TakesTextOnly(std::string_view model) {
  // As of November 2026, by platform.openai.com/docs/models and
  // docs.claude.com/en/docs/about-claude/models/overview.
  constexpr std::string_view kTextOnly[] = {
      "gpt-3.5-turbo",
      "gpt-3.5-turbo-0125",
      "gpt-3.5-turbo-1106",
      "gpt-3.5-turbo-16k",
      "gpt-4",
      "gpt-4-0314",
      "gpt-4-0613",
      "gpt-4-32k",
      "gpt-4-0125-preview",
      "gpt-4-1106-preview",
      "gpt-4-turbo-preview",
      "o1-mini",
      "o1-mini-2024-09-12",
      "o1-preview",
      "o1-preview-2024-09-12",
      "o3-mini",
      "o3-mini-2025-01-31",
      "claude-2.0",
      "claude-2.1",
      "claude-instant-1.2",
  };
  return std::find(std::begin(kTextOnly), std::end(kTextOnly), model) != std::end(kTextOnly);
}

// "image/jpeg" of "Image/JPG; charset=x".
std::string NormalType(std::string_view type) {
  const std::string_view bare = type.substr(0, type.find(';'));
  std::string normal(absl::StripAsciiWhitespace({bare.data(), bare.size()}));
  absl::AsciiStrToLower(&normal);
  for (const auto& [alias, name] : kAliases) {
    if (normal == alias) return std::string(name);
  }
  return normal;
}

// The first bytes of a Base64 text; empty when it is none.
std::string BeginningOf(std::string_view base64) {
  constexpr size_t kDigits = (kSignatureBytes + 2) / 3 * 4;
  const std::string_view digits = base64.substr(0, kDigits);
  std::string bytes;
  if (!absl::Base64Unescape({digits.data(), digits.size()}, &bytes)) bytes.clear();
  return bytes;
}

// The bytes are of the type that is said, or say it themselves.
absl::Status CheckType(std::string_view beginning, std::string_view where, MediaSource* source) {
  const std::string_view found = SniffContentType(beginning);
  if (source->type.empty()) source->type = found;
  if (source->type.empty()) {
    return Unsupported(where, "media given as bytes needs a content type, like \"image/png\"");
  }
  if (found.empty() || found == source->type) return absl::OkStatus();
  const bool is_told_apart =
      std::any_of(std::begin(kSignatures), std::end(kSignatures),
                  [&](const Signature& known) { return known.type == source->type; });
  if (!is_told_apart) return absl::OkStatus();
  return Unsupported(where, fmt::format("the content type says \"{}\", and the bytes are \"{}\"",
                                        source->type, found));
}

}  // namespace

std::string MediaSource::DataUrl() const { return fmt::format("data:{};base64,{}", type, base64); }

absl::Status CheckMedia(const v1::Media& media, std::string_view where) {
  if (!media.content_type().empty() && !IsMediaType(media.content_type())) {
    return Unsupported(where, fmt::format("content type {} is no media type like \"image/png\"",
                                          Quoted(media.content_type())));
  }
  if (media.source_case() == v1::Media::kData) return absl::OkStatus();
  return CheckMediaUrl(media.url(), where);
}

absl::StatusOr<MediaSource> ReadMedia(const v1::Media& media, std::string_view where) {
  RETURN_IF_ERROR(CheckMedia(media, where));
  MediaSource source;
  source.type = NormalType(media.content_type());
  if (media.source_case() == v1::Media::kData) {
    RETURN_IF_ERROR(
        CheckType(std::string_view(media.data()).substr(0, kSignatureBytes), where, &source));
    source.base64 = Base64(media.data());
    return source;
  }
  const std::string& url = media.url();
  if (IsDataUrl(url)) {
    const DataUrlParts parts = SplitDataUrl(url);
    if (source.type.empty()) source.type = NormalType(parts.type);
    source.base64 = parts.base64;
    RETURN_IF_ERROR(CheckType(BeginningOf(source.base64), where, &source));
    return source;
  }
  source.url = url;
  return source;
}

std::string_view SniffContentType(std::string_view bytes) {
  for (const Signature& known : kSignatures) {
    if (bytes.starts_with(known.container) && bytes.size() >= known.offset &&
        bytes.substr(known.offset).starts_with(known.magic)) {
      return known.type;
    }
  }
  return "";
}

absl::Status CheckMediaFor(std::string_view model, const v1::Rendered& rendered) {
  if (!TakesTextOnly(model)) return absl::OkStatus();
  for (int i = 0; i < rendered.messages_size(); ++i) {
    const v1::Message& message = rendered.messages(i);
    for (int k = 0; k < message.parts_size(); ++k) {
      if (message.parts(k).part_case() != v1::Part::kMedia) continue;
      return Unsupported(fmt::format("messages[{}].parts[{}]", i, k),
                         fmt::format("the model \"{}\" takes text only: leave the media out, or "
                                     "choose a model that takes it",
                                     model));
    }
  }
  return absl::OkStatus();
}

}  // namespace colophon
