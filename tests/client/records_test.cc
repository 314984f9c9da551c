// The auditor's questions, each answered by one command.

#include <algorithm>
#include <string>
#include <vector>

#include "client/cpp/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/base/clock.h"
#include "service/base/hash.h"
#include "tests/client/cli_fixture.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

// With one call by label, and one by version that is bob's, about a customer's ticket.
class CliRecordsTest : public CliTest {
 protected:
  CliRecordsTest() {
    PublishTriage();
    RunOk("complete acme/support/triage --var message=one");
    one_ = RecordOfFooter();
    RunOk(
        "complete acme/support/triage@v1 --var message=two --caller bob --subject user-5 "
        "--tag ticket=277 --tag env=prod");
    two_ = RecordOfFooter();
  }

  int64_t CountOf(const std::string& arguments) {
    const std::string lines = RunOk("records " + arguments);
    return std::count(lines.begin(), lines.end(), '\n');
  }

  // Bob's, of a call that his app made itself.
  void RecordFailure() {
    v1::CreateRecordRequest failed;
    failed.set_name("acme/support/triage@v1");
    failed.set_variables_json(R"({"message": "three"})");
    failed.set_status(v1::RECORD_STATUS_FAILED);
    failed.set_error_message("no route");
    *failed.mutable_latency() = ToProto(absl::Milliseconds(1'500));
    ASSERT_OK(Client({.address = server_.address(), .caller = "bob"}).CreateRecord(failed));
  }

  std::string one_, two_;
};

TEST_F(CliRecordsTest, ListsThoseThatAreMeant) {
  EXPECT_EQ(CountOf(""), 2);
  EXPECT_EQ(CountOf("acme"), 2);
  EXPECT_EQ(CountOf("-r acme"), 2);
  EXPECT_EQ(CountOf("acme/support/triage@v1"), 2);
  EXPECT_EQ(CountOf("-r acme support/triage"), 2);
  EXPECT_EQ(CountOf("acme/support/triage --label production"), 1);
  EXPECT_EQ(CountOf("acme/support/triage@v1 --label production --since 1h"), 1);
  EXPECT_EQ(CountOf("acme --label production"), 1);
  EXPECT_EQ(CountOf("acme --caller bob"), 1);
  EXPECT_EQ(CountOf("--caller bob"), 1);
  EXPECT_EQ(CountOf("acme --subject user-5"), 1);
  EXPECT_EQ(CountOf("acme --tag ticket=277"), 1);
  EXPECT_EQ(CountOf("acme --tag ticket --tag env=prod"), 1);
  EXPECT_EQ(CountOf("acme --tag ticket=278"), 0);
  EXPECT_EQ(CountOf("acme --model echo/any"), 2);
  EXPECT_EQ(CountOf("acme --model echo/other"), 0);
  EXPECT_EQ(CountOf("acme --status ok"), 2);
  EXPECT_EQ(CountOf("acme --status timed-out,cut --status cancelled"), 0);
  EXPECT_EQ(CountOf("acme --status cut,ok"), 2);
  EXPECT_EQ(CountOf("acme --failed"), 0);
  EXPECT_EQ(CountOf("acme --since 1h"), 2);
  EXPECT_EQ(CountOf("acme --until 1h"), 0);
  EXPECT_EQ(CountOf("acme --limit 1"), 1);
  EXPECT_EQ(errors_, "the newest 1; there are more, see --limit\n");
  EXPECT_THAT(RunOk("records acme -n 1"),
              ContainsRegex("\tacme/support/triage@v1\t\tok\techo/any\tbob\t\n$"));
}

// The program's --caller says who asks, and here there is nothing else to ask for.
TEST_F(CliRecordsTest, ACallerBeforeTheCommandIsMeantToo) {
  EXPECT_THAT(RunOk("--caller bob records acme"), HasSubstr(two_));
  EXPECT_THAT(RunOk("--caller bob records acme"), Not(HasSubstr(one_)));
  EXPECT_THAT(RunOk("records acme", "COLOPHON_CALLER=bob"), HasSubstr(one_));
}

TEST_F(CliRecordsTest, AFilterAndTheShortFormsGoTogether) {
  EXPECT_EQ(CountOf("acme 'caller = bob'"), 1);
  EXPECT_EQ(CountOf("'variables.message = one AND time > 1h'"), 1);
  EXPECT_EQ(CountOf("acme/support/triage 'status = ok label : *'"), 1);
  EXPECT_EQ(CountOf("acme 'status = failed'"), 0);
  EXPECT_EQ(CountOf("acme 'variables.message = one OR variables.message = two' --caller bob"), 1);
}

TEST_F(CliRecordsTest, AnsweredTextsAreReadOneBelowTheOther) {
  EXPECT_THAT(RunOk("records acme --outputs"),
              ContainsRegex("^--- " + two_ + " acme/support/triage@v1 [^ ]+ ok ---\ntwo.*\n--- " +
                            one_ + " .* ---\none"));
}

TEST_F(CliRecordsTest, EachRecordIsALineOfJson) {
  for (const char* limit : {"-n 0", "-n 2", ""}) {
    const std::string lines = RunOk(std::string("records acme --json ") + limit);
    const size_t first = lines.find('\n');
    ASSERT_NE(first, std::string::npos);
    ASSERT_OK_AND_ASSIGN(const json::value newest, ParseJson(lines.substr(0, first)));
    EXPECT_EQ(newest.at("id").as_string(), two_);
    ASSERT_OK_AND_ASSIGN(const json::value oldest, ParseJson(lines.substr(first + 1)));
    EXPECT_EQ(oldest.at("id").as_string(), one_);
  }
  EXPECT_EQ(RunJson("records acme --json -n 1").at("id").as_string(), two_);
}

TEST_F(CliRecordsTest, AFailureIsListedWithItsReason) {
  RecordFailure();
  EXPECT_THAT(RunOk("records acme --failed --caller bob"),
              ContainsRegex("^[^\n]+\tfailed\t[^\t]*\tbob\tEXTERNAL\n$"));
  EXPECT_EQ(CountOf("acme --status failed,ok"), 3);
  const std::string shown = OnTerminal("records acme");
  EXPECT_THAT(shown, AllOf(HasSubstr("STATUS"), HasSubstr("failed")));
}

TEST_F(CliRecordsTest, ARecordTellsWhoPublishedItsVersionAndWhy) {
  EXPECT_THAT(RunOk("record " + two_),
              AllOf(HasSubstr("\nversion\tacme/support/triage@v1\n"),
                    ContainsRegex("\npublished\t[^\t]+Z by ada[^\n]*\nbecause\tFirst words\n"),
                    HasSubstr("\nsubject\tuser-5\n")));
}

TEST_F(CliRecordsTest, CountsCallsByWhatTheyShare) {
  RecordFailure();
  EXPECT_THAT(RunOk("stats acme/support/triage"),
              ContainsRegex("^v1\t3\t66.7%\t\t[0-9]+\t[0-9]+\t[^\t]+\t1\\.[5-6][0-9]* s\t[^\t]+\t"
                            "EXTERNAL 1\n$"));
  EXPECT_THAT(RunOk("stats --by caller"),
              ContainsRegex("^ada\t1\t100.0%[^\n]*\nbob\t2\t50.0%[^\n]*\n$"));
  EXPECT_THAT(RunOk("stats acme --by tags.env 'status = ok'"),
              ContainsRegex("^-\t1\t[^\n]*\nprod\t1\t[^\n]*\n$"));
  const json::object all = RunJson("stats acme --by version --failed");
  EXPECT_EQ(all.at("summaries").at(0).at("group").as_string(), "support/triage@v1");
  EXPECT_EQ(all.at("summaries").at(0).at("reasonCounts").at("EXTERNAL").as_string(), "1");
  EXPECT_EQ(RunOk("stats acme --caller nobody"), "");
  EXPECT_EQ(errors_, "no such records\n");
  Run("stats acme --by weather");
  EXPECT_EQ(code_, 2);
  EXPECT_THAT(errors_, HasSubstr("by version, prompt, label"));
  Run("stats acme/suport/triage");
  EXPECT_EQ(code_, 3);
}

// The bytes that were sent: their digest is the recorded one.
TEST_F(CliRecordsTest, TheRequestIsPrintedAsItWasSent) {
  const std::string request = RunOk("record " + two_ + " --request");
  EXPECT_OK(ParseJson(request));
  EXPECT_EQ(Sha256Hex(request),
            RunJson("record " + two_).at("record").at("intent").at("requestDigest").as_string());
  Run("record " + two_ + " --request --rendered");
  EXPECT_EQ(code_, 2);
}

TEST_F(CliRecordsTest, WhatIsntThereIsNotFoundAndNotNothing) {
  struct Case {
    const char *arguments, *told;
  };
  for (const Case& c : std::vector<Case>{
           {"acme/suport/triage", "close to it: \"support/triage\""},
           {"acme/support/triage@v99", "the newest is v1"},
           {"acme/support/triage@prodution", "labels there are: production"},
           {"acme/support", "it is a folder, with \"support/triage\""},
           {"acme 'prompt = suport/triage'", "close to it: \"support/triage\""},
       }) {
    EXPECT_EQ(Run(std::string("records ") + c.arguments), "");
    EXPECT_EQ(code_, 3) << c.arguments;
    EXPECT_THAT(errors_, HasSubstr(c.told)) << c.arguments;
  }
}

TEST_F(CliRecordsTest, BadUseIsToldWithItsPlace) {
  for (const char* bad : {"--status fine", "--since soon", "--tag", "-n -1"}) {
    Run(std::string("records acme ") + bad);
    EXPECT_EQ(code_, 2) << bad;
  }
  EXPECT_EQ(Run("records acme 'label = \"\xec\x9a\x94\" AND latency > soon'"), "");
  EXPECT_EQ(code_, 2);
  EXPECT_EQ(errors_,
            "colophon: filter, column 27: latency is compared with a duration with its unit, such "
            "as 300ms, 2s or 1h30m, not \"soon\"\n"
            "  label = \"\xec\x9a\x94\" AND latency > soon\n"
            "                             ^\n");
  RunOk("init beta");
  Run("records");
  EXPECT_EQ(code_, 2);
  EXPECT_EQ(errors_, "colophon: name a repository or a prompt; there are acme beta\n");
}

}  // namespace
}  // namespace colophon
