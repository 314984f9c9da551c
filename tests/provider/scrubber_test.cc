#include "service/provider/scrubber.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "service/base/json.h"

namespace colophon {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Scrubbed(const Scrubber& scrubber, std::string_view text) {
  int64_t removed_count = 0;
  return scrubber.Scrub(text, &removed_count);
}

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
  for (const auto& test : cases) EXPECT_EQ(Scrubbed(scrubber, test.text), test.scrubbed);
}

TEST(ScrubberTest, WithoutSecretsNothingIsRemoved) {
  EXPECT_EQ(Scrubbed(Scrubber({}), "text"), "text");
}

// Kind: a secret in another form, whole or cut off by whoever shortened the text.
TEST(ScrubberTest, RemovesOtherFormsAndTheirBeginnings) {
  const Scrubber scrubber({kKey});
  const std::string base64 = absl::Base64Escape(std::string("Bearer ") + kKey);
  const std::string hex = absl::AsciiStrToUpper(absl::BytesToHexString(kKey));
  for (const std::string& form : {base64, hex, absl::AsciiStrToUpper(kKey)}) {
    for (size_t bytes = 24; bytes <= form.size(); ++bytes) {
      int64_t count = 0;
      const std::string scrubbed = scrubber.Scrub("it is " + form.substr(0, bytes), &count);
      EXPECT_THAT(scrubbed, HasSubstr("[key]"));
      EXPECT_LE(scrubbed.size(), std::string("it is QmVhcmVyIG[key]Q==").size()) << scrubbed;
      EXPECT_EQ(count, 1) << scrubbed;
    }
  }
}

TEST(ScrubberTest, CountsSecretsAndNotWhatLooksLikeOne) {
  int64_t count = 0;
  Scrubber({kKey}).Scrub(std::string(kKey) + " and cophn_Az9*** and sk-1234567890", &count);
  EXPECT_EQ(count, 2);
}

TEST(ScrubberTest, MakesTextReadable) {
  EXPECT_EQ(Scrubbed(Scrubber({}), "a\r\nb\x1b[31m\xff\xc3(\xf0\x9f\x98\x80"),
            "a  b [31m?"
            "?(\xf0\x9f\x98\x80");
}

TEST(ScrubberTest, CutsLongTextBetweenCharacters) {
  for (int shift = 0; shift < 4; ++shift) {
    std::string text(shift, 'x');
    for (int i = 0; i < 1000; ++i) text += "😀";
    const std::string scrubbed = Scrubbed(Scrubber({}), text);
    EXPECT_LE(scrubbed.size(), Scrubber::kMaxBytes);
    EXPECT_GT(scrubbed.size(), Scrubber::kMaxBytes - 8);
    EXPECT_TRUE(IsUtf8(scrubbed));
  }
}

TEST(ScrubberTest, RemovesAKeyAcrossTheCut) {
  for (size_t before = Scrubber::kMaxBytes - 40; before < Scrubber::kMaxBytes; ++before) {
    const std::string scrubbed = Scrubbed(Scrubber({kKey}), std::string(before, '.') + kKey);
    EXPECT_THAT(scrubbed, Not(HasSubstr("cophn")));
  }
}

}  // namespace
}  // namespace colophon
