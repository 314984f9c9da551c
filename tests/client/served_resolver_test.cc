// The cached resolver against the real server.

#include <algorithm>
#include <functional>
#include <vector>

#include "absl/time/clock.h"
#include "client/cpp/cached_resolver.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/eventually.h"
#include "tests/testing/matchers.h"
#include "tests/testing/server_process.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

// Its address.
const std::string& Started(ServerProcess& server) {
  EXPECT_OK(server.Start());
  return server.address();
}

class ServedResolverTest : public testing::Test {
 protected:
  ServedResolverTest() : client_({.address = Started(server_), .caller = "tests"}) {
    v1::CreateRepositoryRequest create;
    create.set_repository("acme");
    EXPECT_OK(client_.CreateRepository(create));
    Publish("one");
    Publish("two");
    Move({{1, 0}});
    options_.heartbeat_interval = absl::Milliseconds(100);
    options_.reconnect = {.first_delay = absl::Milliseconds(10),
                          .longest_delay = absl::Milliseconds(100)};
    options_.state_file = dir_ / "cache";
    Open();
  }

  void Open() {
    resolver_.reset();
    resolver_ = std::make_unique<CachedResolver>(client_, options_);
  }

  void Publish(const std::string& text) {
    v1::PublishRequest request;
    request.set_repository("acme");
    request.set_description("say " + text);
    v1::FileEdit* edit = request.add_edits();
    edit->set_path("greeting.prompt");
    edit->set_content("---\nmodel: echo/any\n---\n" + text + "\n");
    EXPECT_OK(client_.Publish(request));
  }

  void Move(const std::vector<std::pair<uint32_t, uint32_t>>& targets,
            const std::string& label = "production") {
    v1::UpdateLabelRequest request;
    request.set_name("acme/greeting@" + label);
    for (const auto& [version, weight] : targets) {
      v1::LabelTarget* target = request.mutable_targets()->add_targets();
      target->set_version(version);
      target->set_weight(weight);
    }
    EXPECT_OK(client_.UpdateLabel(request));
  }

  uint32_t Version(const std::string& reference, const std::string& subject = "") {
    const auto resolved = resolver_->Resolve(reference, subject);
    EXPECT_OK(resolved);
    return resolved.ok() ? resolved->version->version.version() : 0;
  }

  TempDir dir_;
  ServerProcess server_{COLOPHOND, dir_ / "data"};
  Client client_;
  CachedResolverOptions options_;
  std::unique_ptr<CachedResolver> resolver_;
};

TEST_F(ServedResolverTest, SeesLabelMovesAndNewVersions) {
  EXPECT_EQ(Version("acme/greeting"), 1u);
  EXPECT_EQ(Version("acme/greeting@latest"), 2u);
  Move({{2, 0}});
  EXPECT_TRUE(Eventually([&] { return Version("acme/greeting") == 2; }));
  Publish("three");
  EXPECT_TRUE(Eventually([&] { return Version("acme/greeting@latest") == 3; }));
  EXPECT_EQ(Version("acme/greeting"), 2u);
}

TEST_F(ServedResolverTest, PicksTheTargetThatTheServerPicks) {
  Publish("three");
  for (const std::string label : {"production", "beta"}) {
    Move({{1, 50}, {2, 30}, {3, 20}}, label);
    std::vector<int> counts(4);
    for (int i = 0; i < 300; ++i) {
      v1::GetVersionRequest request;
      request.set_name("acme/greeting@" + label);
      request.set_subject("subject " + std::to_string(i));
      ASSERT_OK_AND_ASSIGN(const auto response, client_.GetVersion(request));
      EXPECT_EQ(Version(request.name(), request.subject()), response.version().version())
          << request.subject();
      ++counts[response.version().version()];
    }
    EXPECT_GT(*std::min_element(counts.begin() + 1, counts.end()), 0) << "nothing was compared";
  }
}

TEST_F(ServedResolverTest, OutlivesTheServer) {
  EXPECT_EQ(Version("acme/greeting"), 1u);
  server_.Kill();
  EXPECT_EQ(Version("acme/greeting"), 1u);
  EXPECT_TRUE(Eventually([&] { return !resolver_->Resolve("acme/greeting")->fresh; }));
  Open();  // The app restarts as well.
  EXPECT_EQ(Version("acme/greeting"), 1u);
  EXPECT_FALSE(resolver_->Resolve("acme/greeting")->fresh);
  ASSERT_OK(server_.StartAgain());
  Move({{2, 0}});
  EXPECT_TRUE(Eventually([&] { return Version("acme/greeting") == 2; }));
  EXPECT_TRUE(Eventually([&] { return resolver_->Resolve("acme/greeting")->fresh; }));
}

TEST_F(ServedResolverTest, LearnsWhatItMissedWhileItWasDown) {
  EXPECT_EQ(Version("acme/greeting"), 1u);
  resolver_.reset();
  Move({{2, 0}});
  Move({{1, 0}});
  Move({{2, 0}});
  Open();
  EXPECT_EQ(Version("acme/greeting"), 2u);
}

TEST_F(ServedResolverTest, TellsTheServersErrors) {
  EXPECT_THAT(resolver_->Resolve("acme/greeting@beta"),
              ErrorIs(absl::StatusCode::kNotFound, "LABEL_NOT_FOUND"));
  EXPECT_THAT(resolver_->Resolve("acme/nothing"),
              ErrorIs(absl::StatusCode::kNotFound, "PROMPT_NOT_FOUND"));
  EXPECT_THAT(resolver_->Resolve("Acme/greeting"),
              ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_REFERENCE"));
}

}  // namespace
}  // namespace colophon
