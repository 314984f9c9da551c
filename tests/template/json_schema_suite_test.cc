// The official test suite of JSON Schema, draft 2020-12, from the Debian package
// libtest-json-schema-acceptance-perl.

#include <cstdio>
#include <filesystem>
#include <map>
#include <set>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/schema/json_schema.h"
#include "tests/template/json_schema_testing.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

constexpr char kSuite[] =
    "/usr/share/perl5/auto/share/dist/Test-JSON-Schema-Acceptance/tests/draft2020-12";

// Why what isn't run isn't: by "file", "file: group" or "file: group: test".
const std::map<std::string, std::string>& Skipped() {
  static const std::string remote = "refers to a document that is elsewhere";
  static const std::string dynamic = "$dynamicRef is not enforced, with a warning";
  static const std::string unevaluated = "unevaluated* is not enforced, with a warning";
  static const std::string format = "the format is not enforced, with a warning";
  static const std::string metaschema = "refers to the metaschema, which is elsewhere";
  static const std::map<std::string, std::string> skipped = {
      {"refRemote.json", remote},
      {"optional/cross-draft.json", remote},
      {"vocabulary.json", metaschema},
      {"defs.json", metaschema},
      {"optional/format-assertion.json", metaschema},
      {"anchor.json: invalid anchors", metaschema},
      {"id.json: Invalid use of fragments in location-independent $id", metaschema},
      {"id.json: Valid use of empty fragments in location-independent $id", metaschema},
      {"id.json: Unnormalized $ids are allowed but discouraged", metaschema},
      {"ref.json: remote ref, containing refs itself", metaschema},
      {"ref.json: URN base URI with f-component", metaschema},
      {"optional/ecmascript-regex.json: \\a is not an ECMA 262 control escape", metaschema},
      {"dynamicRef.json", dynamic},
      {"unevaluatedItems.json", unevaluated},
      {"unevaluatedProperties.json", unevaluated},
      {"not.json: collect annotations inside a 'not', even if collection is disabled", unevaluated},
      {"ref.json: ref creates new scope when adjacent to keywords", unevaluated},
      {"format.json", "says that format is never checked; here it is"},
      {"optional/format/idn-email.json", format},
      {"optional/format/idn-hostname.json", format},
      {"optional/format/iri.json", format},
      {"optional/format/iri-reference.json", format},
      {"optional/format/relative-json-pointer.json", format},
      {"optional/format/uri-template.json", format},
  };
  return skipped;
}

std::string TextAt(const json::value& value, const char* key) {
  const json::string& text = value.at(key).as_string();
  return {text.data(), text.size()};
}

bool SkipOne(const std::string& name, std::set<std::string>* used) {
  if (Skipped().count(name) == 0) return false;
  used->insert(name);
  return true;
}

TEST(JsonSchemaSuiteTest, AgreesWithTheOfficialTests) {
  ASSERT_TRUE(std::filesystem::is_directory(kSuite))
      << "no test suite at " << kSuite << ": run deploy/install-deps test";
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kSuite)) {
    if (entry.path().extension() != ".json") continue;
    files.insert(std::filesystem::relative(entry.path(), kSuite).string());
  }
  std::set<std::string> used;
  int required_count = 0;
  int optional_count = 0;
  int skipped_count = 0;
  int passed_count = 0;
  for (const std::string& file : files) {
    const json::value groups = Json(ReadFileOrDie(std::string(kSuite) + "/" + file));
    for (const json::value& group : groups.as_array()) {
      const std::string group_name = file + ": " + TextAt(group, "description");
      std::vector<schema::Problem> problems;
      const auto schema = schema::JsonSchema::Compile(group.at("schema"), &problems);
      for (const json::value& test : group.at("tests").as_array()) {
        const std::string name = group_name + ": " + TextAt(test, "description");
        if (SkipOne(file, &used) || SkipOne(group_name, &used) || SkipOne(name, &used)) {
          ++skipped_count;
          continue;
        }
        ++(file.starts_with("optional/") ? optional_count : required_count);
        if (schema == nullptr) {
          ADD_FAILURE() << name << ": the schema is refused: " << problems.at(0).pointer << ": "
                        << problems.at(0).message;
          continue;
        }
        const schema::Result result = schema->Check(test.at("data"));
        const bool expected = test.at("valid").as_bool();
        std::string why;
        for (const auto& violation : result.violations)
          why += schema::FormatViolation(violation, "") + "\n";
        for (const auto& problem : problems) why += problem.pointer + ": " + problem.message + "\n";
        EXPECT_EQ(result.ok(), expected) << name << "\n" << why;
        passed_count += result.ok() == expected ? 1 : 0;
      }
    }
  }
  for (const auto& [name, reason] : Skipped()) {
    EXPECT_EQ(used.count(name), 1u) << name << " is skipped, but the suite has no such test";
  }
  std::printf("%d of %d official tests pass (%d required, %d optional); %d are not run\n",
              passed_count, required_count + optional_count, required_count, optional_count,
              skipped_count);
}

}  // namespace
}  // namespace colophon
