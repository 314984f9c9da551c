#include "service/record/summaries.h"

#include <cmath>
#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/base/clock.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

v1::Record RecordOf(const std::string& prompt, uint32_t version, v1::RecordStatus status) {
  v1::Record record;
  record.mutable_intent()->set_prompt(prompt);
  record.mutable_intent()->set_version(version);
  record.mutable_intent()->set_model("openai/small");
  record.mutable_intent()->set_caller("shop");
  record.mutable_intent()->mutable_start_time()->set_seconds(1'764'000'000);
  (*record.mutable_intent()->mutable_tags())["env.of"] = "prod";
  if (status == v1::RECORD_STATUS_OPEN) return record;
  record.mutable_outcome()->set_status(status);
  if (status != v1::RECORD_STATUS_OK) record.mutable_outcome()->set_error_reason("PROVIDER_CUT");
  return record;
}

std::vector<v1::RecordSummary> SummariesOf(const std::string& group_by, bool of_one_prompt,
                                           const std::vector<v1::Record>& records) {
  auto summaries = Summaries::By(group_by, of_one_prompt);
  EXPECT_OK(summaries);
  for (const v1::Record& record : records) summaries->Add(record);
  google::protobuf::RepeatedPtrField<v1::RecordSummary> taken;
  summaries->Take(&taken);
  return {taken.begin(), taken.end()};
}

TEST(SummariesTest, EachGroupIsNamedByWhatItsRecordsShare) {
  const std::vector<v1::Record> records = {RecordOf("a/b", 12, v1::RECORD_STATUS_TIMED_OUT)};
  const auto name = [&](const std::string& group_by, bool of_one_prompt = false) {
    return SummariesOf(group_by, of_one_prompt, records).at(0).group();
  };
  EXPECT_EQ(name(""), "");
  EXPECT_EQ(name("version"), "a/b@v12");
  EXPECT_EQ(name("version", true), "v12");
  EXPECT_EQ(name("prompt"), "a/b");
  EXPECT_EQ(name("label"), "");
  EXPECT_EQ(name("model"), "openai/small");
  EXPECT_EQ(name("provider"), "openai");
  EXPECT_EQ(name("day"), "2025-11-24");
  EXPECT_EQ(name("caller"), "shop");
  EXPECT_EQ(name("status"), "timed_out");
  EXPECT_EQ(name("tags.env.of"), "prod");
  EXPECT_EQ(name("tags.other"), "");
  for (const char* bad : {"weather", "tags", "tags.", "Version", "variables.x"}) {
    EXPECT_THAT(Summaries::By(bad, false), ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_GROUP"))
        << bad;
  }
}

TEST(SummariesTest, AddsUpWhatIsTold) {
  std::vector<v1::Record> records = {
      RecordOf("a", 1, v1::RECORD_STATUS_OK), RecordOf("a", 1, v1::RECORD_STATUS_OK),
      RecordOf("a", 1, v1::RECORD_STATUS_CUT), RecordOf("a", 1, v1::RECORD_STATUS_OPEN),
      RecordOf("a", 2, v1::RECORD_STATUS_OK)};
  records[0].mutable_outcome()->set_output_valid(true);
  records[1].mutable_outcome()->set_output_valid(false);
  records[0].mutable_outcome()->mutable_completion()->mutable_usage()->set_input_tokens(100);
  records[2].mutable_outcome()->mutable_completion()->mutable_usage()->set_output_tokens(7);
  const auto summaries = SummariesOf("version", true, records);
  ASSERT_EQ(summaries.size(), 2u);
  EXPECT_EQ(summaries[0].record_count(), 4);
  EXPECT_EQ(summaries[0].ok_count(), 2);
  EXPECT_EQ(summaries[0].reason_counts().at("PROVIDER_CUT"), 1);
  EXPECT_EQ(summaries[0].valid_count(), 1);
  EXPECT_EQ(summaries[0].invalid_count(), 1);
  EXPECT_EQ(summaries[0].input_tokens(), 100);
  EXPECT_EQ(summaries[0].output_tokens(), 7);
  EXPECT_EQ(summaries[1].record_count(), 1);
}

// No step is further from what was measured than an eighth of a doubling.
TEST(SummariesTest, StepsHoldWhatWasMeasured) {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> exponent(0, 40);
  for (int i = 0; i < 2'000; ++i) {
    v1::Record record = RecordOf("a", 1, v1::RECORD_STATUS_OK);
    const absl::Duration latency = absl::Nanoseconds(std::floor(std::exp2(exponent(random))));
    *record.mutable_outcome()->mutable_latency() = ToProto(latency);
    const auto summaries = SummariesOf("", true, {record});
    ASSERT_EQ(summaries[0].latencies_size(), 1);
    const absl::Duration up_to = FromProto(summaries[0].latencies(0).up_to());
    EXPECT_GE(up_to + absl::Nanoseconds(absl::ToDoubleNanoseconds(up_to) * 1e-6 + 1), latency);
    if (latency > absl::Microseconds(1)) {
      EXPECT_LE(up_to / 1.0906, latency + absl::Nanoseconds(2));
    }
    EXPECT_EQ(summaries[0].first_piece_latencies_size(), 0);
  }
}

}  // namespace
}  // namespace colophon
