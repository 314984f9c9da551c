#include "service/template/lint/declared_variables.h"

#include <algorithm>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/prompt/named_schemas.h"
#include "service/template/prompt/plan.h"
#include "service/template/schema/json_compare.h"
#include "service/template/schema/picoschema.h"
#include "service/template/syntax/pointer.h"

namespace colophon::lint {
namespace {

namespace json = boost::json;

json::string_view Key(std::string_view text) { return {text.data(), text.size()}; }

json::value InputSchema(const prompt::Closure& closure) {
  std::vector<schema::Problem> problems;  // LoadClosure has told of them.
  prompt::NamedSchemas named(closure.schemas);
  return schema::ToJsonSchema(closure.prompt->front_matter().input_schema, named.resolver(),
                              &problems);
}

// What makes a schema more than its type, properties, items and values.
bool IsPlain(const json::object& schema) {
  for (const char* key : {"$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "not", "if",
                          "patternProperties", "dependentSchemas", "prefixItems"}) {
    if (schema.contains(key)) return false;
  }
  return true;
}

// "name" of Picoschema's "name?(array, text)".
std::string_view NameOfKey(std::string_view key) {
  key = key.substr(0, key.find('('));
  if (key.ends_with('?')) key.remove_suffix(1);
  return key;
}

// Two letters exchanged, one too many, one missing or another one.
bool IsOneSlip(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1) return false;
  const size_t same = std::mismatch(a.begin(), a.end(), b.begin()).first - a.begin();
  const std::string_view rest_a = a.substr(same);
  const std::string_view rest_b = b.substr(same);
  if (a.size() < b.size()) return rest_a == rest_b.substr(1);
  if (rest_a.empty() || rest_a.substr(1) == rest_b.substr(1)) return true;
  return rest_a.size() > 1 && rest_a[0] == rest_b[1] && rest_a[1] == rest_b[0] &&
         rest_a.substr(2) == rest_b.substr(2);
}

bool IsOfType(const json::value& literal, std::string_view type) {
  if (type == "string") return literal.is_string();
  if (type == "boolean") return literal.is_bool();
  if (type == "number" || type == "integer") return literal.is_number();
  // A type that nobody knows allows anything.
  return type != "null" && type != "object" && type != "array";
}

}  // namespace

SchemaView::SchemaView(const json::value* schema) {
  if (schema == nullptr || !schema->is_object() || !IsPlain(schema->get_object())) return;
  schema_ = &schema->get_object();
}

const json::value* SchemaView::Find(std::string_view key) const {
  return schema_ == nullptr ? nullptr : schema_->if_contains(Key(key));
}

bool SchemaView::IsClosedObject() const {
  const json::value* additional = Find("additionalProperties");
  return OnlyType() == "object" && additional != nullptr && additional->is_bool() &&
         !additional->get_bool();
}

bool SchemaView::HasProperty(std::string_view name) const {
  const json::value* properties = Find("properties");
  return properties != nullptr && properties->is_object() &&
         properties->get_object().contains(Key(name));
}

SchemaView SchemaView::Property(std::string_view name) const {
  if (!HasProperty(name)) return {};
  return SchemaView(Find("properties")->get_object().if_contains(Key(name)));
}

SchemaView SchemaView::Items() const {
  return OnlyType() == "array" ? SchemaView(Find("items")) : SchemaView();
}

std::string_view SchemaView::OnlyType() const {
  const json::value* type = Find("type");
  if (type == nullptr) return "";
  if (type->is_string()) return View(type->get_string());
  std::string_view only;
  if (!type->is_array()) return "";
  for (const json::value& one : type->get_array()) {
    if (!one.is_string() || one.get_string() == "null") continue;
    if (!only.empty()) return "";
    only = View(one.get_string());
  }
  return only;
}

bool SchemaView::MayEqual(const json::value& literal, Work* work) const {
  if (const json::value* only = Find("const")) return schema::JsonEquals(*only, literal, work);
  if (const json::value* values = Find("enum"); values != nullptr && values->is_array()) {
    const json::array& array = values->get_array();
    return std::any_of(array.begin(), array.end(), [&](const json::value& value) {
      return schema::JsonEquals(value, literal, work);
    });
  }
  const std::string_view type = OnlyType();
  return type.empty() || IsOfType(literal, type);
}

std::vector<std::string> SchemaView::PropertyNames() const {
  std::vector<std::string> names;
  const json::value* properties = Find("properties");
  if (properties == nullptr || !properties->is_object()) return names;
  for (const auto& member : properties->get_object()) names.emplace_back(View(member.key()));
  return names;
}

DeclaredVariables::DeclaredVariables(const prompt::Closure& closure)
    : matter_(closure.prompt->front_matter()), schema_(InputSchema(closure)), view_(&schema_) {
  const json::value& written = matter_.input_schema;
  const json::object* keys = written.if_object();
  std::string at = "/input/schema";
  if (keys != nullptr) {
    const json::value* properties = keys->if_contains("properties");
    if (properties != nullptr && properties->is_object()) {
      keys = &properties->get_object();
      at += "/properties";
    }
  }
  // A schema without a single name, as in "schema: {}", says nothing.
  is_closed_ = view_.IsClosedObject() && !view_.PropertyNames().empty();
  for (const std::string& name : view_.PropertyNames()) {
    positions_[name] = syntax::FindPosition(matter_.positions, "/input/schema");
  }
  // Under the whole key, and under the name that Picoschema has in it.
  const json::object none;
  for (const auto& member : keys == nullptr ? none : *keys) {
    const std::string_view key = View(member.key());
    for (const std::string_view name : {NameOfKey(key), key}) {
      const auto declared = positions_.find(std::string(name));
      if (declared == positions_.end()) continue;
      declared->second = syntax::FindPosition(matter_.positions, syntax::ChildPointer(at, key));
      own_.insert(declared->first);
    }
  }
  for (const auto& member : matter_.input_default) {
    const std::string name(View(member.key()));
    const bool is_new =
        positions_
            .emplace(name, syntax::FindPosition(
                               matter_.positions,
                               syntax::ChildPointer("/input/default", View(member.key()))))
            .second;
    if (is_new) own_.insert(name);
  }
  for (const auto& [name, position] : positions_) by_spelling_.emplace(SpellingKey(name), name);
}

const json::value* DeclaredVariables::DefaultOf(std::string_view name) const {
  return matter_.input_default.if_contains(Key(name));
}

std::string DeclaredVariables::NearestTo(std::string_view name) const {
  constexpr size_t kShortest = 4;  // Shorter names are one slip from anything.
  const auto same = by_spelling_.find(SpellingKey(name));
  if (same != by_spelling_.end()) return same->second;
  if (name.size() < kShortest) return "";
  for (const auto& [declared, position] : positions_) {
    if (IsOneSlip(declared, name)) return declared;
  }
  return "";
}

std::string SpellingKey(std::string_view name) {
  std::string key;
  for (const char c : name) {
    if (c == '_' || c == '-' || c == ' ' || c == '.') continue;
    key += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return key;
}

}  // namespace colophon::lint
