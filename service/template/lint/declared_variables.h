#pragma once

// What a prompt's front matter says of its variables, for the lint.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "boost/json/value.hpp"
#include "service/base/work.h"
#include "service/template/prompt/closure.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon::lint {

// A JSON Schema as far as it is plain. What isn't plain ($ref, anyOf, …) allows
// everything.
class SchemaView {
 public:
  SchemaView() = default;
  // Null: nothing is known. `schema` stays alive.
  explicit SchemaView(const boost::json::value* schema);

  bool is_known() const { return schema_ != nullptr; }
  bool operator==(const SchemaView& other) const { return schema_ == other.schema_; }

  // True when a value that fits has no other members than these.
  bool IsClosedObject() const;
  bool HasProperty(std::string_view name) const;
  // Unknown when the schema doesn't name it.
  SchemaView Property(std::string_view name) const;
  // Of an array's elements.
  SchemaView Items() const;
  // The only type there is beside "null"; "" when that isn't known.
  std::string_view OnlyType() const;
  // False when no value that fits can equal `literal`, a string, number or
  // boolean; also when `work` ended.
  bool MayEqual(const boost::json::value& literal, Work* work) const;
  std::vector<std::string> PropertyNames() const;

 private:
  const boost::json::value* Find(std::string_view key) const;

  const boost::json::object* schema_ = nullptr;
};

class DeclaredVariables {
 public:
  // `closure` stays alive.
  explicit DeclaredVariables(const prompt::Closure& closure);
  DeclaredVariables(const DeclaredVariables&) = delete;
  DeclaredVariables& operator=(const DeclaredVariables&) = delete;

  // Named in input.schema or input.default.
  bool Has(std::string_view name) const { return positions_.count(std::string(name)) > 0; }
  // By name, in order; where each is declared. A schema that has its own file
  // stands at the line that names it.
  const std::map<std::string, Position>& positions() const { return positions_; }
  // True when the call may give no others.
  bool is_closed() const { return is_closed_; }
  // The schema is written in the prompt itself, for it alone.
  bool IsOwn(const std::string& name) const { return own_.count(name) > 0; }
  // Unknown when there is none.
  SchemaView SchemaOf(std::string_view name) const { return view_.Property(name); }
  // input.default's value; null: there is none.
  const boost::json::value* DefaultOf(std::string_view name) const;
  // The declared name that `name` may be a slip of; "": none.
  std::string NearestTo(std::string_view name) const;

 private:
  const prompt::FrontMatter& matter_;
  const boost::json::value schema_;
  const SchemaView view_;
  std::map<std::string, Position> positions_;
  std::map<std::string, std::string> by_spelling_;  // SpellingKey → the first such name.
  std::set<std::string> own_;
  bool is_closed_ = false;
};

// The same for two spellings of one name: "userName", "user_name", "UserName".
std::string SpellingKey(std::string_view name);

}  // namespace colophon::lint
