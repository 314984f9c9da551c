// A JSON Schema and a value: the input up to the first NUL is the schema, what
// follows the value, or without a NUL the schema itself. Nothing crashes, work is
// bounded, one input has one result, and every problem and violation has a place.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "service/base/json.h"
#include "service/template/schema/json_schema.h"
#include "tests/fuzz/require.h"

namespace colophon {
namespace {

bool IsPointer(const std::string& pointer) { return pointer.empty() || pointer[0] == '/'; }

schema::Result Check(const schema::JsonSchema& schema, const json::value& value) {
  schema::Limits limits;
  limits.steps = 100'000;
  // Patterns are compiled when they are first matched, and paid for by whom does it.
  (void)schema.Check(value, limits);
  schema::Result once = schema.Check(value, limits);
  const schema::Result again = schema.Check(value, limits);
  Require(once.violations.size() <= limits.violations + 1);
  Require(once.limit_reached ||
          (once.violations.size() == again.violations.size() && once.steps == again.steps));
  Require(!once.limit_reached || !once.ok());
  for (const schema::Violation& violation : once.violations) {
    Require(IsPointer(violation.pointer) && IsPointer(violation.rule));
    Require(!violation.message.empty() && violation.message.size() < 20'000);
    Require(IsUtf8(violation.message));
  }
  return once;
}

// {"not": schema}. With an $id of its own the schema's "#" is still itself; nullopt
// when it may have one already.
std::optional<json::value> Negated(const json::value& schema) {
  if (!schema.is_object() || WriteJson(schema).find("$id") != std::string::npos) {
    return std::nullopt;
  }
  json::object copy = schema.get_object();
  copy["$id"] = "schema://fuzz/";
  return json::object{{"not", std::move(copy)}};
}

}  // namespace
}  // namespace colophon

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace colophon;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t nul = input.find('\0');
  const auto schema = ParseJson(input.substr(0, nul));
  if (!schema.ok()) return 0;
  const auto value = ParseJson(nul == input.npos ? input : input.substr(nul + 1));
  std::vector<schema::Problem> problems;
  const auto compiled = schema::JsonSchema::Compile(*schema, &problems);
  bool has_error = false;
  for (const schema::Problem& problem : problems) {
    has_error |= problem.is_error;
    Require(IsPointer(problem.pointer) && !problem.message.empty() && IsUtf8(problem.message));
  }
  Require(has_error == (compiled == nullptr));
  if (compiled == nullptr || !value.ok()) return 0;
  const schema::Result result = Check(*compiled, *value);
  const auto negated = Negated(*schema);
  if (!negated) return 0;
  const auto opposite = schema::JsonSchema::Compile(*negated, &problems);
  if (opposite == nullptr) return 0;  // One level too deep.
  // Nothing is reported under `not`, and what is valid must not depend on that.
  const schema::Result other = Check(*opposite, *value);
  Require(result.limit_reached || other.limit_reached || result.ok() != other.ok());
  return 0;
}
