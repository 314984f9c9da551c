#include "tests/template/json_schema_testing.h"

#include "fmt/format.h"
#include "service/base/json.h"
#include "tests/testing/matchers.h"

namespace colophon {

json::value Json(std::string_view text) {
  auto value = ParseJson(text);
  EXPECT_OK(value) << text;
  return value.ok() ? *std::move(value) : json::value();
}

CompiledSchema CompileSchema(std::string_view schema) {
  std::vector<schema::Problem> problems;
  CompiledSchema out;
  out.schema = schema::JsonSchema::Compile(Json(schema), &problems);
  bool has_error = false;
  for (const schema::Problem& problem : problems) {
    has_error |= problem.is_error;
    out.problems += fmt::format("{} {}: {}\n", problem.code, problem.pointer, problem.message);
  }
  EXPECT_EQ(out.schema == nullptr, has_error) << schema;
  return out;
}

std::string Violations(std::string_view schema, std::string_view value) {
  const CompiledSchema compiled = CompileSchema(schema);
  if (!compiled.problems.empty()) return compiled.problems;
  std::string out;
  for (const schema::Violation& violation : compiled.schema->Check(Json(value)).violations) {
    out += schema::FormatViolation(violation, "all") + "\n";
  }
  return out;
}

}  // namespace colophon
