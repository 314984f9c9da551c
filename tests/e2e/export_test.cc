// What the running service wrote is ordinary git.

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/base/hash.h"
#include "service/git/exporter.h"
#include "service/store/rocksdb/rocksdb_store.h"
#include "tests/e2e/e2e_test.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ExportedTest : public E2eTest {
 protected:
  std::string Git(const std::string& arguments) {
    const ShellResult result =
        Shell(fmt::format("git -c safe.directory='*' -C {} {}", dir() / "acme.git", arguments));
    EXPECT_EQ(result.exit_code, 0) << "git " << arguments << "\n" << result.output;
    return result.output;
  }
};

TEST_F(ExportedTest, PassesFsckAndReadsWell) {
  Serve();
  PublishGreet();
  constexpr int kChanges = 20;
  for (int i = 0; i < kChanges; ++i) {
    v1::PublishRequest publish = PublishOf(
        "support/greet.prompt",
        fmt::format("---\nmodel: echo/echo\n---\n{{{{role \"user\"}}}}{} {{{{text}}}}", i));
    publish.set_author("Ada <ada@example.com>");
    publish.set_description(fmt::format("Greet in way {}\n\nBecause somebody asked for it.", i));
    ASSERT_OK(client().Publish(publish));
  }
  v1::PublishRequest draft = PublishOf("support/greet.prompt", "A draft: {{text}}");
  draft.set_branch("shorter");
  ASSERT_OK(client().Publish(draft));
  v1::GetVersionRequest latest;
  latest.set_name("acme/support/greet@latest");
  ASSERT_OK_AND_ASSIGN(const v1::GetVersionResponse found, client().GetVersion(latest));
  StopServing();

  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Store> store, OpenRocksdbStore(data() + "/store"));
  ASSERT_OK(ExportRepository(store.get(), "acme", dir() / "acme.git"));

  EXPECT_THAT(Git("fsck --strict --full --no-dangling"), IsEmpty());
  EXPECT_EQ(Git("rev-list --count main"), fmt::format("{}\n", kChanges + 1));
  EXPECT_EQ(Git("log -1 --format=%H main"), found.version().commit() + "\n");
  EXPECT_EQ(Git("log -1 --format=%an,%ae,%s main"), "Ada,ada@example.com,Greet in way 19\n");
  EXPECT_THAT(Git("log -p -1 main"),
              AllOf(HasSubstr("-{{role \"user\"}}18 {{text}}"),
                    HasSubstr("+{{role \"user\"}}19 {{text}}"), Not(HasSubstr("Binary files"))));
  EXPECT_THAT(Git("show main:support/greet.labels.yaml"), HasSubstr("production: v1"));
  EXPECT_EQ(Git("show shorter:support/greet.prompt"), "A draft: {{text}}");
  // A file of a version is git's blob of the same bytes.
  EXPECT_EQ(Sha256Hex(Git("show main:support/greet.prompt")), found.version().files(0).sha256());
}

}  // namespace
}  // namespace colophon
