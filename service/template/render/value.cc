#include "service/template/render/value.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "service/base/json.h"
#include "service/template/syntax/js_text.h"

namespace colophon::render {
namespace {

constexpr int64_t kCostOfDouble = 3;  // Its shortest digits.
// Of a look through so many names that a template gives.
int64_t CostOfNames(size_t names) { return static_cast<int64_t>(names / 8); }

double NumberOf(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kBool:
      return value.boolean() ? 1 : 0;
    case Value::Kind::kString:
      return syntax::ToNumber(value.text());
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

Value Value::Get(const syntax::Segment& key, Work* work) const {
  if (!work->SpendBytes(key.name.size())) return Value();  // Hashed or compared.
  switch (kind_) {
    case Kind::kObject: {
      const json::value* found = object_->if_contains(key.name);
      return found != nullptr ? Value(*found) : Value();
    }
    case Kind::kLayers: {
      if (!work->Spend(CostOfNames(layers_->named.size()))) return Value();
      for (const auto& [name, value] : layers_->named) {
        if (name == key.name) return value;
      }
      if (layers_->over != nullptr) {
        if (const json::value* found = layers_->over->if_contains(key.name)) return Value(*found);
      }
      const Value& under = layers_->under;
      const bool has_indexes = under.kind_ == Kind::kArray || under.kind_ == Kind::kString;
      const bool has_members = under.IsObject() || under.kind_ == Kind::kSafeString;
      if (has_members || (has_indexes && key.index != syntax::Segment::kNoIndex)) {
        return under.Get(key, work);
      }
      return Value();
    }
    case Kind::kArray:
      if (key.index < array_->size()) return Value((*array_)[key.index]);
      return key.name == "length" ? Index(static_cast<int64_t>(array_->size())) : Value();
    case Kind::kString:
      // Characters have to be counted.
      if (!work->SpendBytes(text_.size())) return Value();
      if (key.index != syntax::Segment::kNoIndex) {
        const auto character = syntax::Utf16CharacterAt(text_, key.index);
        return character ? Value::String(*character) : Value();
      }
      return key.name == "length" ? Index(static_cast<int64_t>(syntax::Utf16Length(text_)))
                                  : Value();
    case Kind::kSafeString:
      return key.name == "string" && !IsUndefinedText() ? String(text_) : Value();
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

bool Value::LooselyEquals(const Value& other, Work* work) const {
  if (IsNullish() || other.IsNullish()) return IsNullish() && other.IsNullish();
  if (kind_ == other.kind_ || (IsNumber() && other.IsNumber())) {
    if (IsText() && !work->SpendBytes(std::min(text_.size(), other.text_.size()))) return false;
    return StrictlyEquals(other);
  }
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
    if (!AppendTo(&mine, work)) return false;
    left = String(mine);
  }
  if (!is_primitive(right)) {
    if (!other.AppendTo(&theirs, work)) return false;
    right = String(theirs);
  }
  for (const Value* side : {&left, &right}) {
    if (side->IsText() && !work->SpendBytes(side->text_.size())) return false;
  }
  if (left.kind_ == right.kind_) return left.StrictlyEquals(right);
  return NumberOf(left) == NumberOf(right);
}

bool Value::AppendTo(std::string* out, Work* work) const {
  switch (kind_) {
    case Kind::kUndefined:
    case Kind::kNull:
    case Kind::kFunction:
      return work->Spend();
    case Kind::kBool:
      *out += bool_ ? "true" : "false";
      return work->Spend();
    case Kind::kInt:
      *out += std::to_string(int_);
      return work->Spend();
    case Kind::kUint:
      *out += std::to_string(uint_);
      return work->Spend();
    case Kind::kDouble:
      *out += FormatNumber(double_);
      return work->Spend(kCostOfDouble);
    case Kind::kString:
    case Kind::kSafeString:
      if (!work->Spend(1 + Work::OfBytes(text_.size()))) return false;
      *out += text_;
      return true;
    case Kind::kArray:
      if (!work->Spend()) return false;
      for (size_t i = 0; i < array_->size(); ++i) {
        if (i > 0) *out += ',';
        if (!Value((*array_)[i]).AppendTo(out, work)) return false;
      }
      return true;
    case Kind::kObject:
    case Kind::kLayers:
      *out += "[object Object]";
      return work->Spend();
  }
  return false;
}

namespace {

// Members by key: the first place of a key stays, its last value counts. Finds keys
// by their hashes, so that many take time in proportion.
class MemberList {
 public:
  MemberList(std::deque<std::string>* arena, Work* work) : arena_(arena), work_(work) {}

  void AddAll(const Value& object) {
    switch (object.kind()) {
      case Value::Kind::kObject:
        AddAll(object.object());
        break;
      case Value::Kind::kArray:
        for (const json::value& element : object.array()) {
          if (!AddMade(Value(element))) return;
        }
        break;
      case Value::Kind::kString:
        AddCharacters(object.text());
        break;
      case Value::Kind::kSafeString:
        Add("string", object.IsUndefinedText() ? Value() : Value::String(object.text()));
        break;
      case Value::Kind::kLayers: {
        const Layers& layers = object.layers();
        AddAll(layers.under);
        if (layers.over != nullptr) AddAll(*layers.over);
        for (const auto& [name, value] : layers.named) {
          if (!Add(name, value)) return;
        }
        break;
      }
      default:
        break;
    }
  }

  Members Take() {
    SortIndexes();
    return std::move(members_);
  }

 private:
  bool AddAll(const json::object& object) {
    const bool all_new = members_.empty();
    for (const auto& member : object) {
      const std::string_view key = View(member.key());
      if (!all_new) {
        if (!Add(key, Value(member.value()))) return false;
        continue;
      }
      if (!work_->Spend(1 + Work::OfBytes(key.size()))) return false;
      members_.emplace_back(key, Value(member.value()));
    }
    return true;
  }

  bool Add(std::string_view key, const Value& value) {
    if (!work_->Spend(kCostOfKey + Work::OfBytes(key.size()))) return false;
    for (; indexed_ < members_.size(); ++indexed_) {
      if (!work_->Spend(kCostOfKey)) return false;
      by_key_.emplace(members_[indexed_].first, indexed_);
    }
    const auto [found, is_new] = by_key_.emplace(key, members_.size());
    if (is_new) {
      members_.emplace_back(key, value);
      ++indexed_;
    } else {
      members_[found->second].second = value;
    }
    return true;
  }

  // Under the next number.
  bool AddMade(const Value& value) {
    if (!work_->Spend(kCostOfMade)) return false;
    members_.emplace_back(arena_->emplace_back(std::to_string(members_.size())), value);
    return true;
  }

  // {..."text"} has its characters.
  void AddCharacters(std::string_view text) {
    for (size_t i = 0; i < text.size();) {
      size_t end = i + 1;
      while (end < text.size() && syntax::IsContinuation(text[end])) ++end;
      const bool pair = static_cast<unsigned char>(text[i]) >= 0xf0;
      for (int unit = 0; unit < (pair ? 2 : 1); ++unit) {
        if (!AddMade(Value::String(pair ? syntax::kReplacement : text.substr(i, end - i)))) return;
      }
      i = end;
    }
  }

  void SortIndexes() {
    // Most objects have none.
    std::vector<std::pair<uint32_t, std::pair<std::string_view, Value>>> indexes;
    const auto is_index = [&](auto& member) {
      const uint32_t index = syntax::IndexOf(member.first);
      if (index == syntax::Segment::kNoIndex || !work_->Spend(kCostOfSort)) return false;
      indexes.emplace_back(index, member);
      return true;
    };
    members_.erase(std::remove_if(members_.begin(), members_.end(), is_index), members_.end());
    if (indexes.empty()) return;
    const auto less = [](const auto& a, const auto& b) { return a.first < b.first; };
    if (!std::is_sorted(indexes.begin(), indexes.end(), less)) {
      std::sort(indexes.begin(), indexes.end(), less);
    }
    Members sorted;
    sorted.reserve(indexes.size() + members_.size());
    for (auto& [index, member] : indexes) sorted.push_back(member);
    sorted.insert(sorted.end(), members_.begin(), members_.end());
    members_ = std::move(sorted);
  }

  static constexpr int64_t kCostOfKey = 2;   // A place in the table of hashes.
  static constexpr int64_t kCostOfMade = 4;  // A string that stays till the end.
  static constexpr int64_t kCostOfSort = 4;

  std::deque<std::string>* const arena_;
  Work* const work_;
  Members members_;
  absl::flat_hash_map<std::string_view, size_t> by_key_;
  size_t indexed_ = 0;  // So many of `members_` are in `by_key_`.
};

}  // namespace

void Layers::Set(std::string_view name, const Value& value, Work* work) {
  if (!work->Spend(CostOfNames(named.size()))) return;
  for (auto& [known, old] : named) {
    if (known != name) continue;
    old = value;
    return;
  }
  named.emplace_back(name, value);
}

Members MembersOf(const Value& object, std::deque<std::string>* arena, Work* work) {
  MemberList members(arena, work);
  members.AddAll(object);
  return members.Take();
}

}  // namespace colophon::render
