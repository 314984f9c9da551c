// What a call gives: the forms it may have, and what the record keeps of it.

#include "service/completion/inputs.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/completion/completion_fixture.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class InputsTest : public CompletionFixture {
 protected:
  absl::StatusOr<std::string> Render(v1::RenderRequest request) {
    ASSIGN_OR_RETURN(const v1::RenderResponse response, completer_->Render(&request, {}));
    return response.rendered().messages(0).parts(0).text();
  }
  static v1::RenderRequest RequestOf(const std::string& variables_json) {
    v1::RenderRequest request;
    request.set_name("acme/order");
    request.set_variables_json(variables_json);
    return request;
  }
};

// Kind: what JSON says and a Struct doesn't.
TEST_F(InputsTest, KeysKeepTheirOrderAndNumbersTheirDigits) {
  Publish("order", "---\nmodel: scripted/one\n---\n{{#each items}}{{@key}}={{this}};{{/each}}");
  const std::string variables =
      R"({"items": {"zinc": 9007199254740993, "apple": 18446744073709551615, "b": 0.1}})";
  EXPECT_EQ(Render(RequestOf(variables)).value(),
            "zinc=9007199254740993;apple=18446744073709551615;b=0.1;");

  Script({Says({"Hi."})});
  v1::CompleteRequest call = Request("acme/order");
  call.set_variables_json(variables);
  call.set_context_json(R"({"state": {"b": 1, "a": 2}})");
  ASSERT_OK(Complete(call).status());
  const v1::Record record = OnlyRecord();
  EXPECT_EQ(record.intent().variables_json(), variables);
  EXPECT_EQ(record.intent().context_json(), call.context_json());
  v1::GetRecordRequest get;
  get.set_id(record.id());
  get.set_rendered(true);
  ASSERT_OK_AND_ASSIGN(const auto shown, records_->GetRecord(get, {}));
  EXPECT_TRUE(shown.rendered_verified());
}

TEST_F(InputsTest, AStructIsRecordedAsTextInOrderOfItsKeys) {
  v1::CompleteRequest request = Request("acme/order", {{"b", "2"}, {"a", "1 \"é\"\n"}});
  auto& fields = *request.mutable_variables()->mutable_fields();
  fields["c"].set_bool_value(true);
  fields["d"].mutable_list_value()->add_values()->set_number_value(1.5);
  fields["d"].mutable_list_value()->add_values()->set_null_value(google::protobuf::NULL_VALUE);
  fields["e"].mutable_struct_value();
  v1::Intent intent;
  ASSERT_OK(TakeInputs(&request, &intent));
  EXPECT_EQ(intent.variables_json(), R"({"a":"1 \"é\"\n","b":"2","c":true,"d":[1.5,null],"e":{}})");
  EXPECT_EQ(intent.reference(), "acme/order");
  // What was taken stays when it is asked for again.
  const v1::Intent before = intent;
  ASSERT_OK(TakeInputs(&request, &intent));
  EXPECT_EQ(intent.DebugString(), before.DebugString());
}

TEST_F(InputsTest, WhatIsNoObjectIsRefusedWithItsField) {
  Publish("order", "---\nmodel: scripted/one\n---\nHello.");
  for (const char* text : {"[]", "7", "{", R"({"a": 18446744073709551616})", R"({"a": 1e999})",
                           R"({"a": NaN})", "{\"a\": \"\n\"}"}) {
    EXPECT_THAT(Render(RequestOf(text)), ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_JSON",
                                                 HasSubstr("variables_json: ")))
        << text;
    v1::RenderRequest with_context = RequestOf("{}");
    with_context.set_context_json(text);
    EXPECT_THAT(Render(with_context), ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_JSON",
                                              HasSubstr("context_json: ")));
  }
  v1::RenderRequest twice = RequestOf("{}");
  twice.mutable_variables();
  EXPECT_THAT(Render(twice), ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_VALUE",
                                     AllOf(HasSubstr("variables"), HasSubstr("variables_json"))));
}

}  // namespace
}  // namespace colophon
