#include "service/base/log_line.h"

#include "gmock/gmock.h"

namespace colophon {
namespace {

std::string Line(std::string_view value) { return LogLine("k", value).text(); }

TEST(LogLineTest, JoinsPairs) {
  EXPECT_EQ(LogLine("rpc", "Complete").Add("count", 12).Add("who", "ada").text(),
            "rpc=Complete count=12 who=ada");
}

TEST(LogLineTest, QuotesWhatIsNotOneWord) {
  EXPECT_EQ(Line("a b"), "k=\"a b\"");
  EXPECT_EQ(Line(""), "k=\"\"");
  EXPECT_EQ(Line("a=b"), "k=\"a=b\"");
  EXPECT_EQ(Line("say \"x\\\""), "k=\"say \\\"x\\\\\\\"\"");
  EXPECT_EQ(Line("über"), "k=über");
}

TEST(LogLineTest, AValueCantBeginANewLine) {
  EXPECT_EQ(Line("a\nlevel=error\r\x1b[31m\x7f"), "k=\"a\\nlevel=error\\x0d\\x1b[31m\\x7f\"");
}

TEST(LogLineTest, CutsLongValues) {
  const std::string line = Line(std::string(100'000, 'x'));
  EXPECT_LT(line.size(), 1'100u);
  EXPECT_TRUE(line.ends_with("…\""));
}

}  // namespace
}  // namespace colophon
