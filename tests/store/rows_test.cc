// The bytes of values, as keys_test has those of keys.

#include "service/store/rocksdb/rows.h"

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/base/hash.h"
#include "service/store/rocksdb/crc32c.h"
#include "service/store/rocksdb/keys.h"
#include "service/store/rocksdb/leaves.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

TEST(Crc32cTest, HasTheValuesOfRfc3720) {
  EXPECT_EQ(Crc32c(0, ""), 0u);
  EXPECT_EQ(Crc32c(0, "123456789"), 0xe3069283u);
  EXPECT_EQ(Crc32c(0, std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(Crc32c(0, std::string(32, '\xff')), 0x62a8ab43u);
}

TEST(Crc32cTest, GoesOnFromWhatCameBefore) {
  const std::string text = "The quick brown fox jumps over the lazy dog";
  for (size_t split = 0; split <= text.size(); ++split) {
    EXPECT_EQ(Crc32c(Crc32c(0, text.substr(0, split)), text.substr(split)), Crc32c(0, text));
  }
}

auto IsDamage() { return ErrorIs(absl::StatusCode::kDataLoss, "CORRUPT_STORE"); }

// Those that were written before there were scores are read too.
TEST(RowsTest, CountsAreThreeNumbersOrTwo) {
  const RecordCounts counts{.intents = 3, .outcomes = 2, .scores = 1};
  const std::string two = "00000000000000030000000000000002";
  EXPECT_EQ(HexEncode(EncodeRecordCounts(counts)), two + "0000000000000001");
  EXPECT_EQ(DecodeRecordCounts(EncodeRecordCounts(counts)), counts);
  EXPECT_EQ(DecodeRecordCounts(*HexDecode(two)), (RecordCounts{.intents = 3, .outcomes = 2}));
  for (const size_t size : {0, 8, 15, 17, 23}) {
    EXPECT_EQ(DecodeRecordCounts(EncodeRecordCounts(counts).substr(0, size)), std::nullopt) << size;
  }
  EXPECT_EQ(DecodeRecordCounts(EncodeRecordCounts(counts) + "x"), std::nullopt);
}

TEST(RowsTest, ASealedRowIsItsContentAVersionAndAChecksum) {
  const SealedRow row(Family::kRegistry, "12345", std::string_view("6789"));
  EXPECT_EQ(row.key(), "12345");
  std::string sealed = "123456789";
  sealed += '\1';
  std::string seal;
  AppendU32(Crc32c(0, sealed), &seal);
  EXPECT_EQ(HexEncode(row.value()), "3637383901" + HexEncode(seal));
  EXPECT_EQ(HexEncode(row.stored()), "3637383901");
  EXPECT_EQ(row.content(), "6789");
  EXPECT_EQ(*Unseal("12345", row.value(), "a row"), "6789");
}

TEST(RowsTest, EveryFlippedBitBreaksTheSeal) {
  const SealedRow row(Family::kRegistry, "key", std::string_view("content"));
  const std::string good(row.value());
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << bit % 8);
    EXPECT_THAT(Unseal("key", bad, "a row"), IsDamage()) << bit;
  }
  EXPECT_THAT(Unseal("kez", good, "a row"), IsDamage());
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_THAT(Unseal("key", good.substr(0, size), "a row"), IsDamage()) << size;
  }
}

TEST(RowsTest, AnUnknownVersionIsRefusedByName) {
  for (const int version : {0, 2, 255}) {
    std::string value = "content";
    value += static_cast<char>(version);
    AppendU32(Crc32c(0, "key" + value), &value);
    EXPECT_THAT(Unseal("key", value, "change 12"),
                ErrorIs(absl::StatusCode::kFailedPrecondition, "ROW_FORMAT",
                        testing::HasSubstr(
                            fmt::format("the stored row of change 12 is of format version {}, "
                                        "and this server reads version 1",
                                        version))));
  }
}

PromptRow SomePrompt() {
  return {.prompt = "p",
          .latest_version = 12,
          .archived = true,
          .digest = "dd",
          .update_time = absl::FromUnixSeconds(-1) + absl::Nanoseconds(5),
          .dependencies = {"a", ""},
          .names = {"partial:tone"}};
}

TEST(RowsTest, APromptRowIsTheFormats) {
  EXPECT_EQ(HexEncode(EncodePromptRow(SomePrompt())),
            "0000000c"
            "01"
            "ffffffffffffffff"
            "00000005"
            "00000002"
            "6464"
            "00000002"
            "00000001"
            "61"
            "00000000"
            "00000001"
            "0000000c"
            "7061727469616c3a746f6e65");
}

TEST(RowsTest, APromptRowComesBack) {
  const PromptRow row = SomePrompt();
  const std::optional<PromptRow> back = DecodePromptRow("p", EncodePromptRow(row));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->prompt, "p");
  EXPECT_EQ(back->latest_version, row.latest_version);
  EXPECT_EQ(back->archived, row.archived);
  EXPECT_EQ(back->digest, row.digest);
  EXPECT_EQ(back->update_time, row.update_time);
  EXPECT_EQ(back->dependencies, row.dependencies);
  EXPECT_EQ(back->names, row.names);
}

TEST(RowsTest, ARequestRowIsTheFormats) {
  const RequestRow row{.request_digest = "dd", .response = "abc"};
  const std::string bytes = EncodeRequestRow(row);
  EXPECT_EQ(HexEncode(bytes),
            "00000002"
            "6464"
            "00000003"
            "616263");
  EXPECT_EQ(DecodeRequestRow(bytes)->request_digest, "dd");
  EXPECT_EQ(DecodeRequestRow(bytes)->response, "abc");
}

TEST(RowsTest, ACutOrLongerRowIsRefused) {
  const std::string prompt = EncodePromptRow(SomePrompt());
  for (size_t size = 0; size < prompt.size(); ++size) {
    EXPECT_EQ(DecodePromptRow("p", prompt.substr(0, size)).has_value(), false) << size;
  }
  EXPECT_FALSE(DecodePromptRow("p", prompt + "x").has_value());
  const std::string request = EncodeRequestRow({.request_digest = "dd", .response = "abc"});
  for (size_t size = 0; size < request.size(); ++size) {
    EXPECT_FALSE(DecodeRequestRow(request.substr(0, size)).has_value()) << size;
  }
  EXPECT_FALSE(DecodeRequestRow(request + "x").has_value());
}

TEST(LeavesTest, ALeafNamesWhatItIsAndHashesIt) {
  const std::string id = HexDecode("0192aabbccdd7eeeaaaabbbbccccdddd").value();
  const std::string leaf = EncodeLeaf(LeafKind::kOutcome, id, "stored");
  EXPECT_EQ(leaf.substr(0, 17), '\3' + id);
  const std::string data = std::string("\0\3", 2) + id + "stored";
  EXPECT_EQ(HexEncode(leaf.substr(17)), Sha256Hex(data));

  const auto leaves = DecodeLeaves(leaf + EncodeLeaf(LeafKind::kChange, LeafKeyOfChange(7), "x"));
  ASSERT_TRUE(leaves);
  ASSERT_EQ(leaves->size(), 2u);
  EXPECT_EQ(leaves->at(0).record_id, "0192aabb-ccdd-7eee-aaaa-bbbbccccdddd");
  EXPECT_EQ(leaves->at(1).sequence, 7);
  for (size_t size = 1; size < leaf.size(); ++size) {
    EXPECT_FALSE(DecodeLeaves(leaf.substr(0, size))) << size;
  }
  EXPECT_FALSE(DecodeLeaves('\4' + leaf.substr(1)));
}

}  // namespace
}  // namespace colophon
