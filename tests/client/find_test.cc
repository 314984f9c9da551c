// colophon find, against a server.

#include "gmock/gmock.h"
#include "tests/client/cli_fixture.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST_F(CliTest, FindsWhatWroteAPartOfAnOutput) {
  PublishTriage();
  WriteFile(
      dir_ / "data.json",
      R"({"message": "The parcel left our house on Monday, and “should” be with you soon."})");
  RunOk("complete acme/support/triage --data data.json");
  const std::string record = RecordOfFooter();
  const std::string excerpt = "find --text 'OUR HOUSE on Monday  and \"should\" be with you'";
  EXPECT_THAT(RunOk(excerpt), StartsWith(record));
  EXPECT_THAT(errors_, HasSubstr("a part of the output, word by word"));
  EXPECT_THAT(OnTerminal(excerpt), HasSubstr("our house on Monday, and “should” be with you"));
  WriteFile(dir_ / "answer",
            "  The parcel left our house\r\non Monday, and “should” be with you soon.\n");
  EXPECT_THAT(RunOk("find answer"), StartsWith(record));
  EXPECT_THAT(errors_, HasSubstr("the same words, other white space"));
}

TEST_F(CliTest, AMissOfATextTooLargeToBeLookedIntoSaysSo) {
  PublishTriage();
  WriteFile(dir_ / "answer", std::string(2'000'000, 'x'));
  Run("find answer");
  EXPECT_EQ(code_, 3);
  EXPECT_THAT(errors_, HasSubstr("give a part of it"));
}

}  // namespace
}  // namespace colophon
