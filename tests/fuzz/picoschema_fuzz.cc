// Picoschema as JSON: nothing crashes, and what comes out without a problem is
// JSON Schema that passes through unchanged.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "service/base/json.h"
#include "service/template/schema/picoschema.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace colophon;
  const auto schema = ParseJson({reinterpret_cast<const char*>(data), size});
  if (!schema.ok()) return 0;
  const schema::Resolver resolve = [](std::string_view name) -> std::optional<json::value> {
    if (name.starts_with('S')) return json::object{{"type", "string"}};
    return std::nullopt;
  };
  std::vector<schema::Problem> problems;
  const json::value converted = schema::ToJsonSchema(*schema, resolve, &problems);
  schema::SchemaNames(*schema);
  schema::RequiredProperties(converted);
  if (!problems.empty() || !converted.is_object() || !converted.get_object().contains("type")) {
    return 0;
  }
  std::vector<schema::Problem> none;
  const json::value again = schema::ToJsonSchema(converted, resolve, &none);
  if (!none.empty() || WriteJson(again) != WriteJson(converted)) std::abort();
  return 0;
}
