#include "service/store/rocksdb/segment_rows.h"

#include <algorithm>
#include <random>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SegmentRowsTest, PostingsAreReadAsTheyWereWritten) {
  std::mt19937 random(7);
  for (const size_t count : {0, 1, 2, 160, 5'000}) {
    std::set<uint32_t> set;
    while (set.size() < count) set.insert(random() >> 2);
    const std::vector<uint32_t> postings(set.begin(), set.end());
    const std::string content = EncodePostings(postings);
    EXPECT_EQ(DecodePostings(content), postings);
    for (const uint32_t posting : postings) {
      std::vector<uint16_t> rows;
      for (const uint32_t other : postings) {
        if (LowBitsOf(other) == LowBitsOf(posting)) rows.push_back(RowOf(other));
      }
      ASSERT_EQ(RowsOfTerm(content, LowBitsOf(posting)), rows);
    }
  }
}

TEST(SegmentRowsTest, TheLeastAndTheGreatestPostingAreSome) {
  const std::vector<uint32_t> postings = {0, MakePosting((1 << 14) - 1, 65'535)};
  EXPECT_EQ(DecodePostings(EncodePostings(postings)), postings);
  EXPECT_THAT(RowsOfTerm(EncodePostings(postings), 0).value(), ElementsAre(0));
  EXPECT_THAT(RowsOfTerm(EncodePostings(postings), (1 << 14) - 1).value(), ElementsAre(65'535));
  EXPECT_THAT(RowsOfTerm(EncodePostings(postings), 5).value(), IsEmpty());
}

TEST(SegmentRowsTest, WhatIsNoPostingsIsRefused) {
  using std::string_literals::operator""s;
  for (const std::string& content : {
           "\x80"s,                      // Ends in a number.
           "\x05\x00"s,                  // The same twice.
           "\xff\xff\xff\xff\x0f"s,      // More than 30 bits,
           "\xff\xff\xff\xff\x03\x05"s,  // or together.
           "\x80\x80\x80\x80\x80\x01"s,  // Too long.
       }) {
    EXPECT_FALSE(DecodePostings(content)) << testing::PrintToString(content);
  }
}

TEST(SegmentRowsTest, AShortTermIsABucketAndLowBits) {
  const uint32_t term = ShortTerm(0xabcdef0123456789);
  EXPECT_EQ(term, 0xabcdef0u);
  EXPECT_EQ(BucketOf(term), 0xabcdef0u >> 14);
  EXPECT_EQ(LowBitsOf(MakePosting(term, 9)), 0xabcdef0u & 0x3fff);
  EXPECT_EQ(RowOf(MakePosting(term, 9)), 9);
}

}  // namespace
}  // namespace colophon
