// GET /v1/models, from a real socket.

#include "gmock/gmock.h"
#include "tests/http/shape_fixture.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ModelsTest : public ShapeFixture {
 protected:
  RawResponse Get(const std::string& path, const std::vector<std::string>& headers = {}) {
    RawClient client(port());
    client.Send("GET", path, headers);
    return client.Read();
  }
};

TEST_F(ModelsTest, PromptsAreModels) {
  EXPECT_EQ(At(Get("/v1/models").body, "/data"), "[]");
  CreateRepository("beta");
  Publish("support/triage", "---\nmodel: scripted/one\n---\nHi.");
  const RawResponse response = Get("/v1/models");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(At(response.body, "/object"), "list");
  EXPECT_EQ(At(response.body, "/has_more"), "false");
  EXPECT_EQ(At(response.body, "/data/0/id"), "acme/support/triage@production");
  EXPECT_EQ(At(response.body, "/data/1/id"), "acme/support/triage@latest");
  EXPECT_EQ(At(response.body, "/data/0/owned_by"), "acme");
  EXPECT_EQ(At(response.body, "/data/2"), "");
  EXPECT_EQ(At(response.body, "/last_id"), "acme/support/triage@latest");
}

TEST_F(ModelsTest, OneIsFoundByItsReference) {
  Publish("support/triage", "---\nmodel: scripted/one\n---\nHi.");
  for (const std::string name : {"acme/support/triage@v1", "acme%2Fsupport%2Ftriage%40v1"}) {
    const RawResponse response = Get("/v1/models/" + name);
    ASSERT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(At(response.body, "/id"), "acme/support/triage@v1");
    EXPECT_NE(At(response.body, "/created"), "0");
  }
}

TEST_F(ModelsTest, Failures) {
  const RawResponse unknown = Get("/v1/models/acme/nothing");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(At(unknown.body, "/error/code"), "PROMPT_NOT_FOUND");
  const RawResponse anthropics = Get("/v1/models/acme/nothing", {"anthropic-version: 2023-06-01"});
  EXPECT_EQ(At(anthropics.body, "/error/type"), "not_found_error");
  EXPECT_EQ(At(Get("/v1/models/nonsense").body, "/error/code"), "BAD_REFERENCE");
  RawClient client(port());
  client.Send("POST", "/v1/models", {"Content-Type: application/json"}, "{}");
  const RawResponse post = client.Read();
  EXPECT_EQ(post.status, 405);
  EXPECT_EQ(post.headers.at("allow"), "GET");
}

}  // namespace
}  // namespace colophon
