#include <filesystem>
#include <set>

#include "grpcpp/create_channel.h"
#include "tests/rpc/rpc_fixture.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::MatchesRegex;
using Stub = v1::AdminService::Stub;

class AdminServiceTest : public RpcFixture {
 protected:
  void SetUp() override {
    RpcFixture::SetUp();
    CreateRepository();
    Publish("greeting", kGreeting);
  }
};

TEST_F(AdminServiceTest, SaysWhatRuns) {
  ASSERT_OK_AND_ASSIGN(const auto info, Call(*admin_, &Stub::GetServerInfo, {}));
  EXPECT_EQ(info.version(), Server::Version());
  EXPECT_THAT(info.version(), MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_EQ(info.store(), "rocksdb");
  EXPECT_THAT(info.providers(), testing::IsSupersetOf({"echo", "scripted"}));
  EXPECT_EQ(info.repository_count(), 1);
  EXPECT_EQ(info.open_completion_count(), 0);
  EXPECT_EQ(info.watcher_count(), 0);
  EXPECT_GT(info.resident_bytes(), 1 << 20);
  EXPECT_TRUE(info.has_record_count());
  EXPECT_EQ(info.record_count(), 0);
  EXPECT_GT(info.store_bytes(), 0);
  EXPECT_GT(info.disk_free_bytes(), 0);
  EXPECT_EQ(info.max_message_bytes(), 4 << 20);
  EXPECT_GT(info.start_time().seconds(), 1'700'000'000);
}

TEST_F(AdminServiceTest, VerifiesTheStoreAgainAndAgain) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_OK_AND_ASSIGN(const auto response, Call(*admin_, &Stub::VerifyStore, {}));
    EXPECT_THAT(response.problems(), IsEmpty());
    EXPECT_EQ(response.change_count(), 1);
    EXPECT_EQ(response.version_count(), 1);
  }
}

TEST_F(AdminServiceTest, AServerStartsOnABackup) {
  ASSERT_OK_AND_ASSIGN(
      const auto backup,
      Call(*admin_, &Stub::CreateBackup, FromText<v1::CreateBackupRequest>("backup: 'first'")));
  EXPECT_EQ(backup.directory(), directory_ / "data/backups/first");
  EXPECT_GT(backup.size_bytes(), 0);
  Publish("greeting", "Hi {{name}}\n");

  ServerOptions options = options_;
  options.data_directory = backup.directory();
  ASSERT_OK_AND_ASSIGN(const auto second, Server::Start(options));
  const auto stub = v1::RegistryService::NewStub(
      grpc::CreateChannel(second->address().text(), grpc::InsecureChannelCredentials()));
  ASSERT_OK_AND_ASSIGN(const auto response,
                       Call(*stub, &v1::RegistryService::Stub::GetVersion,
                            FromText<v1::GetVersionRequest>("name: 'acme/greeting@latest'")));
  EXPECT_EQ(response.version().name(), "acme/greeting@v1");
}

TEST_F(AdminServiceTest, ABackupWithoutANameIsCalledByTheTime) {
  ASSERT_OK_AND_ASSIGN(const auto backup, Call(*admin_, &Stub::CreateBackup, {}));
  EXPECT_THAT(std::filesystem::path(backup.directory()).filename().string(),
              MatchesRegex("20[0-9][0-9][0-9][0-9][0-9][0-9]-[0-9][0-9][0-9][0-9][0-9][0-9]"));
}

TEST_F(AdminServiceTest, TwoBackupsInOneSecondAreTwo) {
  std::set<std::string> directories;
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK_AND_ASSIGN(const auto backup, Call(*admin_, &Stub::CreateBackup, {}));
    directories.insert(backup.directory());
  }
  EXPECT_EQ(directories.size(), 3u);
}

TEST_F(AdminServiceTest, FailuresHaveCodeAndReason) {
  const auto backup = [&](const std::string& name) {
    v1::CreateBackupRequest request;
    request.set_backup(name);
    return Call(*admin_, &Stub::CreateBackup, request).status();
  };
  ASSERT_OK(backup("first"));
  ExpectFailures({
      {"a name with a slash", backup("../x"), StatusCode::kInvalidArgument, "BAD_BACKUP_NAME"},
      {"a name with a dot before it", backup(".x"), StatusCode::kInvalidArgument,
       "BAD_BACKUP_NAME"},
      {"capitals", backup("First"), StatusCode::kInvalidArgument, "BAD_BACKUP_NAME"},
      {"a long name", backup(std::string(64, 'x')), StatusCode::kInvalidArgument,
       "BAD_BACKUP_NAME"},
      {"a name twice", backup("first"), StatusCode::kAlreadyExists, "BACKUP_EXISTS"},
  });
}

class BadBackupDirectoryTest : public RpcFixture {
 protected:
  BadBackupDirectoryTest() {
    WriteFile(directory_ / "file", "");
    options_.config.backup_directory = directory_ / "file/backups";
  }
};

TEST_F(BadBackupDirectoryTest, ABackupSaysThatItsDirectoryCantBeMade) {
  EXPECT_THAT(Call(*admin_, &Stub::CreateBackup, {}),
              ErrorIs(StatusCode::kFailedPrecondition, "BACKUP_DIRECTORY"));
}

}  // namespace
}  // namespace colophon
