#include "service/base/hash.h"

#include "gmock/gmock.h"

namespace colophon {
namespace {

TEST(HashTest, Sha256IsTheStandardsOwn) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(HashTest, HexGoesBothWays) {
  const std::string bytes("\x00\x7f\x80\xff", 4);
  EXPECT_EQ(HexEncode(bytes), "007f80ff");
  EXPECT_EQ(HexDecode("007f80ff"), bytes);
}

TEST(HashTest, RefusesWhatIsNotLowerCaseHex) {
  EXPECT_EQ(HexDecode("abc"), std::nullopt);
  EXPECT_EQ(HexDecode("AB"), std::nullopt);
  EXPECT_EQ(HexDecode("0g"), std::nullopt);
}

// Which version a subject gets must survive a restart and an upgrade.
TEST(HashTest, TheStableHashNeverChanges) { EXPECT_EQ(StableHash("abc"), 0xba7816bf8f01cfeaull); }

}  // namespace
}  // namespace colophon
