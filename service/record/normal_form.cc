#include "service/record/normal_form.h"

#include <algorithm>
#include <optional>

#include "service/base/hash.h"
#include "service/base/json.h"
#include "unicode/bytestream.h"
#include "unicode/normalizer2.h"
#include "unicode/uchar.h"
#include "unicode/utf8.h"

namespace colophon {
namespace {

constexpr std::string_view kName = "colophon normal form 1\n";
constexpr UChar32 kByteOrderMark = 0xFEFF;
constexpr UChar32 kReplacement = 0xFFFD;  // Also what isn't UTF-8 is read as.

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// In NFC; bytes that are not UTF-8 stay.
std::string Composed(std::string_view text) {
  if (IsAscii(text)) return std::string(text);
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* const nfc = icu::Normalizer2::getNFCInstance(error);
  std::string composed;
  icu::StringByteSink<std::string> sink(&composed, static_cast<int32_t>(text.size()));
  if (U_SUCCESS(error)) {
    nfc->normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<int32_t>(text.size())), sink,
                       nullptr, error);
  }
  // ICU fails for want of memory or of its own data, which it brings along.
  return U_SUCCESS(error) ? composed : std::string(text);
}

std::string Words(std::string_view text) {
  const std::string composed = Composed(text);
  std::string words;
  words.reserve(composed.size());
  bool blank = false;
  size_t kept = 0;  // Up to here words ends with something other than an outer mark.
  const auto* const bytes = reinterpret_cast<const uint8_t*>(composed.data());
  const auto size = static_cast<int32_t>(composed.size());
  for (int32_t at = 0; at < size;) {
    const int32_t begin = at;
    UChar32 character = 0;
    U8_NEXT_OR_FFFD(bytes, at, size, character);
    if (u_isUWhiteSpace(character)) {
      blank = true;
      continue;
    }
    if (character == kByteOrderMark && words.empty()) continue;
    if (blank && !words.empty()) words += ' ';
    blank = false;
    if (character == kReplacement) {
      words += "\ufffd";
    } else {
      words.append(composed, begin, at - begin);
    }
    if (character != kByteOrderMark) kept = words.size();
  }
  words.resize(kept);
  return words;
}

void NormalizeStrings(json::value* value) {
  if (value->is_string()) {
    *value = JsonText(Words(View(value->get_string())));
  } else if (value->is_array()) {
    for (json::value& item : value->get_array()) NormalizeStrings(&item);
  } else if (value->is_object()) {
    json::object members;
    for (auto& member : value->get_object()) {
      NormalizeStrings(&member.value());
      members[JsonText(Words(View(member.key())))] = std::move(member.value());
    }
    *value = std::move(members);
  }
}

// nullopt when the text is no object or array of JSON.
std::optional<std::string> NormalJson(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos || (text[begin] != '{' && text[begin] != '[')) return std::nullopt;
  absl::StatusOr<json::value> value = ParseJson(text);
  if (!value.ok() || FindUnheldNumber(text)) return std::nullopt;
  NormalizeStrings(&*value);
  return WriteCanonicalJson(*value);
}

}  // namespace

std::string NormalForm(std::string_view text) {
  // As it is first: NFC could join an escape's last letter with the mark after it.
  if (std::optional<std::string> normal = NormalJson(text)) return *normal;
  std::string words = Words(text);
  if (std::optional<std::string> normal = NormalJson(words)) return *normal;
  return words;
}

std::string NormalFormDigest(std::string_view text) {
  const std::string normal = NormalForm(text);
  return normal.empty() ? "" : Sha256Hex(std::string(kName) + normal);
}

}  // namespace colophon
