#pragma once

// Values while a template runs: JSON, and the few things that JavaScript has
// beside it. Cheap to copy: strings, arrays and objects are borrowed.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "boost/json/value.hpp"
#include "service/base/work.h"
#include "service/template/syntax/ast.h"

namespace colophon::render {

struct Layers;

class Value {
 public:
  enum class Kind : uint8_t {
    kUndefined,
    kNull,
    kBool,
    kInt,
    kUint,
    kDouble,
    kString,
    kSafeString,  // What a helper made: text, but an object to JavaScript.
    kArray,
    kObject,
    kLayers,    // An object made of others without copying them.
    kFunction,  // @partial-block.
  };

  Value() : kind_(Kind::kUndefined), int_(0) {}
  // Borrows `value`.
  explicit Value(const boost::json::value& value);
  explicit Value(const boost::json::object& object) : kind_(Kind::kObject), object_(&object) {}
  explicit Value(const Layers& layers) : kind_(Kind::kLayers), layers_(&layers) {}
  static Value Null();
  static Value Bool(bool value);
  static Value Number(double value);
  static Value Index(int64_t value);
  // Borrow `text`.
  static Value String(std::string_view text);
  static Value SafeString(std::string_view text);
  // The text of a SafeString of JSON.stringify(undefined), which no other value
  // has: "undefined" to print, an object without members to all else.
  static constexpr std::string_view kUndefinedText = "undefined";
  static Value Function();
  // {}
  static Value EmptyObject();

  Kind kind() const { return kind_; }
  bool IsNullish() const { return kind_ == Kind::kUndefined || kind_ == Kind::kNull; }
  bool IsNumber() const {
    return kind_ == Kind::kInt || kind_ == Kind::kUint || kind_ == Kind::kDouble;
  }
  bool IsText() const { return kind_ == Kind::kString || kind_ == Kind::kSafeString; }
  bool IsUndefinedText() const;
  bool IsObject() const { return kind_ == Kind::kObject || kind_ == Kind::kLayers; }

  bool boolean() const { return bool_; }
  double number() const;
  std::string_view text() const { return text_; }
  const boost::json::array& array() const { return *array_; }
  const boost::json::object& object() const { return *object_; }
  const Layers& layers() const { return *layers_; }

  // !!value
  bool IsTruthy() const;
  // What {{#if}} and {{#with}} take for nothing: false, "", null, undefined and
  // an empty array, but not 0.
  bool IsEmpty() const;
  // What follows takes its price from `work`; when that ends, the value is any.
  // value[key], own properties only; undefined when there is none.
  Value Get(const syntax::Segment& key, Work* work) const;
  // ===
  bool StrictlyEquals(const Value& other) const;
  // ==
  bool LooselyEquals(const Value& other, Work* work) const;
  // String(value); nothing for null and undefined. False when `work` ended, with
  // less than all of it made.
  bool AppendTo(std::string* out, Work* work) const;

 private:
  Kind kind_;
  union {
    bool bool_;
    int64_t int_;
    uint64_t uint_;
    double double_;
    std::string_view text_;
    const boost::json::array* array_;
    const boost::json::object* object_;
    const Layers* layers_;
  };
};

// {...under, ...over, named…}: the context of a partial with arguments, or the
// variables over their defaults.
struct Layers {
  Value under;
  const boost::json::object* over = nullptr;
  std::vector<std::pair<std::string_view, Value>> named;

  // Of `named`; a name that is there keeps its place.
  void Set(std::string_view name, const Value& value, Work* work);
};

using Members = std::vector<std::pair<std::string_view, Value>>;

// The members of an object as JavaScript walks them: keys that are array
// indexes first, by number, then the others as they stand. Keys that have to be
// made are kept in `arena`. When `work` ends, some of them.
Members MembersOf(const Value& object, std::deque<std::string>* arena, Work* work);

}  // namespace colophon::render
