#include "service/git/push_request.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using std::string_literals::operator""s;
using testing::HasSubstr;

const std::string kOld(40, 'a'), kNew(40, 'b'), kNone(40, '0');

TEST(PushRequestTest, ReadsWhatGitSends) {
  const std::string bytes = GitLine("shallow " + kOld) +
                            GitLine(kOld + " " + kNew + " refs/heads/main\0 report-status "s +
                                    "side-band-64k atomic agent=git/2.39.5") +
                            GitLine(kNone + " " + kNew + " refs/heads/a/b\n") +
                            GitLine(kOld + " " + kNone + " refs/heads/gone") + kGitFlush + "PACK…";
  ASSERT_OK_AND_ASSIGN(const PushRequest request, ReadPushRequest(bytes));
  ASSERT_EQ(request.refs.size(), 3u);
  EXPECT_EQ(request.refs[0].name, "refs/heads/main");
  EXPECT_EQ(request.refs[0].before.hex(), kOld);
  EXPECT_EQ(request.refs[0].after.hex(), kNew);
  EXPECT_EQ(request.refs[1].name, "refs/heads/a/b");
  EXPECT_TRUE(request.refs[1].before.is_zero());
  EXPECT_TRUE(request.refs[2].after.is_zero());
  EXPECT_TRUE(request.has_side_band);
  EXPECT_TRUE(request.is_atomic);
  EXPECT_EQ(request.pack, "PACK…");
  // Whether it may push, before much is sent.
  ASSERT_OK_AND_ASSIGN(const PushRequest probe, ReadPushRequest(kGitFlush));
  EXPECT_TRUE(probe.refs.empty());
}

TEST(PushRequestTest, Failures) {
  std::string many;
  for (int i = 0; i <= kMaxPushedRefs; ++i) many += GitLine(kOld + " " + kNew + " refs/heads/x");
  for (const std::string& bad :
       {""s, "0"s, "000"s, "zzzz"s, "-004"s, "0x04"s, "0001"s, "0003x"s, "ffffabc"s,
        GitLine("hello"), GitLine(kOld + " " + kNew), GitLine(kOld + " " + kNew + " "),
        GitLine(kOld + "  " + kNew + " refs/heads/main"),
        GitLine(kOld.substr(1) + " " + kNew + " r"),
        GitLine(std::string(40, 'g') + " " + kNew + " refs/heads/main"),
        GitLine(kOld + " " + kNew + " refs/heads/main"), many + kGitFlush}) {
    EXPECT_THAT(ReadPushRequest(bad), ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_PUSH"))
        << bad.substr(0, 100);
  }
}

TEST(PushRequestTest, TheReportIsInBandsWhenTheClientTakesThem) {
  PushRequest request;
  const std::vector<PushedRefResult> results = {
      {"refs/heads/main", absl::OkStatus()},
      {"refs/heads/x", Aborted("DRAFT_MOVED", "it moved\nmore of it")}};
  const std::string report =
      "000eunpack ok\n0017ok refs/heads/main\n001dng refs/heads/x it moved\n0000";
  EXPECT_EQ(WritePushReport(request, results, {"hidden"}), report);
  request.has_side_band = true;
  EXPECT_EQ(WritePushReport(request, results, {"a\x1b[2Jb"}),
            "000c\2a [2Jb\n" + GitLine("\1" + report) + "0000");
  const std::string long_line(5'000, 'x');
  const std::string long_report = WritePushReport(request, {}, {long_line});
  EXPECT_THAT(long_report, HasSubstr("03e3\2x"));  // 995 bytes: as the oldest clients take them.
}

TEST(PushRequestTest, AdvertisesWhatThereIs) {
  EXPECT_THAT(WritePushAdvertisement({}), testing::AllOf(HasSubstr(kNone + " capabilities^{}\0"s),
                                                         testing::EndsWith("\n0000")));
  const std::string some = WritePushAdvertisement(
      {{"refs/heads/a", *ObjectId::FromHex(kOld)}, {"refs/heads/main", *ObjectId::FromHex(kNew)}});
  EXPECT_THAT(some, HasSubstr(kOld + " refs/heads/a\0report-status delete-refs"s));
  EXPECT_THAT(some, testing::EndsWith("003d" + kNew + " refs/heads/main\n0000"));
}

}  // namespace
}  // namespace colophon
