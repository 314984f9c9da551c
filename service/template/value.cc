#include "service/template/value.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/numbers.h"
#include "service/base/json.h"
#include "service/template/js_text.h"

namespace colophon {
namespace {

std::string_view View(const json::string& text) { return {text.data(), text.size()}; }
std::string_view View(json::string_view text) { return {text.data(), text.size()}; }

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// Strings have a length and characters, which are UTF-16's. Half of a pair of
// surrogates can't be told in UTF-8 and is U+FFFD.
Value CharacterAt(std::string_view text, uint32_t index) {
  uint32_t unit = 0;
  for (size_t i = 0; i < text.size();) {
    size_t end = i + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
    const bool pair = static_cast<unsigned char>(text[i]) >= 0xf0;
    if (pair && (unit == index || unit + 1 == index)) return Value::String(kReplacement);
    if (unit == index) return Value::String(text.substr(i, end - i));
    unit += pair ? 2 : 1;
    i = end;
  }
  return Value();
}

// JavaScript's Number(text).
double ToNumber(std::string_view text) {
  text = TrimSpace(text);
  if (text.empty()) return 0;
  if (text == "Infinity" || text == "+Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  if (text.find_first_not_of("0123456789+-.eE") != text.npos) return std::nan("");
  double number = 0;
  return absl::SimpleAtod(absl::string_view(text.data(), text.size()), &number) ? number
                                                                                : std::nan("");
}

double ToNumber(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kBool:
      return value.boolean() ? 1 : 0;
    case Value::Kind::kString:
      return ToNumber(value.text());
    default:
      return value.number();
  }
}

}  // namespace

Value::Value(const json::value& value) : kind_(Kind::kUndefined), int_(0) {
  switch (value.kind()) {
    case json::kind::null:
      kind_ = Kind::kNull;
      break;
    case json::kind::bool_:
      kind_ = Kind::kBool;
      bool_ = value.get_bool();
      break;
    case json::kind::int64:
      kind_ = Kind::kInt;
      int_ = value.get_int64();
      break;
    case json::kind::uint64:
      kind_ = Kind::kUint;
      uint_ = value.get_uint64();
      break;
    case json::kind::double_:
      kind_ = Kind::kDouble;
      double_ = value.get_double();
      break;
    case json::kind::string:
      kind_ = Kind::kString;
      text_ = View(value.get_string());
      break;
    case json::kind::array:
      kind_ = Kind::kArray;
      array_ = &value.get_array();
      break;
    case json::kind::object:
      kind_ = Kind::kObject;
      object_ = &value.get_object();
      break;
  }
}

Value Value::Null() {
  Value value;
  value.kind_ = Kind::kNull;
  return value;
}

Value Value::Bool(bool boolean) {
  Value value;
  value.kind_ = Kind::kBool;
  value.bool_ = boolean;
  return value;
}

Value Value::Number(double number) {
  Value value;
  value.kind_ = Kind::kDouble;
  value.double_ = number;
  return value;
}

Value Value::Index(int64_t index) {
  Value value;
  value.kind_ = Kind::kInt;
  value.int_ = index;
  return value;
}

Value Value::String(std::string_view text) {
  Value value;
  value.kind_ = Kind::kString;
  value.text_ = text;
  return value;
}

Value Value::SafeString(std::string_view text) {
  Value value = String(text);
  value.kind_ = Kind::kSafeString;
  return value;
}

bool Value::IsUndefinedText() const {
  return kind_ == Kind::kSafeString && text_ == kUndefinedText;
}

Value Value::Function() {
  Value value;
  value.kind_ = Kind::kFunction;
  return value;
}

Value Value::EmptyObject() {
  static const auto* const kEmpty = new json::object();
  return Value(*kEmpty);
}

double Value::number() const {
  switch (kind_) {
    case Kind::kInt:
      return static_cast<double>(int_);
    case Kind::kUint:
      return static_cast<double>(uint_);
    case Kind::kDouble:
      return double_;
    default:
      return std::nan("");
  }
}

bool Value::IsTruthy() const {
  switch (kind_) {
    case Kind::kUndefined:
    case Kind::kNull:
      return false;
    case Kind::kBool:
      return bool_;
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble:
      return number() != 0 && !std::isnan(number());
    case Kind::kString:
      return !text_.empty();
    default:
      return true;
  }
}

bool Value::IsEmpty() const {
  if (kind_ == Kind::kArray) return array_->empty();
  if (IsNumber()) return std::isnan(number());
  return !IsTruthy();
}

Value Value::Get(const ast::Segment& key) const { return GetNamed(key.name, key.index); }

Value Value::Get(std::string_view key) const {
  // Only arrays and strings have indexes.
  if (kind_ == Kind::kObject) return GetNamed(key, ast::Segment::kNoIndex);
  return Get(ast::MakeSegment(std::string(key)));
}

Value Value::GetNamed(std::string_view key, uint32_t index) const {
  switch (kind_) {
    case Kind::kObject: {
      const json::value* found = object_->if_contains({key.data(), key.size()});
      return found != nullptr ? Value(*found) : Value();
    }
    case Kind::kLayers: {
      for (const auto& [name, value] : layers_->named) {
        if (name == key) return value;
      }
      if (layers_->over != nullptr) {
        if (const json::value* found = layers_->over->if_contains({key.data(), key.size()})) {
          return Value(*found);
        }
      }
      const Value& under = layers_->under;
      const bool has_indexes = under.kind_ == Kind::kArray || under.kind_ == Kind::kString;
      const bool has_members = under.IsObject() || under.kind_ == Kind::kSafeString;
      if (has_members || (has_indexes && index != ast::Segment::kNoIndex)) {
        return under.GetNamed(key, index);
      }
      return Value();
    }
    case Kind::kArray:
      if (index < array_->size()) return Value((*array_)[index]);
      return key == "length" ? Index(static_cast<int64_t>(array_->size())) : Value();
    case Kind::kString:
      if (index != ast::Segment::kNoIndex) return CharacterAt(text_, index);
      return key == "length" ? Index(static_cast<int64_t>(Utf16Length(text_))) : Value();
    case Kind::kSafeString:
      return key == "string" && !IsUndefinedText() ? String(text_) : Value();
    default:
      return Value();
  }
}

bool Value::StrictlyEquals(const Value& other) const {
  if (IsNumber() && other.IsNumber()) return number() == other.number();
  if (kind_ != other.kind_) return false;
  switch (kind_) {
    case Kind::kUndefined:
    case Kind::kNull:
    case Kind::kFunction:
      return true;
    case Kind::kBool:
      return bool_ == other.bool_;
    case Kind::kString:
      return text_ == other.text_;
    case Kind::kSafeString:
      // Each is an object of its own.
      return text_.data() == other.text_.data();
    case Kind::kArray:
      return array_ == other.array_;
    case Kind::kObject:
      return object_ == other.object_;
    default:
      return layers_ == other.layers_;
  }
}

bool Value::LooselyEquals(const Value& other) const {
  if (IsNullish() || other.IsNullish()) return IsNullish() && other.IsNullish();
  if (kind_ == other.kind_ || (IsNumber() && other.IsNumber())) return StrictlyEquals(other);
  // An object compares by its text with what is none.
  const auto is_primitive = [](const Value& value) {
    return value.kind_ == Kind::kBool || value.kind_ == Kind::kString || value.IsNumber();
  };
  if (!is_primitive(*this) && !is_primitive(other)) return false;
  std::string mine;
  std::string theirs;
  Value left = *this;
  Value right = other;
  if (!is_primitive(left)) {
    AppendTo(&mine);
    left = String(mine);
  }
  if (!is_primitive(right)) {
    other.AppendTo(&theirs);
    right = String(theirs);
  }
  if (left.kind_ == right.kind_) return left.StrictlyEquals(right);
  return ToNumber(left) == ToNumber(right);
}

void Value::AppendTo(std::string* out) const {
  switch (kind_) {
    case Kind::kUndefined:
    case Kind::kNull:
    case Kind::kFunction:
      return;
    case Kind::kBool:
      *out += bool_ ? "true" : "false";
      return;
    case Kind::kInt:
      *out += std::to_string(int_);
      return;
    case Kind::kUint:
      *out += std::to_string(uint_);
      return;
    case Kind::kDouble:
      *out += FormatNumber(double_);
      return;
    case Kind::kString:
    case Kind::kSafeString:
      *out += text_;
      return;
    case Kind::kArray:
      for (size_t i = 0; i < array_->size(); ++i) {
        if (i > 0) *out += ',';
        Value((*array_)[i]).AppendTo(out);
      }
      return;
    case Kind::kObject:
    case Kind::kLayers:
      *out += "[object Object]";
      return;
  }
}

namespace {

// Below 2^32 - 1, as JavaScript has it.
uint32_t IndexOf(std::string_view key) {
  if (key.empty() || key[0] < '0' || key[0] > '9') return ast::Segment::kNoIndex;
  return ast::MakeSegment(std::string(key)).index;
}

void Put(std::string_view key, const Value& value, Members* members) {
  for (auto& [name, old] : *members) {
    if (name != key) continue;
    old = value;
    return;
  }
  members->emplace_back(key, value);
}

// {..."text"} has its characters.
void AppendCharacters(std::string_view text, std::deque<std::string>* arena, Members* members) {
  for (size_t i = 0; i < text.size();) {
    size_t end = i + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
    const bool pair = static_cast<unsigned char>(text[i]) >= 0xf0;
    for (int unit = 0; unit < (pair ? 2 : 1); ++unit) {
      members->emplace_back(arena->emplace_back(std::to_string(members->size())),
                            Value::String(pair ? kReplacement : text.substr(i, end - i)));
    }
    i = end;
  }
}

}  // namespace

void Layers::Set(std::string_view name, const Value& value) { Put(name, value, &named); }

Members MembersOf(const Value& object, std::deque<std::string>* arena) {
  Members members;
  if (object.kind() == Value::Kind::kObject) {
    members.reserve(object.object().size());
    for (const auto& member : object.object()) {
      members.emplace_back(View(member.key()), Value(member.value()));
    }
  } else if (object.kind() == Value::Kind::kArray) {
    for (size_t i = 0; i < object.array().size(); ++i) {
      members.emplace_back(arena->emplace_back(std::to_string(i)), Value(object.array()[i]));
    }
  } else if (object.kind() == Value::Kind::kString) {
    AppendCharacters(object.text(), arena, &members);
  } else if (object.kind() == Value::Kind::kSafeString) {
    members.emplace_back("string", object.Get("string"));
  } else if (object.kind() == Value::Kind::kLayers) {
    const Layers& layers = object.layers();
    members = MembersOf(layers.under, arena);
    if (layers.over != nullptr) {
      for (const auto& member : *layers.over) {
        const std::string_view key = View(member.key());
        const bool shadows = layers.under.kind() != Value::Kind::kObject ||
                             layers.under.object().contains(member.key());
        if (shadows) {
          Put(key, Value(member.value()), &members);
        } else {
          members.emplace_back(key, Value(member.value()));
        }
      }
    }
    for (const auto& [name, value] : layers.named) Put(name, value, &members);
  }
  const auto indexes_end = std::stable_partition(
      members.begin(), members.end(),
      [](const auto& member) { return IndexOf(member.first) != ast::Segment::kNoIndex; });
  std::sort(members.begin(), indexes_end,
            [](const auto& a, const auto& b) { return IndexOf(a.first) < IndexOf(b.first); });
  return members;
}

}  // namespace colophon
