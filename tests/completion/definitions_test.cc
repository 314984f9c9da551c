// What the app brings along, and schemas that are enforced.

#include "service/base/json.h"
#include "tests/completion/completion_fixture.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kSorting[] = R"(---
model: scripted/one
tools: [get_order]
input:
  schema:
    message: string
    urgency?(enum): [low, high]
output:
  schema: Ticket
---
{{message}}
)";

constexpr char kTicket[] =
    R"({"type": "object", "required": ["team"], "properties": {"team": {"enum": ["a", "b"]}}})";

class DefinitionsTest : public CompletionFixture {
 protected:
  static v1::CompleteRequest Sort(const Variables& variables = {{"message", "Hello."}}) {
    return Request("acme/sorting", variables);
  }
  static v1::CompleteRequest SortWithDefinitions() {
    v1::CompleteRequest request = Sort();
    (*request.mutable_schemas())["Ticket"] = kTicket;
    v1::Tool* tool = request.add_tools();
    tool->set_name("get_order");
    tool->set_description("Reads an order");
    tool->set_input_schema(R"({"type":"object"})");
    return request;
  }
};

TEST_F(DefinitionsTest, WithoutThemTheRecordSaysWhatWasNotChecked) {
  ScriptedProvider* provider = Script({Says({"{\"team\": \"z\"}"})});
  Publish("sorting", kSorting);
  ASSERT_OK_AND_ASSIGN(const auto response, Complete(Sort()));
  EXPECT_FALSE(response.has_output_valid());
  EXPECT_THAT(OnlyRecord().intent().undefined(), ElementsAre("schema:Ticket", "tool:get_order"));
  EXPECT_FALSE(OnlyRecord().outcome().has_output_valid());
  EXPECT_THAT(provider->bodies()[0], testing::Not(HasSubstr("get_order")));
}

TEST_F(DefinitionsTest, TheCallBringsThemAndTheRecordKeepsThem) {
  ScriptedProvider* provider = Script({Says({"{\"team\": \"a\"}"})});
  Publish("sorting", kSorting);
  v1::CompleteRequest request = SortWithDefinitions();
  (*request.mutable_schemas())["Other"] = "not even JSON";  // Nothing names it.
  request.add_tools()->set_name("other");
  ASSERT_OK_AND_ASSIGN(const auto response, Complete(request));
  EXPECT_TRUE(response.output_valid());
  EXPECT_THAT(provider->bodies()[0], HasSubstr("get_order"));
  const v1::Intent intent = OnlyRecord().intent();
  EXPECT_THAT(intent.undefined(), IsEmpty());
  ASSERT_EQ(intent.tools_size(), 1);
  EXPECT_EQ(intent.tools(0).description(), "Reads an order");
  ASSERT_EQ(intent.schemas_size(), 1);
  EXPECT_EQ(intent.schemas().at("Ticket"), kTicket);

  v1::GetRecordRequest audit;
  audit.set_id(response.record());
  audit.set_rendered(true);
  ASSERT_OK_AND_ASSIGN(const auto record, records_->GetRecord(audit, {}));
  EXPECT_TRUE(record.rendered_verified());
  EXPECT_TRUE(record.request_verified());
  EXPECT_EQ(record.rendered().tools(0).name(), "get_order");
}

TEST_F(DefinitionsTest, AFileOfTheVersionWins) {
  Script({Says({"{\"team\": \"c\"}"})});
  v1::PublishRequest publish;
  publish.set_repository("acme");
  publish.set_description("with its schema");
  const std::pair<const char*, std::string> files[] = {
      {"sorting.prompt", kSorting},
      {"Ticket.schema.json", R"({"properties": {"team": {"const": "c"}}})"}};
  for (const auto& [path, text] : files) {
    v1::FileEdit* edit = publish.add_edits();
    edit->set_path(path);
    edit->set_content(text);
  }
  PublishChange(publish);
  v1::CompleteRequest request = SortWithDefinitions();
  request.set_name("acme/sorting@latest");
  ASSERT_OK_AND_ASSIGN(const auto response, Complete(request));
  EXPECT_TRUE(response.output_valid());
  EXPECT_EQ(OnlyRecord().intent().schemas_size(), 0);
}

TEST_F(DefinitionsTest, AMismatchIsToldAndHidesNothing) {
  Publish("sorting", kSorting);
  const struct {
    std::string output;
    std::string pointer;
    std::string message;
  } cases[] = {
      {R"({"team": "c"})", "/team", "\"c\""},
      {R"({})", "", "team"},
      {R"(Sorry, no.)", "", "the output is not JSON"},
  };
  for (const auto& c : cases) {
    Script({Says({c.output})});
    ASSERT_OK_AND_ASSIGN(const auto response, Complete(SortWithDefinitions()));
    EXPECT_EQ(response.completion().message().parts(0).text(), c.output);
    EXPECT_TRUE(response.has_output_valid());
    EXPECT_FALSE(response.output_valid());
    ASSERT_EQ(response.output_violations_size(), 1) << c.output;
    EXPECT_EQ(response.output_violations(0).pointer(), c.pointer);
    EXPECT_THAT(response.output_violations(0).message(), HasSubstr(c.message));
    ASSERT_OK_AND_ASSIGN(const auto record, Record(response.record()));
    EXPECT_EQ(record.outcome().status(), v1::RECORD_STATUS_OK);
    EXPECT_EQ(record.outcome().output_violations_size(), 1);
  }
}

TEST_F(DefinitionsTest, VariablesThatBreakTheInputSchemaAreRefusedAndNothingIsRecorded) {
  ScriptedProvider* provider = Script({Says({"{}"})});
  Publish("sorting", kSorting);
  const auto refused = Complete(Sort({{"message", "Hello."}, {"urgency", "hgih"}}));
  EXPECT_THAT(refused, ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_VARIABLE"));
  EXPECT_THAT(MessageOf(refused.status()), HasSubstr("/urgency: \"hgih\""));
  EXPECT_EQ(MetadataOf(refused.status()).at("pointer"), "/urgency");
  EXPECT_THAT(Complete(Sort({{"message", "Hello."}, {"mesage", "x"}})),
              ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_VARIABLE"));
  EXPECT_THAT(Complete(Sort({})), ErrorIs(absl::StatusCode::kInvalidArgument, "MISSING_VARIABLE"));
  EXPECT_EQ(provider->call_count(), 0);
}

TEST_F(DefinitionsTest, DefinitionsThatAreWrongAreRefused) {
  Script({Says({"{}"})});
  Publish("sorting", kSorting);
  const struct {
    std::string schema;
    std::string tool_schema;
    const char* reason;
    std::string message;
  } cases[] = {
      {"{", "{}", "BAD_SCHEMA", "\"Ticket\" is not a JSON object"},
      {"[]", "{}", "BAD_SCHEMA", "\"Ticket\" is not a JSON object"},
      {R"({"type": "strng"})", "{}", "BAD_SCHEMA", "\"/type\""},
      {"{}", "[]", "BAD_TOOL", "\"get_order\""},
      {"{}", "{", "BAD_TOOL", "\"get_order\""},
  };
  for (const auto& c : cases) {
    v1::CompleteRequest request = SortWithDefinitions();
    (*request.mutable_schemas())["Ticket"] = c.schema;
    request.mutable_tools(0)->set_input_schema(c.tool_schema);
    const auto refused = Complete(request);
    EXPECT_THAT(refused, ErrorIs(absl::StatusCode::kInvalidArgument, c.reason)) << c.schema;
    EXPECT_THAT(MessageOf(refused.status()), HasSubstr(c.message));
  }
  v1::CompleteRequest twice = SortWithDefinitions();
  *twice.add_tools() = twice.tools(0);
  EXPECT_THAT(Complete(twice), ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_TOOL"));
}

}  // namespace
}  // namespace colophon
