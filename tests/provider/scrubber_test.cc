#include "service/provider/scrubber.h"

#include "gmock/gmock.h"
#include "service/base/json.h"

namespace colophon {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kKey[] = "cophn_Az91kQ+/Zm8vYmFyLXF1eA==";

TEST(ScrubberTest, RemovesKeys) {
  const Scrubber scrubber({kKey});
  const struct {
    std::string text;
    std::string scrubbed;
  } cases[] = {
      {"fine", "fine"},
      {std::string("bad key ") + kKey, "bad key [key]"},
      {std::string(kKey) + kKey + "!", "[key][key]!"},
      {"ends in Az91kQ+/Zm8v, you know", "ends in [key], you know"},
      {"begins with cophn_Az9***", "begins with [key]***"},
      {"Incorrect API key provided: sk-proj-abcd*******wxyz.", "Incorrect API key provided: [key]"},
      {"sk-ant-api03-AAAA_bbbb-cc and \"sk-1234567890\"", "[key] and \"[key]\""},
      {"risk-averse task-runner sk-1", "risk-averse task-runner sk-1"},
      {"Bearer sk-123456789", "Bearer [key]"},
  };
  for (const auto& test : cases) EXPECT_EQ(scrubber.Scrub(test.text), test.scrubbed);
}

TEST(ScrubberTest, RemovesAShortKeyWhole) {
  EXPECT_EQ(Scrubber({"abc"}).Scrub("my abc!"), "my [key]!");
}

TEST(ScrubberTest, AnEmptyKeyRemovesNothing) { EXPECT_EQ(Scrubber({""}).Scrub("text"), "text"); }

TEST(ScrubberTest, MakesTextReadable) {
  EXPECT_EQ(Scrubber({}).Scrub("a\r\nb\x1b[31m\xff\xc3(\xf0\x9f\x98\x80"),
            "a  b [31m?"
            "?(\xf0\x9f\x98\x80");
}

TEST(ScrubberTest, CutsLongTextBetweenCharacters) {
  for (int shift = 0; shift < 4; ++shift) {
    std::string text(shift, 'x');
    for (int i = 0; i < 1000; ++i) text += "😀";
    const std::string scrubbed = Scrubber({}).Scrub(text);
    EXPECT_LE(scrubbed.size(), Scrubber::kMaxBytes);
    EXPECT_GT(scrubbed.size(), Scrubber::kMaxBytes - 8);
    EXPECT_TRUE(IsUtf8(scrubbed));
  }
}

TEST(ScrubberTest, RemovesAKeyAcrossTheCut) {
  for (size_t before = Scrubber::kMaxBytes - 40; before < Scrubber::kMaxBytes; ++before) {
    const std::string scrubbed = Scrubber({kKey}).Scrub(std::string(before, '.') + kKey);
    EXPECT_THAT(scrubbed, Not(HasSubstr("cophn")));
  }
}

}  // namespace
}  // namespace colophon
