// What grants allow: each role its rights and no more, where it holds and nowhere else.

#include "service/access/grants.h"

#include <map>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::AllOf;
using testing::HasSubstr;

Grants Parse(const std::string& text) {
  v1::Key key;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &key)) << text;
  return key.grants();
}

bool Allows(const std::string& grants, Right right, const Scope& scope) {
  return CheckGranted(Parse(grants), "shop", right, scope).ok();
}

constexpr Right kRights[] = {Right::kRead,    Right::kCall,  Right::kPublish,
                             Right::kRelease, Right::kAudit, Right::kAdmin};

TEST(GrantsTest, EachRoleHasItsRightsAndNoOthers) {
  const std::map<v1::AccessRole, std::set<Right>> rights = {
      {v1::ACCESS_ROLE_UNSPECIFIED, {}},
      {v1::ACCESS_ROLE_READER, {Right::kRead}},
      {v1::ACCESS_ROLE_CALLER, {Right::kRead, Right::kCall}},
      {v1::ACCESS_ROLE_PUBLISHER, {Right::kRead, Right::kCall, Right::kPublish}},
      {v1::ACCESS_ROLE_RELEASER, {Right::kRead, Right::kRelease}},
      {v1::ACCESS_ROLE_AUDITOR, {Right::kRead, Right::kAudit}},
      {v1::ACCESS_ROLE_ADMIN, {std::begin(kRights), std::end(kRights)}},
  };
  ASSERT_EQ(rights.size(), v1::AccessRole_ARRAYSIZE);
  for (const auto& [role, granted] : rights) {
    Grants grants;
    grants.Add()->set_role(role);
    grants[0].set_repository("acme");
    for (const Right right : kRights) {
      const bool expected = granted.contains(right);
      const std::string what =
          v1::AccessRole_Name(role) + " " + std::to_string(static_cast<int>(right));
      EXPECT_EQ(CheckGranted(grants, "shop", right, {"acme", "greet"}).ok(), expected) << what;
      EXPECT_EQ(CheckSomeGranted(grants, "shop", right, "acme").ok(), expected) << what;
      EXPECT_EQ(CheckSomeGranted(grants, "shop", right, "").ok(), expected) << what;
      EXPECT_FALSE(CheckGranted(grants, "shop", right, {"acme2", "greet"}).ok()) << what;
      EXPECT_FALSE(CheckGranted(grants, "shop", right, {}).ok()) << what;
      EXPECT_FALSE(CheckSomeGranted(grants, "shop", right, "acm").ok()) << what;
    }
  }
}

TEST(GrantsTest, AScopeIsGrantedWholeOrNotAtAll) {
  const std::string folder =
      "grants { role: ACCESS_ROLE_PUBLISHER repository: 'acme' prompts: 'support/' }";
  EXPECT_TRUE(Allows(folder, Right::kPublish, {"acme", "support/triage"}));
  EXPECT_TRUE(Allows(folder, Right::kPublish, {"acme", "support/deep/_tone.prompt"}));
  EXPECT_TRUE(Allows(folder, Right::kRead, {"acme", "support/"}));
  EXPECT_FALSE(Allows(folder, Right::kRead, {"acme", "support"})) << "supporters too";
  EXPECT_FALSE(Allows(folder, Right::kRead, {"acme", "supporters/triage"}));
  EXPECT_FALSE(Allows(folder, Right::kRead, {"acme", ""}));
  EXPECT_FALSE(Allows(folder, Right::kPublish, {"other", "support/triage"}));

  const std::string prompt =
      "grants { role: ACCESS_ROLE_PUBLISHER repository: 'acme' prompts: 'support/triage' }";
  EXPECT_TRUE(Allows(prompt, Right::kPublish, {"acme", "support/triage"}));
  EXPECT_TRUE(Allows(prompt, Right::kPublish, {"acme", "support/triage.prompt"}));
  EXPECT_TRUE(Allows(prompt, Right::kPublish, {"acme", "support/triage.labels.yaml"}));
  EXPECT_FALSE(Allows(prompt, Right::kPublish, {"acme", "support/triage2"}));
  EXPECT_FALSE(Allows(prompt, Right::kPublish, {"acme", "support/triage/deep"}));
  EXPECT_FALSE(Allows(prompt, Right::kPublish, {"acme", "support/triage.schema.json"}));

  const std::string all = "grants { role: ACCESS_ROLE_READER repository: '*' }";
  EXPECT_TRUE(Allows(all, Right::kRead, {"acme", ""}));
  EXPECT_TRUE(Allows(all, Right::kRead, {}));
}

// Rights add up over grants, and each holds for itself.
TEST(GrantsTest, OneGrantDoesNotWidenAnother) {
  const std::string two =
      "grants { role: ACCESS_ROLE_READER repository: 'acme' }"
      "grants { role: ACCESS_ROLE_PUBLISHER repository: 'acme' prompts: 'support/' }"
      "grants { role: ACCESS_ROLE_ADMIN repository: 'beta' }";
  EXPECT_TRUE(Allows(two, Right::kRead, {"acme", ""}));
  EXPECT_TRUE(Allows(two, Right::kPublish, {"acme", "support/a"}));
  EXPECT_FALSE(Allows(two, Right::kPublish, {"acme", "sales/a"}));
  EXPECT_TRUE(Allows(two, Right::kAudit, {"beta", ""}));
  EXPECT_FALSE(Allows(two, Right::kAudit, {"acme", "support/a"}));
  EXPECT_FALSE(Allows(two, Right::kAdmin, {}));
}

TEST(GrantsTest, AReleaserMovesItsLabels) {
  const std::string some =
      "grants { role: ACCESS_ROLE_RELEASER repository: 'acme' labels: 'staging' labels: 'test' }";
  EXPECT_TRUE(Allows(some, Right::kRelease, {"acme", "greet", "staging"}));
  EXPECT_TRUE(Allows(some, Right::kRelease, {"acme", "greet", "test"}));
  EXPECT_FALSE(Allows(some, Right::kRelease, {"acme", "greet", "production"}));
  EXPECT_TRUE(Allows(some, Right::kRead, {"acme", "greet", "production"}));
  const std::string any = "grants { role: ACCESS_ROLE_RELEASER repository: 'acme' }";
  EXPECT_TRUE(Allows(any, Right::kRelease, {"acme", "greet", "production"}));
}

// A refusal says what, which role it takes and which the key has; and the same whether what
// is named exists or not, which it can't know.
TEST(GrantsTest, ARefusalSaysWhatIsMissing) {
  const Grants grants = Parse(
      "grants { role: ACCESS_ROLE_RELEASER repository: 'acme' labels: 'staging' }"
      "grants { role: ACCESS_ROLE_CALLER repository: '*' prompts: 'support/' }");
  EXPECT_THAT(
      CheckGranted(grants, "shop", Right::kRelease, {"acme", "greet", "production"}),
      ErrorIs(StatusCode::kPermissionDenied, "RIGHT_MISSING",
              AllOf(HasSubstr("\"shop\" may not move label \"production\" of \"greet\" in "
                              "\"acme\": that takes the role releaser"),
                    HasSubstr("releaser of acme (staging), caller of everything/support/"))));
  EXPECT_THAT(CheckGranted(grants, "shop", Right::kAudit, {"gone"}),
              ErrorIs(StatusCode::kPermissionDenied, "RIGHT_MISSING",
                      HasSubstr("may not read records of all of \"gone\": that takes the role "
                                "auditor")));
  EXPECT_THAT(CheckGranted(grants, "shop", Right::kAdmin, {}),
              ErrorIs(StatusCode::kPermissionDenied, "RIGHT_MISSING",
                      HasSubstr("may not administer the server")));
  EXPECT_THAT(CheckSomeGranted(grants, "shop", Right::kPublish, "acme"),
              ErrorIs(StatusCode::kPermissionDenied, "RIGHT_MISSING",
                      HasSubstr("may not publish to \"acme\"")));
}

TEST(GrantsTest, WhatIsNoGrantIsRefusedByItsField) {
  struct Case {
    std::string grants;
    std::string said;
  };
  const Case cases[] = {
      {"", "key.grants is 0 grants: there must be 1 to 100"},
      {"grants { repository: 'acme' }", "key.grants[0].role"},
      {"grants { role: ACCESS_ROLE_READER }", "key.grants[0].repository"},
      {"grants { role: ACCESS_ROLE_READER repository: 'Acme' }", "key.grants[0].repository"},
      {"grants { role: ACCESS_ROLE_READER repository: 'acme*' }", "\"acme*\""},
      {"grants { role: ACCESS_ROLE_READER repository: 'acme' prompts: '../x' }",
       "key.grants[0].prompts"},
      {"grants { role: ACCESS_ROLE_READER repository: 'acme' prompts: '/' }",
       "key.grants[0].prompts"},
      {"grants { role: ACCESS_ROLE_READER repository: 'acme' }"
       "grants { role: ACCESS_ROLE_CALLER repository: 'acme' labels: 'staging' }",
       "key.grants[1].labels"},
      {"grants { role: ACCESS_ROLE_RELEASER repository: 'acme' labels: 'v12' }",
       "key.grants[0].labels"},
  };
  for (const Case& wrong : cases) {
    EXPECT_THAT(CheckGrants(Parse(wrong.grants)),
                ErrorIs(StatusCode::kInvalidArgument, "BAD_GRANT", HasSubstr(wrong.said)))
        << wrong.grants;
  }
  EXPECT_OK(CheckGrants(
      Parse("grants { role: ACCESS_ROLE_RELEASER repository: '*' prompts: 'a/b/' labels: 'x' }")));
}

}  // namespace
}  // namespace colophon
