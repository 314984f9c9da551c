// A server that lets nobody in without a key, at every door.

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "tests/http/access_fixture.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(AccessTest, WithoutAKeyNoDoorOpens) {
  as_ = "";
  EXPECT_THAT(As(*registry_, &v1::RegistryService::Stub::ListRepositories, ""),
              ErrorIs(StatusCode::kUnauthenticated, "KEY_REQUIRED", HasSubstr("Bearer KEY")));
  for (const char* target : {"/v1/models", "/v1/models/acme/support/triage"}) {
    const RawResponse models = Http("GET", target);
    EXPECT_EQ(models.status, 401) << target;
    EXPECT_THAT(models.body, HasSubstr("KEY_REQUIRED"));
    EXPECT_EQ(models.headers.at("www-authenticate"), "Bearer realm=\"colophon\"");
  }
  const std::string chat =
      R"({"model":"acme/support/triage","messages":[{"role":"user","content":"x"}]})";
  EXPECT_EQ(Http("POST", "/v1/chat/completions", {}, chat).status, 401);
  EXPECT_EQ(Http("POST", "/v1/messages", {}, chat).status, 401);
  for (const char* target : {"/acme.git/info/refs?service=git-upload-pack",
                             "/acme.git/info/refs?service=git-receive-pack"}) {
    const RawResponse refs = Http("GET", target);
    EXPECT_EQ(refs.status, 401) << target;
    EXPECT_THAT(refs.headers.at("www-authenticate"), HasSubstr("Basic realm"));
  }
  // What is open to all says nothing of what is served.
  EXPECT_EQ(Http("GET", "/healthz").status, 200);
  EXPECT_EQ(Http("GET", "/readyz").status, 200);
}

// What isn't let in takes no room: its body isn't waited for.
TEST_F(AccessTest, ALargePushWithoutAKeyIsNotRead) {
  as_ = "";
  const RawResponse refused =
      Http("POST", "/acme.git/git-receive-pack",
           {"Content-Type: application/x-git-receive-pack-request"}, std::string(1 << 20, 'x'));
  EXPECT_EQ(refused.status, 413);
}

// By the headers of OpenAI's and Anthropic's SDKs, and git's.
TEST_F(AccessTest, AKeyComesInTheHeaderThatAClientHas) {
  const std::string key =
      NewKey("shop", "grants { role: ACCESS_ROLE_CALLER repository: 'acme' }").secret();
  as_ = "";
  const std::string chat =
      R"({"model":"acme/support/triage","messages":[],"colophon":{"variables":{"name":"Ada"}}})";
  const std::vector<std::string> headers = {
      "Authorization: Bearer " + key, "x-api-key: " + key,
      "Authorization: Basic " + absl::Base64Escape("any:" + key)};
  for (const std::string& header : headers) {
    const RawResponse answer =
        Http("POST", "/v1/chat/completions", {header, "Content-Type: application/json"}, chat);
    EXPECT_EQ(answer.status, 200) << header << answer.body;
    EXPECT_EQ(Http("GET", "/acme.git/info/refs?service=git-upload-pack", {header}).status, 200);
  }
  EXPECT_OK(Call(*registry_, &v1::RegistryService::Stub::GetVersion,
                 FromText<v1::GetVersionRequest>("name: 'acme/support/triage'"),
                 {{"x-api-key", key}}));
  EXPECT_THAT(Call(*registry_, &v1::RegistryService::Stub::GetVersion,
                   FromText<v1::GetVersionRequest>("name: 'acme/support/triage'"),
                   {{"authorization", "Bearer " + key}, {"authorization", "Bearer other"}}),
              ErrorIs(StatusCode::kInvalidArgument, "BAD_REQUEST"));
  EXPECT_EQ(Http("GET", "/v1/models", {headers[0], "Authorization: Bearer other"}).status, 400);
}

// Who calls is who the key says, in records and changes; what a caller says of itself
// beside it is nothing that is known.
TEST_F(AccessTest, ACallerIsWhomItsKeyNames) {
  const std::string key =
      NewKey("shop", "grants { role: ACCESS_ROLE_PUBLISHER repository: 'acme' }").secret();
  const Metadata shown = {{"authorization", "Bearer " + key}, {"colophon-caller", "the boss"}};
  ASSERT_OK_AND_ASSIGN(const auto called,
                       Call(*completion_, &v1::CompletionService::Stub::Complete,
                            FromText<v1::CompleteRequest>(
                                "name: 'acme/support/triage' variables_json: '{\"name\":\"Ada\"}'"),
                            shown));
  as_ = admin_key_;
  ASSERT_OK_AND_ASSIGN(const auto record, As(*record_, &v1::RecordService::Stub::GetRecord,
                                             "id: '" + called.record() + "'"));
  EXPECT_EQ(record.record().intent().caller(), "shop");
  as_ = key;
  ASSERT_OK(PublishFiles({{"support/other.prompt", "Hi"}}));
  ASSERT_OK_AND_ASSIGN(const auto changes, As(*registry_, &v1::RegistryService::Stub::ListChanges,
                                              "name: 'acme' page_size: 1"));
  EXPECT_EQ(changes.changes(0).author(), "shop");
  ASSERT_OK_AND_ASSIGN(const auto caller, As(*admin_, &v1::AdminService::Stub::GetCaller, ""));
  EXPECT_EQ(caller.caller(), "shop");
  EXPECT_EQ(caller.key().grants_size(), 1);
  EXPECT_TRUE(caller.keys_required());
}

// A folder's publisher changes what is in it, and moves no labels, however that is written.
TEST_F(AccessTest, EachFileAndLabelOfAChangeIsAskedFor) {
  as_ = NewKey("ada",
               "grants { role: ACCESS_ROLE_PUBLISHER repository: 'acme' prompts: 'support/' }"
               "grants { role: ACCESS_ROLE_RELEASER repository: 'acme' prompts: 'support/' "
               "labels: 'staging' }")
            .secret();
  const auto denied = [](const char* said) {
    return ErrorIs(StatusCode::kPermissionDenied, "RIGHT_MISSING", HasSubstr(said));
  };
  EXPECT_OK(PublishFiles({{"support/_tone.prompt", "Kind."}}));
  EXPECT_OK(PublishFiles({{"support/new.prompt", "Hi"}}, {}, "idea"));
  EXPECT_THAT(PublishFiles({{"sales/pitch.prompt", "Buy"}}), denied("publish to \"sales/pitch"));
  EXPECT_THAT(PublishFiles({{"sales/pitch.prompt", "Buy"}}, {}, "idea"), denied("sales/pitch"));
  EXPECT_THAT(PublishFiles({{"support/a.prompt", "A"}, {"sales/b.prompt", "B"}}),
              denied("sales/b.prompt"));
  EXPECT_THAT(PublishFiles({{"support/triage.prompt", "New"}}, {"support/triage"}),
              denied("move label \"production\" of \"support/triage\""));
  EXPECT_THAT(PublishFiles({{"support/triage.labels.yaml", "production: v1\nlive: v1\n"}}),
              denied("move label \"live\""));
  EXPECT_OK(PublishFiles({{"support/triage.labels.yaml", "production: v1\nstaging: v1\n"}}));
  const auto move = [&](const char* name) {
    return As(*registry_, &v1::RegistryService::Stub::UpdateLabel,
              fmt::format("name: '{}' targets {{ targets {{ version: 1 }} }}", name));
  };
  EXPECT_OK(move("acme/support/triage@staging"));
  EXPECT_THAT(move("acme/support/triage@production"), denied("production"));
  EXPECT_THAT(move("acme/sales/pitch@staging"), denied("sales/pitch"));
  EXPECT_THAT(
      As(*registry_, &v1::RegistryService::Stub::DeleteDraft, "repository: 'acme' branch: 'idea'"),
      denied("all of \"acme\""));
  // Nothing of what was refused is there.
  as_ = admin_key_;
  ASSERT_OK_AND_ASSIGN(const auto prompts,
                       As(*registry_, &v1::RegistryService::Stub::ListPrompts, "name: 'acme'"));
  std::vector<std::string> names;
  for (const v1::Prompt& prompt : prompts.prompts()) names.push_back(prompt.name());
  EXPECT_THAT(names, ElementsAre("acme/sales/pitch", "acme/support/triage"));
}

TEST_F(AccessTest, ListsHaveWhatTheCallerMaySee) {
  as_ = NewKey("ada", "grants { role: ACCESS_ROLE_READER repository: 'beta' }").secret();
  ASSERT_OK_AND_ASSIGN(const auto listed,
                       As(*registry_, &v1::RegistryService::Stub::ListRepositories, ""));
  ASSERT_EQ(listed.repositories_size(), 1);
  EXPECT_EQ(listed.repositories(0).name(), "beta");
  const RawResponse models = Http("GET", "/v1/models");
  EXPECT_EQ(models.status, 200);
  EXPECT_EQ(models.body.find("acme"), std::string::npos);
  // What isn't there and what isn't to be seen are told alike.
  const auto read = [&](const char* name) {
    return MessageOf(
        As(*registry_, &v1::RegistryService::Stub::GetVersion, fmt::format("name: '{}/x'", name))
            .status());
  };
  std::string there = read("acme");
  const std::string gone = read("gone");
  for (size_t at; (at = there.find("acme")) != std::string::npos;) there.replace(at, 4, "gone");
  EXPECT_EQ(there, gone);
}

// Two names of one request are two questions.
TEST_F(AccessTest, BothSidesOfADiffAreAskedFor) {
  as_ = NewKey("ada", "grants { role: ACCESS_ROLE_READER repository: 'acme' prompts: 'support/' }")
            .secret();
  const auto diff = [&](const char* before, const char* after) {
    return As(*registry_, &v1::RegistryService::Stub::DiffVersions,
              fmt::format("before: 'acme/{}@v1' after: 'acme/{}@v1'", before, after));
  };
  EXPECT_OK(diff("support/triage", "support/triage"));
  EXPECT_THAT(diff("support/triage", "sales/pitch"),
              ErrorIs(StatusCode::kPermissionDenied, "RIGHT_MISSING"));
  EXPECT_THAT(diff("sales/pitch", "support/triage"),
              ErrorIs(StatusCode::kPermissionDenied, "RIGHT_MISSING"));
}

// A record's id tells nothing of what one may not see.
TEST_F(AccessTest, ARecordIsThereForItsAuditors) {
  const auto called = As(*completion_, &v1::CompletionService::Stub::Complete,
                         "name: 'acme/support/triage' variables_json: '{\"name\":\"Ada\"}'");
  ASSERT_OK(called);
  const std::string get = "id: '" + called->record() + "'";
  const auto code = [&](const std::string& grants) {
    as_ = NewKey("eve", grants).secret();
    return As(*record_, &v1::RecordService::Stub::GetRecord, get).status();
  };
  EXPECT_OK(code("grants { role: ACCESS_ROLE_AUDITOR repository: 'acme' }"));
  EXPECT_OK(code("grants { role: ACCESS_ROLE_AUDITOR repository: 'acme' prompts: 'support/' }"));
  EXPECT_THAT(code("grants { role: ACCESS_ROLE_AUDITOR repository: 'acme' prompts: 'sales/' }"),
              ErrorIs(StatusCode::kNotFound, "RECORD_NOT_FOUND"));
  // Its own calls an app sees, and nobody else's.
  as_ = NewKey("shop", "grants { role: ACCESS_ROLE_CALLER repository: 'acme' }").secret();
  const auto own = As(*completion_, &v1::CompletionService::Stub::Complete,
                      "name: 'acme/support/triage' variables_json: '{\"name\":\"Bob\"}'");
  ASSERT_OK(own);
  EXPECT_OK(As(*record_, &v1::RecordService::Stub::GetRecord, "id: '" + own->record() + "'"));
  EXPECT_THAT(As(*record_, &v1::RecordService::Stub::GetRecord, get),
              ErrorIs(StatusCode::kNotFound, "RECORD_NOT_FOUND"));
  EXPECT_THAT(code("grants { role: ACCESS_ROLE_AUDITOR repository: 'beta' }"
                   "grants { role: ACCESS_ROLE_PUBLISHER repository: 'acme' }"),
              ErrorIs(StatusCode::kNotFound, "RECORD_NOT_FOUND"));
}

// A clone has all of a repository, so it takes the right for all of it.
TEST_F(AccessTest, GitTakesTheRightForTheWholeRepository) {
  const auto refs = [&](const char* repository, const char* service) {
    return Http("GET", fmt::format("/{}.git/info/refs?service=git-{}", repository, service)).status;
  };
  as_ = NewKey("a", "grants { role: ACCESS_ROLE_READER repository: 'acme' }").secret();
  EXPECT_EQ(refs("acme", "upload-pack"), 200);
  EXPECT_EQ(refs("acme", "receive-pack"), 403);
  EXPECT_EQ(refs("beta", "upload-pack"), 403);
  EXPECT_EQ(refs("gone", "upload-pack"), 403);
  as_ = NewKey("b", "grants { role: ACCESS_ROLE_PUBLISHER repository: 'acme' prompts: 'support/' }")
            .secret();
  EXPECT_EQ(refs("acme", "upload-pack"), 403);
  EXPECT_EQ(refs("acme", "receive-pack"), 200);
}

TEST_F(AccessTest, AWatchEndsWithItsKey) {
  const v1::CreateKeyResponse key =
      NewKey("app", "grants { role: ACCESS_ROLE_READER repository: 'acme' }");
  grpc::ClientContext context;
  Prepare(&context, {{"authorization", "Bearer " + key.secret()}});
  const auto reader = registry_->WatchChanges(
      &context, FromText<v1::WatchChangesRequest>("repository: 'acme' start_sequence: 1"));
  v1::WatchChangesResponse message;
  ASSERT_TRUE(reader->Read(&message));
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_EQ(message.change().sequence(), 1);
  ASSERT_OK(As(*admin_, &v1::AdminService::Stub::RevokeKey, "id: '" + key.key().id() + "'"));
  ASSERT_OK(PublishFiles({{"support/secret.prompt", "Not for the app"}}));
  while (reader->Read(&message)) EXPECT_LE(message.change().sequence(), 1);
  EXPECT_THAT(FromGrpc(reader->Finish()), ErrorIs(StatusCode::kUnauthenticated, "KEY_REVOKED"));
}

// A key is made once: it holds after a restart, and the start makes no other.
TEST_F(AccessTest, KeysHoldAfterARestart) {
  std::filesystem::remove(directory_ / "data/admin.key");
  Restart();
  as_ = admin_key_;
  EXPECT_OK(As(*registry_, &v1::RegistryService::Stub::ListRepositories, ""));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "data/admin.key"));
}

TEST_F(AccessTest, TheFirstKeyIsForItsOwnerOnly) {
  const auto facts = std::filesystem::status(directory_ / "data/admin.key");
  EXPECT_EQ(facts.permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

}  // namespace
}  // namespace colophon
