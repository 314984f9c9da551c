// Scores, what stats makes of them, and two versions compared.

#include <string>
#include <vector>

#include "client/cpp/client.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/base/clock.h"
#include "tests/client/cli_fixture.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

class CliScoreTest : public CliTest {
 protected:
  CliScoreTest() {
    PublishTriage();
    WriteFile(dir_ / "prompts/support/_tone.prompt", "Be brief.\n");
    RunOk("publish prompts -r acme -m 'Other words'");
  }

  // A call of the version that ended in so many milliseconds; its id.
  std::string Record(int version, int milliseconds, bool failed = false) {
    v1::CreateRecordRequest request;
    request.set_name(fmt::format("acme/support/triage@v{}", version));
    request.set_variables_json(R"({"message": "one"})");
    if (failed) {
      request.set_status(v1::RECORD_STATUS_FAILED);
    } else {
      request.mutable_completion()->mutable_message()->add_parts()->set_text("Yes.");
    }
    *request.mutable_latency() = ToProto(absl::Milliseconds(milliseconds));
    const auto created = client_.CreateRecord(request);
    EXPECT_OK(created);
    return created.ok() ? created->record().id() : "";
  }

  const Client client_{{.address = server_.address(), .caller = "app"}};
};

TEST_F(CliScoreTest, AScoreIsPrintedWithItsRecordAndCorrected) {
  const std::string id = Record(1, 10);
  EXPECT_EQ(RunOk("score " + id + " quality=0.9 right=true"),
            fmt::format("record\t{}\nscores\tquality=0.9 right=true\n", id));
  EXPECT_THAT(RunOk("score " + id + " quality=0.2 tone=rude --note 'Too short.'"),
              HasSubstr("scores\tright=true quality=0.2 tone=rude\n"));
  RunOk("score " + id + " quality=bad --caller bob");
  EXPECT_THAT(RunOk("record " + id),
              ContainsRegex("\nscore\tquality=0.9 by ada, [^\n]*Z, corrected since\n"
                            "score\tright=true by ada, [^\n]*Z\n"
                            "score\tquality=0.2 by ada, [^\n]*Z: Too short.\n"
                            "score\ttone=rude by ada, [^\n]*Z: Too short.\n"
                            "score\tquality=bad by bob, [^\n]*Z\n"));
  EXPECT_THAT(RunJson("score " + id + " right=true").at("scores").as_array().size(), 5u);
}

TEST_F(CliScoreTest, ScoresAreRefusedWithWhatWouldDo) {
  const std::string id = Record(1, 10);
  for (const auto& [arguments, error] : std::vector<std::pair<std::string, std::string>>{
           {id + " quality", "score \"quality\" is not KEY=VALUE"},
           {id + " Quality=1", "scores[0].name is \"Quality\": write lower-case letters"},
           {id + " tone='very rude'", "scores[0].word is \"very rude\""},
           {id + " tone=", "scores[0].word is empty"},
           {id + " a=1 a=2", "it is given twice"},
           {"0198f2c4-5b1e-7c3a-9d2f-8e4b6a1c0d37 a=1", "there is no record"},
           {id, "NAME=VALUE is required"},
       }) {
    Run("score " + arguments);
    EXPECT_NE(code_, 0) << arguments;
    EXPECT_THAT(errors_, HasSubstr(error)) << arguments;
  }
}

TEST_F(CliScoreTest, FiltersHaveThem) {
  const std::string one = Record(1, 10), two = Record(1, 10);
  RunOk("score " + one + " quality=0.1 right=true");
  RunOk("score " + two + " quality=good right=false");
  EXPECT_THAT(RunOk("records acme 'score.quality < 0.2'"),
              AllOf(HasSubstr(one), Not(HasSubstr(two))));
  EXPECT_THAT(RunOk("records acme 'score.quality = good'"), HasSubstr(two));
  EXPECT_THAT(RunOk("records acme 'score.right = true'"), HasSubstr(one));
  Run("records acme 'score = good'");
  EXPECT_THAT(errors_, HasSubstr("write score.quality < 0.2"));
}

TEST_F(CliScoreTest, StatsCountThemByGroup) {
  for (int i = 0; i < 10; ++i) {
    const std::string id = Record(1, 10);
    RunOk(
        fmt::format("score {} quality={} right={} tone={}", id, i, i < 8, i < 3 ? "rude" : "kind"));
  }
  RunOk("score " + Record(2, 10) + " right=true");
  EXPECT_THAT(RunOk("stats acme/support/triage"),
              HasSubstr("\n\nv1\tquality\t10\tmean 4.5\t2.334 to 6.666\n"
                        "v1\tright\t10\ttrue 80.0%\t49.0% to 94.3%\n"
                        "v1\ttone\t10\tkind 7, rude 3\t\n"
                        "v2\tright\t1\ttrue 100.0%\t20.7% to 100.0%\n"));
  EXPECT_THAT(RunJson("stats acme/support/triage")
                  .at("summaries")
                  .as_array()[0]
                  .at("scores")
                  .as_array()
                  .size(),
              3u);
}

TEST_F(CliScoreTest, ComparesTwoVersionsAndSaysWhatIsNoise) {
  for (int i = 0; i < 20; ++i) {
    const std::string before = Record(1, 100 + 10 * i, i < 12);
    const std::string after = Record(2, 105 + 10 * i);
    RunOk(fmt::format("score {} quality={}", before, i % 3));
    RunOk(fmt::format("score {} quality={}", after, 3 + i % 3));
  }
  const std::string table = RunOk("stats acme/support/triage --compare v1 v2");
  EXPECT_THAT(table, ContainsRegex("failed\t60.0% of 20\t0.0% of 20\t-60.0 points\t<0.0001\tno\t"
                                   "Fisher's exact\n"));
  EXPECT_THAT(table, ContainsRegex("latency\t195 ms of 20\t200 ms of 20\t\\+5 ms \\(\\+3%\\)\t"
                                   "0.7[0-9]*\tmaybe\tWelch's t\n"));
  EXPECT_THAT(table, ContainsRegex("score quality\t0.95 of 20\t3.95 of 20\t\\+3 \\(\\+316%\\)\t"
                                   "<0.0001\tno\tWelch's t\n"));
  EXPECT_THAT(errors_, HasSubstr("by Fisher's exact and Welch's t; corrected for 3 comparisons"));
  const json::object json = RunJson("stats acme/support/triage --compare v1 v2");
  EXPECT_EQ(json.at("differences").as_array().size(), 3u);
  EXPECT_TRUE(json.at("differences").as_array()[0].at("moreThanNoise").as_bool());

  Run("stats acme/support/triage --compare v1 v3");
  EXPECT_THAT(errors_, HasSubstr("there are no records of \"v3\"; there are of v1, v2"));
  EXPECT_EQ(code_, 3);
}

}  // namespace
}  // namespace colophon
