#include "service/open_files.h"

#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::HasSubstr;

Config WithThreads(int threads) {
  Config config;
  config.completion_threads = threads;
  return config;
}

TEST(OpenFilesTest, AllSharesAreWithinTheLimit) {
  for (const int limit : {256, 1'024, 4'096, 65'536, 1'048'576}) {
    SCOPED_TRACE(limit);
    ASSERT_OK_AND_ASSIGN(const OpenFiles share, ShareOpenFiles(limit, WithThreads(2)));
    EXPECT_LE(share.store + share.provider_calls + share.kept_connections + share.connections,
              limit - 96);
    EXPECT_GT(share.kept_connections, 0);
    EXPECT_GE(share.store, 32);
    EXPECT_GE(share.provider_calls, 16);
    EXPECT_GE(share.connections, 16);
  }
}

TEST(OpenFilesTest, WhatTheConfigurationSaysHoldsWhereTheLimitAllowsIt) {
  Config config = WithThreads(2);
  config.max_open_completions = 10'000;
  config.max_connections = 500;
  ASSERT_OK_AND_ASSIGN(const OpenFiles many, ShareOpenFiles(65'536, config));
  EXPECT_EQ(many.connections, 500);
  EXPECT_EQ(many.provider_calls, 10'000);
  ASSERT_OK_AND_ASSIGN(const OpenFiles few, ShareOpenFiles(1'024, config));
  EXPECT_EQ(few.connections, 500);
  EXPECT_LT(few.provider_calls, 500);
  config.max_connections = 5'000;
  const absl::Status refused = ShareOpenFiles(1'024, config).status();
  EXPECT_THAT(refused, ErrorIs(absl::StatusCode::kFailedPrecondition, "OPEN_FILES"));
  EXPECT_THAT(MessageOf(refused), HasSubstr("max_connections is 5000"));
}

TEST(OpenFilesTest, FewCallsLeaveTheRestToConnections) {
  Config config = WithThreads(2);
  config.max_open_completions = 1;
  for (const int limit : {256, 20'000}) {
    ASSERT_OK_AND_ASSIGN(const OpenFiles share, ShareOpenFiles(limit, config));
    EXPECT_EQ(share.provider_calls, 1);
    EXPECT_GT(share.connections, 80);
  }
}

TEST(OpenFilesTest, ALimitThatIsTooLowIsRefused) {
  EXPECT_THAT(ShareOpenFiles(100, WithThreads(2)),
              ErrorIs(absl::StatusCode::kFailedPrecondition, "OPEN_FILES"));
}

}  // namespace
}  // namespace colophon
