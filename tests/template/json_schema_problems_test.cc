// What is said of JSON Schemas that are wrong, or ask for what isn't enforced.

#include <utility>

#include "service/template/schema/json_schema.h"
#include "tests/template/json_schema_testing.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

TEST(JsonSchemaProblemsTest, RefusesWhatIsNoSchema) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"({"type":"strng"})",
       "BAD_SCHEMA /type: \"strng\" is no type: write string, integer, number, boolean, object, "
       "array, null or a list of these\n"},
      {R"({"type":[]})", "BAD_SCHEMA /type: the list of types is empty: nothing would be valid\n"},
      {R"({"properties":{"a":{"minLength":"3"}}})",
       "BAD_SCHEMA /properties/a/minLength: \"minLength\" is \"3\": it has to be an integer, 0 or "
       "more\n"},
      {R"({"maxItems":-1})",
       "BAD_SCHEMA /maxItems: \"maxItems\" is -1: it has to be an integer, 0 or more\n"},
      {R"({"minimum":"1"})", "BAD_SCHEMA /minimum: \"minimum\" is \"1\": it has to be a number\n"},
      {R"({"exclusiveMinimum":true})",
       "BAD_SCHEMA /exclusiveMinimum: \"exclusiveMinimum\" is true: it has to be a number, the "
       "bound itself (true and false are draft 4's)\n"},
      {R"({"multipleOf":0})",
       "BAD_SCHEMA /multipleOf: \"multipleOf\" is 0: it has to be above 0\n"},
      {R"({"pattern":"a("})",
       "BAD_SCHEMA /pattern: \"a(\" is no regular expression: missing ) at \"a(\"\n"},
      {R"({"pattern":5})", "BAD_SCHEMA /pattern: \"pattern\" is 5: it has to be text\n"},
      {R"({"format":5})", "BAD_SCHEMA /format: \"format\" is 5: it has to be text\n"},
      {R"({"patternProperties":{"[":{}}})",
       "BAD_SCHEMA /patternProperties/[: \"[\" is no regular expression: a class has no ] at its "
       "end\n"},
      {R"({"$ref":"#/$defs/nope"})",
       "BAD_SCHEMA /$ref: $ref \"#/$defs/nope\" leads nowhere: nothing is at \"/$defs/nope\"\n"},
      {R"({"$ref":"#nope"})",
       "BAD_SCHEMA /$ref: $ref \"#nope\" leads nowhere: no schema has the $anchor \"nope\"\n"},
      {R"({"$ref":"#/%zz"})",
       "BAD_SCHEMA /$ref: $ref \"#/%zz\" leads nowhere: \"/%zz\": write %25 for %\n"},
      {R"({"$ref":"#/%def"})",
       "BAD_SCHEMA /$ref: $ref \"#/%def\" leads nowhere: \"/%def\" doesn't decode to UTF-8\n"},
      {R"({"$ref":5})", "BAD_SCHEMA /$ref: \"$ref\" is 5: it has to be text\n"},
      {R"({"$id":5})", "BAD_SCHEMA /$id: 5 is no text\n"},
      {R"({"$id":"https://example.com/s#a"})",
       "BAD_SCHEMA /$id: \"https://example.com/s#a\" has a fragment: write an $anchor\n"},
      {R"({"$anchor":"1a"})",
       "BAD_SCHEMA /$anchor: \"1a\" is no anchor: write a letter or _, then letters, digits, _, - "
       "and .\n"},
      {R"({"$id":"http://[::"})",
       "BAD_SCHEMA /$id: \"http://[::\" is no URI reference (RFC 3986)\n"},
      {R"({"required":"a"})", "BAD_SCHEMA /required: \"a\" is no list of names\n"},
      {R"({"required":[1]})", "BAD_SCHEMA /required: an array of 1 is no list of names\n"},
      {R"({"dependentRequired":{"a":"b"}})",
       "BAD_SCHEMA /dependentRequired/a: \"b\" is no list of names\n"},
      {R"({"properties":[]})",
       "BAD_SCHEMA /properties: \"properties\" is an array of 0: it has to be an object\n"},
      {R"({"properties":{"a":"string"}})",
       "BAD_SCHEMA /properties/a: \"string\" is no schema: write an object, true or false; "
       "Picoschema's short "
       "form doesn't go with JSON Schema: write {type: string}\n"},
      {R"({"enum":[]})",
       "BAD_SCHEMA /enum: \"enum\" is an array of 0: it has to be a list of values, and not an "
       "empty one\n"},
      {R"({"anyOf":[]})",
       "BAD_SCHEMA /anyOf: \"anyOf\" is an array of 0: it has to be a list of schemas, and not an "
       "empty one\n"},
      {R"({"uniqueItems":1})",
       "BAD_SCHEMA /uniqueItems: \"uniqueItems\" is 1: it has to be true or false\n"},
      {R"({"prefixItems":[{}],"items":[{}]})",
       "BAD_SCHEMA /items: \"items\" is a list beside \"prefixItems\": it has to be one schema\n"},
      // In a part that nothing uses.
      {R"({"$defs":{"a":{"type":"x"}}})",
       "BAD_SCHEMA /$defs/a/type: \"x\" is no type: write string, integer, number, boolean, "
       "object, array, null or a list of these\n"},
      {"null", "BAD_SCHEMA : null is no schema: write an object, true or false\n"},
      {"[]", "BAD_SCHEMA : an array of 0 is no schema: write an object, true or false\n"},
  };
  for (const auto& [schema, problems] : kCases) {
    EXPECT_EQ(CompileSchema(schema).problems, problems) << schema;
  }
}

TEST(JsonSchemaProblemsTest, WarnsOfWhatIsNotEnforced) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"({"unevaluatedProperties":false})",
       "UNENFORCED_KEYWORD /unevaluatedProperties: \"unevaluatedProperties\" is not enforced: "
       "write additionalProperties\n"},
      {R"({"$dynamicRef":"#a"})",
       "UNENFORCED_KEYWORD /$dynamicRef: \"$dynamicRef\" is not enforced: write $ref\n"},
      {R"({"contentEncoding":"base64"})",
       "UNENFORCED_KEYWORD /contentEncoding: \"contentEncoding\" is not enforced\n"},
      {R"({"nullable":true})",
       "UNENFORCED_KEYWORD /nullable: \"nullable\" is not enforced: write \"type\": [\"string\", "
       "\"null\"]\n"},
      {R"({"minLenght":1})", "UNENFORCED_KEYWORD /minLenght: \"minLenght\" is not enforced\n"},
      {R"({"$ref":"https://example.com/s"})",
       "UNENFORCED_KEYWORD /$ref: $ref \"https://example.com/s\" leads out of this document and is "
       "not enforced: put the schema in $defs\n"},
      {R"({"$ref":"other.json#/a"})",
       "UNENFORCED_KEYWORD /$ref: $ref \"other.json#/a\" leads out of this document and is not "
       "enforced: put the schema in $defs\n"},
      {R"({"format":"iri"})",
       "UNENFORCED_KEYWORD /format: the format \"iri\" is not enforced; these are: date-time, "
       "date, time, duration, email, uri, uri-reference, uuid, ipv4, ipv6, hostname, "
       "json-pointer, regex\n"},
      {R"({"pattern":"(?!a)b"})",
       "UNENFORCED_KEYWORD /pattern: the pattern \"(?!a)b\" is not enforced: RE2 has no "
       "look-around such as (?!…)\n"},
      {R"({"patternProperties":{"(a)\\1":{}},"additionalProperties":false})",
       "UNENFORCED_KEYWORD /patternProperties/(a)\\1: the pattern \"(a)\\1\" is not enforced: RE2 "
       "has no back references such as \\1\n"
       "UNENFORCED_KEYWORD /additionalProperties: \"additionalProperties\" is not enforced, "
       "because a pattern of \"patternProperties\" isn't\n"},
  };
  for (const auto& [schema, problems] : kCases) {
    const CompiledSchema compiled = CompileSchema(schema);
    EXPECT_EQ(compiled.problems, problems) << schema;
    ASSERT_NE(compiled.schema, nullptr) << schema;
    EXPECT_TRUE(compiled.schema->Check(Json(R"({"a":"b"})")).ok()) << schema;
  }
  EXPECT_EQ(CompileSchema(R"({"$schema":"https://json-schema.org/draft/2020-12/schema",)"
                          R"("$id":"https://example.com/s","$comment":"c","title":"t",)"
                          R"("description":"d","default":1,"examples":[1],"deprecated":true,)"
                          R"("readOnly":true,"writeOnly":false,"x-order":1})")
                .problems,
            "");
}

}  // namespace
}  // namespace colophon
