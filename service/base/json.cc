#include "service/base/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "fmt/format.h"

namespace colophon {
namespace {

bool IsPlain(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; }

// The first character from `p` on that is written as an escape, or `end`. Few are, so
// eight are looked at together: `word - kOnes * c` borrows into a byte's high bit where
// the byte is less than c. A borrow goes upwards only, so the lowest bit set is right.
const char* FindEscaped(const char* p, const char* end) {
  constexpr uint64_t kOnes = 0x0101010101010101, kHighs = 0x8080808080808080;
  for (; end - p >= 8; p += 8) {
    uint64_t word;
    std::memcpy(&word, p, sizeof word);
    const uint64_t quote = word ^ (kOnes * '"'), backslash = word ^ (kOnes * '\\');
    const uint64_t escaped = ((word - kOnes * 0x20) & ~word) | ((quote - kOnes) & ~quote) |
                             ((backslash - kOnes) & ~backslash);
    if ((escaped & kHighs) != 0) break;
  }
  return std::find_if_not(p, end, IsPlain);
}

void WriteEscape(char c, std::string* out) {
  constexpr std::string_view kEscaped = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  const size_t at = kEscaped.find(c);
  if (at == kEscaped.npos) {
    *out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
  } else {
    *out += '\\';
    *out += kLetters[at];
  }
}

void WriteString(std::string_view text, std::string* out) {
  *out += '"';
  const char* begin = text.data();
  const char* const end = begin + text.size();
  while (true) {
    const char* const escaped = FindEscaped(begin, end);
    out->append(begin, escaped);
    if (escaped == end) break;
    WriteEscape(*escaped, out);
    begin = escaped + 1;
  }
  *out += '"';
}

void WriteNumber(double number, std::string* out) {
  *out += std::isfinite(number) ? FormatNumber(number) : "null";
}

void WriteStruct(const google::protobuf::Struct& from, std::string* out);

void WriteValue(const google::protobuf::Value& from, std::string* out) {
  switch (from.kind_case()) {
    case google::protobuf::Value::kBoolValue:
      *out += from.bool_value() ? "true" : "false";
      return;
    case google::protobuf::Value::kNumberValue:
      return WriteNumber(from.number_value(), out);
    case google::protobuf::Value::kStringValue:
      return WriteString(from.string_value(), out);
    case google::protobuf::Value::kStructValue:
      return WriteStruct(from.struct_value(), out);
    case google::protobuf::Value::kListValue: {
      *out += '[';
      const char* separator = "";
      for (const auto& value : from.list_value().values()) {
        *out += std::exchange(separator, ",");
        WriteValue(value, out);
      }
      *out += ']';
      return;
    }
    default:
      *out += "null";
  }
}

void WriteStruct(const google::protobuf::Struct& from, std::string* out) {
  using Member = google::protobuf::Map<std::string, google::protobuf::Value>::value_type;
  std::vector<const Member*> members;
  members.reserve(from.fields_size());
  for (const auto& member : from.fields()) members.push_back(&member);
  std::sort(members.begin(), members.end(), [](auto* a, auto* b) { return a->first < b->first; });
  *out += '{';
  const char* separator = "";
  for (const Member* member : members) {
    *out += std::exchange(separator, ",");
    WriteString(member->first, out);
    *out += ':';
    WriteValue(member->second, out);
  }
  *out += '}';
}

// Writes values as JSON.stringify does, or sorted.
class Writer {
 public:
  Writer(int indent, bool sorted) : indent_(indent), sorted_(sorted) {}

  void Write(const json::value& value, int depth) {
    switch (value.kind()) {
      case json::kind::null:
        out_ += "null";
        break;
      case json::kind::bool_:
        out_ += value.get_bool() ? "true" : "false";
        break;
      case json::kind::int64:
      case json::kind::uint64:
        out_ += FormatNumber(value);
        break;
      case json::kind::double_:
        WriteNumber(value.get_double(), &out_);
        break;
      case json::kind::string:
        WriteString(View(value.get_string()), &out_);
        break;
      case json::kind::array:
        WriteArray(value.get_array(), depth);
        break;
      case json::kind::object:
        WriteObject(value.get_object(), depth);
        break;
    }
  }
  std::string Take() { return std::move(out_); }

 private:
  void WriteArray(const json::array& array, int depth) {
    out_ += '[';
    for (size_t i = 0; i < array.size(); ++i) {
      if (i > 0) out_ += ',';
      Break(depth + 1);
      Write(array[i], depth + 1);
    }
    if (!array.empty()) Break(depth);
    out_ += ']';
  }

  void WriteObject(const json::object& object, int depth) {
    std::vector<const json::key_value_pair*> members;
    members.reserve(object.size());
    for (const auto& member : object) members.push_back(&member);
    if (sorted_) {
      std::sort(members.begin(), members.end(),
                [](auto* a, auto* b) { return View(a->key()) < View(b->key()); });
    }
    out_ += '{';
    for (size_t i = 0; i < members.size(); ++i) {
      if (i > 0) out_ += ',';
      Break(depth + 1);
      WriteString(View(members[i]->key()), &out_);
      out_ += indent_ > 0 ? ": " : ":";
      Write(members[i]->value(), depth + 1);
    }
    if (!members.empty()) Break(depth);
    out_ += '}';
  }

  void Break(int depth) {
    if (indent_ == 0) return;
    out_ += '\n';
    out_.append(static_cast<size_t>(indent_) * depth, ' ');
  }

  const int indent_;
  const bool sorted_;
  std::string out_;
};

template <class Number>
bool Fits(std::string_view text) {
  Number number{};
  return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc();
}

bool IsHeld(std::string_view number) {
  constexpr size_t kDigits = 18;  // So many always fit.
  if (number.find_first_of(".eE") != number.npos) return Fits<double>(number);
  if (number.size() <= kDigits) return true;
  return number[0] == '-' ? Fits<int64_t>(number) : Fits<uint64_t>(number);
}

// Behind the string that begins at `i` of valid JSON.
size_t SkipString(std::string_view text, size_t i) {
  while (true) {
    i = text.find('"', i + 1);
    size_t backslashes = 0;
    while (text[i - 1 - backslashes] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return i + 1;
  }
}

}  // namespace

json::object ToJson(const google::protobuf::Struct& from) {
  std::vector<const std::string*> keys;
  keys.reserve(from.fields_size());
  for (const auto& [key, value] : from.fields()) keys.push_back(&key);
  std::sort(keys.begin(), keys.end(), [](auto* a, auto* b) { return *a < *b; });
  json::object to;
  to.reserve(keys.size());
  for (const std::string* key : keys) to.emplace(*key, ToJson(from.fields().at(*key)));
  return to;
}

json::value ToJson(const google::protobuf::Value& from) {
  switch (from.kind_case()) {
    case google::protobuf::Value::kBoolValue:
      return from.bool_value();
    case google::protobuf::Value::kNumberValue:
      return from.number_value();
    case google::protobuf::Value::kStringValue:
      return json::string(from.string_value());
    case google::protobuf::Value::kStructValue:
      return ToJson(from.struct_value());
    case google::protobuf::Value::kListValue: {
      json::array to;
      to.reserve(from.list_value().values_size());
      for (const auto& value : from.list_value().values()) to.push_back(ToJson(value));
      return to;
    }
    default:
      return nullptr;
  }
}

void FromJson(const json::object& from, google::protobuf::Struct* to) {
  for (const auto& member : from) {
    FromJson(member.value(), &(*to->mutable_fields())[std::string(member.key())]);
  }
}

void FromJson(const json::value& from, google::protobuf::Value* to) {
  switch (from.kind()) {
    case json::kind::null:
      to->set_null_value(google::protobuf::NULL_VALUE);
      break;
    case json::kind::bool_:
      to->set_bool_value(from.get_bool());
      break;
    case json::kind::int64:
      to->set_number_value(static_cast<double>(from.get_int64()));
      break;
    case json::kind::uint64:
      to->set_number_value(static_cast<double>(from.get_uint64()));
      break;
    case json::kind::double_:
      to->set_number_value(from.get_double());
      break;
    case json::kind::string:
      to->set_string_value(std::string(from.get_string()));
      break;
    case json::kind::array:
      to->mutable_list_value();
      for (const auto& value : from.get_array()) {
        FromJson(value, to->mutable_list_value()->add_values());
      }
      break;
    case json::kind::object:
      FromJson(from.get_object(), to->mutable_struct_value());
      break;
  }
}

std::string WriteJson(const google::protobuf::Struct& from) {
  std::string text;
  WriteStruct(from, &text);
  return text;
}

std::string WriteJson(const json::value& value, int indent) {
  Writer writer(indent, /*sorted=*/false);
  writer.Write(value, 0);
  return writer.Take();
}

std::string WriteCanonicalJson(const json::value& value) {
  Writer writer(/*indent=*/0, /*sorted=*/true);
  writer.Write(value, 0);
  return writer.Take();
}

std::string FormatNumber(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  if (number == 0) return "0";
  // ECMA-262 Number::toString: the shortest digits that read back the same,
  // and where the point goes by the exponent n.
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), std::fabs(number),
                                 std::chars_format::scientific);
  const std::string_view text(buffer, end.ptr - buffer);
  const size_t e = text.find('e');
  std::string digits(text.substr(0, e));
  digits.erase(std::remove(digits.begin(), digits.end(), '.'), digits.end());
  int exponent = 0;
  const std::string_view power = text.substr(e + 1);
  std::from_chars(power.data() + (power[0] == '+'), power.data() + power.size(), exponent);
  const int k = static_cast<int>(digits.size());
  const int n = exponent + 1;
  std::string out = number < 0 ? "-" : "";
  if (k <= n && n <= 21) return out + digits + std::string(n - k, '0');
  if (0 < n && n <= 21) return out + digits.substr(0, n) + "." + digits.substr(n);
  if (-6 < n && n <= 0) return out + "0." + std::string(-n, '0') + digits;
  out += digits.substr(0, 1);
  if (k > 1) out += "." + digits.substr(1);
  return out + fmt::format("e{}{}", n > 0 ? "+" : "-", std::abs(n - 1));
}

std::string FormatNumber(const json::value& number) {
  if (number.is_int64()) return std::to_string(number.get_int64());
  if (number.is_uint64()) return std::to_string(number.get_uint64());
  return FormatNumber(number.get_double());
}

std::optional<std::string_view> FindUnheldNumber(std::string_view text) {
  constexpr std::string_view kNumber = "+-.0123456789eE";
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '"') {
      i = SkipString(text, i);
    } else if (text[i] == '-' || (text[i] >= '0' && text[i] <= '9')) {
      const std::string_view number = text.substr(i, text.find_first_not_of(kNumber, i) - i);
      i += number.size();
      if (!IsHeld(number)) return number;
    } else {
      ++i;
    }
  }
  return std::nullopt;
}

bool IsUtf8(std::string_view text) {
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = p + text.size();
  while (p < end) {
    if (*p < 0x80) {
      ++p;
      continue;
    }
    int length;
    uint32_t point;
    if (*p >= 0xc2 && *p <= 0xdf) {
      length = 2;
      point = *p & 0x1f;
    } else if ((*p & 0xf0) == 0xe0) {
      length = 3;
      point = *p & 0x0f;
    } else if (*p >= 0xf0 && *p <= 0xf4) {
      length = 4;
      point = *p & 0x07;
    } else {
      return false;
    }
    if (end - p < length) return false;
    for (int i = 1; i < length; ++i) {
      if ((p[i] & 0xc0) != 0x80) return false;
      point = point << 6 | (p[i] & 0x3f);
    }
    if (length == 3 && (point < 0x800 || (point >= 0xd800 && point <= 0xdfff))) return false;
    if (length == 4 && (point < 0x10000 || point > 0x10ffff)) return false;
    p += length;
  }
  return true;
}

}  // namespace colophon
