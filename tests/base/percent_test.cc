#include "service/base/percent.h"

#include "gtest/gtest.h"

namespace colophon {
namespace {

TEST(PercentTest, WhatIsEscapedIsDecodedAndTheRestStays) {
  EXPECT_EQ(PercentDecoded("support%2Ftriage"), "support/triage");
  EXPECT_EQ(PercentDecoded("support%2ftriage"), "support/triage");
  EXPECT_EQ(PercentDecoded("a%00b"), std::string("a\0b", 3));
  EXPECT_EQ(PercentDecoded("%C3%A9%25"), "é%");
  EXPECT_EQ(PercentDecoded("%2525"), "%25");
  EXPECT_EQ(PercentDecoded("a+b"), "a+b");
  EXPECT_EQ(PercentDecoded("100% %g1 %+1 %2"), "100% %g1 %+1 %2");
  EXPECT_EQ(PercentDecoded(""), "");
}

TEST(PercentTest, KnowsWhatIsNoEscape) {
  for (const char* text : {"", "plain", "a%2Fb", "%25"})
    EXPECT_TRUE(IsPercentEncoded(text)) << text;
  for (const char* text : {"%", "a%", "%2", "%2g", "%%25", "%41%-1"}) {
    EXPECT_FALSE(IsPercentEncoded(text)) << text;
  }
}

}  // namespace
}  // namespace colophon
