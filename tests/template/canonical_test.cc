#include "service/template/render/canonical.h"

#include "google/protobuf/text_format.h"
#include "service/base/hash.h"
#include "service/template/render/renderer.h"
#include "tests/template/template_testing.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

v1::Rendered Parse(const char* text) {
  v1::Rendered rendered;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &rendered));
  return rendered;
}

// NOTE: the format is persistent: records hold digests of it. A change here
// makes every record of the past look wrong.
TEST(CanonicalTest, IsThisText) {
  const v1::Rendered rendered = Parse(R"pb(
    messages {
      role: ROLE_SYSTEM
      parts { text: "be \"kind\"\n" }
    }
    messages {
      role: ROLE_USER
      from_history: true
      parts { text: "é" }
      parts { media { url: "https://x/y" content_type: "image/png" } }
      parts { media { data: "\001\002" } }
      parts { section: "facts" }
    }
    messages {
      role: ROLE_MODEL
      parts { reasoning { text: "hm" signature: "s" } }
      parts { tool_request { id: "1" name: "get" arguments: "{\"a\": 1}" } }
    }
    messages {
      role: ROLE_TOOL
      parts { tool_response { id: "1" name: "get" output: "ok" } }
    }
    model: "openai/gpt-4o-mini"
    config {
      fields {
        key: "topP"
        value { number_value: 1 }
      }
      fields {
        key: "temperature"
        value { number_value: 0.7 }
      }
      fields {
        key: "stop"
        value { list_value { values { string_value: "END" } } }
      }
    }
    tools { name: "get" description: "Gets" input_schema: "{\"type\": \"object\"}" }
    output_schema: "{\"type\":\"string\"}"
    output_format: "json"
  )pb");
  EXPECT_EQ(
      render::CanonicalRendered(rendered),
      R"({"config":{"stop":["END"],"temperature":0.7,"topP":1},"messages":[)"
      R"({"parts":[{"text":"be \"kind\"\n"}],"role":"system"},)"
      R"({"parts":[{"text":"é"},{"media":{"contentType":"image/png","url":"https://x/y"}},)"
      R"({"media":{"data":"AQI="}},{"section":"facts"}],"role":"user"},)"
      R"({"parts":[{"reasoning":{"signature":"s","text":"hm"}},)"
      R"({"toolRequest":{"arguments":"{\"a\": 1}","id":"1","name":"get"}}],"role":"model"},)"
      R"({"parts":[{"toolResponse":{"id":"1","name":"get","output":"ok"}}],"role":"tool"}],)"
      R"("model":"openai/gpt-4o-mini","outputFormat":"json","outputSchema":"{\"type\":\"string\"}",)"
      R"("tools":[{"description":"Gets","inputSchema":"{\"type\": \"object\"}","name":"get"}]})");
  EXPECT_EQ(render::RenderedDigest(rendered), Sha256Hex(render::CanonicalRendered(rendered)));
}

TEST(CanonicalTest, LeavesOutWhatIsEmpty) {
  EXPECT_EQ(render::CanonicalRendered({}), "{}");
  EXPECT_EQ(render::CanonicalRendered(Parse(R"pb(messages {
                                                   role: ROLE_USER
                                                   parts { text: "" }
                                                 })pb")),
            R"({"messages":[{"parts":[{"text":""}],"role":"user"}]})");
}

TEST(CanonicalTest, OneInputHasOneDigest) {
  const char* kText = "---\nmodel: a/b\n---\n{{#each o}}{{@key}}={{this}} {{/each}}";
  const auto once = RenderText(kText, R"({"o":{"b":1,"a":2}})");
  const auto again = RenderText(kText, R"({"o":{"b":1,"a":2}})");
  const auto other = RenderText(kText, R"({"o":{"b":1,"a":3}})");
  ASSERT_OK(once);
  EXPECT_EQ(render::RenderedDigest(*once), render::RenderedDigest(*again));
  EXPECT_NE(render::RenderedDigest(*once), render::RenderedDigest(*other));
}

}  // namespace
}  // namespace colophon
