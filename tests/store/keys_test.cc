// The bytes of every key. Changing one changes the persistent format: that is
// a decision, with a new format number and a way from the old one.

#include "service/store/rocksdb/keys.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/base/hash.h"

namespace colophon {
namespace {

using By = RecordQuery::By;

// "acme" and "support/triage" as texts.
constexpr char kAcme[] = "61636d6500";
constexpr char kTriage[] = "737570706f72742f74726961676500";
const std::string kId(16, '\x42');
const ObjectId kObject(std::array<uint8_t, 20>{0xab, 0xcd});

std::string IdHex() {
  std::string hex;
  for (int i = 0; i < 16; ++i) hex += "42";
  return hex;
}

std::string ObjectHex() { return "abcd" + std::string(36, '0'); }

TEST(KeysTest, MetaKeysAreTheFormats) {
  EXPECT_EQ(FormatKey(), "F");
  EXPECT_EQ(HexEncode(RecordCountsKey("acme")), std::string("4e") + kAcme);
  EXPECT_EQ(HexEncode(LossKey(absl::FromUnixMicros(0x0102))), "4c0000000000000102");
  EXPECT_EQ(HexEncode(RepositoryKey("acme")), std::string("52") + kAcme);
}

TEST(KeysTest, RegistryKeysAreTheFormats) {
  const struct {
    std::string key;
    std::string hex;
  } cases[] = {
      {ChangeKey("acme", 0x0102), std::string("63") + kAcme + "0000000000000102"},
      {ChangePageKey("acme", 0x0102, 3),
       std::string("64") + kAcme + "0000000000000102" + "00000003"},
      {CommitKey("acme", kObject), std::string("6d") + kAcme + ObjectHex()},
      {RefKey("acme", "refs/heads/main"),
       std::string("66") + kAcme + "726566732f68656164732f6d61696e00"},
      {PromptKey("acme", "support/triage"), std::string("70") + kAcme + kTriage},
      {VersionKey("acme", "support/triage", 12), std::string("76") + kAcme + kTriage + "0000000c"},
      {PublishedKey("acme", "support/triage", 3),
       std::string("73") + kAcme + kTriage + "0000000000000003"},
      {LabelKey("acme", "support/triage", "beta", 3),
       std::string("6c") + kAcme + kTriage + "6265746100" + "fffffffffffffffc"},
      {StepBackKey("acme", 0x0102), std::string("74") + kAcme + "0000000000000102"},
      {RequestKey("acme", "r1"), std::string("71") + kAcme + "723100"},
      {RecordRequestKey("acme", "r1"), std::string("78") + kAcme + "723100"},
  };
  for (const auto& c : cases) EXPECT_EQ(HexEncode(c.key), c.hex);
}

TEST(KeysTest, ObjectAndRecordKeysAreTheFormats) {
  EXPECT_EQ(HexEncode(ObjectKey("acme", kObject)), kAcme + ObjectHex());
  EXPECT_EQ(HexEncode(IntentKey(kId)), IdHex() + "69");
  EXPECT_EQ(HexEncode(OutcomeKey(kId)), IdHex() + "6f");
  EXPECT_EQ(HexEncode(ScoresKey(kId)), IdHex() + "73");
}

TEST(KeysTest, IndexKeysAreTheFormats) {
  const RecordIndex all{
      .repository = "acme",
      .prompt = "support/triage",
      .version = 12,
      .label = "beta",
      .caller = "web",
      .status = v1::RECORD_STATUS_CUT,
      .output_digest = "00112233445566778899aabbccddeeffffffffffffffffffffffffffffffffff"};
  const struct {
    By by;
    std::string hex;
  } cases[] = {
      {By::kRepository, std::string("72") + kAcme + IdHex()},
      {By::kPrompt, std::string("70") + kAcme + kTriage + IdHex()},
      {By::kVersion, std::string("76") + kAcme + kTriage + "0000000c" + IdHex()},
      {By::kLabel, std::string("6c") + kAcme + kTriage + "6265746100" + IdHex()},
      {By::kCaller, std::string("63") + kAcme + "77656200" + IdHex()},
      {By::kStatus, std::string("73") + kAcme + "06" + IdHex()},
      {By::kOutput, "6f00112233445566778899aabbccddeeff" + IdHex() + kAcme},
  };
  for (const auto& c : cases) {
    RecordIndex index = all;
    index.by = c.by;
    const std::string key = IndexKey(index, kId);
    EXPECT_EQ(HexEncode(key), c.hex);
    EXPECT_TRUE(key.starts_with(IndexPrefix(index)));
    EXPECT_EQ(RecordIdOfIndexKey(key), kId);
  }
}

TEST(KeysTest, TextsComeBackWhateverTheirBytes) {
  for (const std::string& text :
       {std::string(), std::string("acme"), std::string("\0", 1), std::string("\1"),
        std::string("a\0\1\2b", 5), std::string("\xff\x01")}) {
    std::string key;
    AppendText(text, &key);
    EXPECT_EQ(key.find('\0'), key.size() - 1);
    key += "rest";
    std::string_view rest = key;
    EXPECT_EQ(TakeText(&rest), text);
    EXPECT_EQ(rest, "rest");
  }
}

TEST(KeysTest, TextsSortAsTheirNamesDo) {
  const std::string names[] = {"",
                               std::string("\0", 1),
                               std::string("\0\0", 2),
                               "\1",
                               "\1\1",
                               "\2",
                               "a",
                               std::string("a\0", 2),
                               "a\1",
                               "a-b",
                               "a/b",
                               "aa",
                               "b"};
  for (size_t i = 0; i + 1 < std::size(names); ++i) {
    std::string left;
    std::string right;
    AppendText(names[i], &left);
    AppendText(names[i + 1], &right);
    EXPECT_LT(left, right) << i;
    EXPECT_FALSE(right.starts_with(left)) << i;
  }
}

TEST(KeysTest, MalformedPartsAreNotTaken) {
  for (const std::string& bytes :
       {std::string("no end"), std::string("\1\0", 2), std::string("\1\3\0", 3)}) {
    std::string_view rest = bytes;
    EXPECT_EQ(TakeText(&rest), std::nullopt) << HexEncode(bytes);
  }
  std::string_view three = "abc";
  EXPECT_EQ(TakeU32(&three), std::nullopt);
  EXPECT_EQ(TakeU64(&three), std::nullopt);
  EXPECT_EQ(RecordIdOfIndexKey("short"), std::nullopt);
  EXPECT_EQ(RecordIdOfIndexKey("o" + std::string(20, 'x')), std::nullopt);
}

TEST(KeysTest, AfterPrefixIsPastAllThatBeginWithIt) {
  EXPECT_EQ(AfterPrefix("ab"), "ac");
  EXPECT_EQ(AfterPrefix("a\xff"), "b");
  EXPECT_EQ(AfterPrefix("\xff\xff"), "");
  EXPECT_EQ(AfterPrefix(""), "");
}

}  // namespace
}  // namespace colophon
