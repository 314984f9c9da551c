#include "client/cli/record_filter.h"

#include "gtest/gtest.h"
#include "service/record/filter.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

std::string TextOf(const RecordFilterOptions& options) {
  absl::StatusOr<std::string> text = RecordFilterText(options, kNow);
  EXPECT_OK(text);
  if (!text.ok()) return "";
  // The server reads all of it.
  EXPECT_OK(Filter::Parse(*text, kNow)) << *text;
  return *text;
}

TEST(RecordFilterTest, EachShortFormIsATerm) {
  EXPECT_EQ(TextOf({}), "");
  EXPECT_EQ(TextOf({.filter = "latency > 2s OR status = cut"}), "latency > 2s OR status = cut");
  EXPECT_EQ(TextOf({.statuses = {"timed-out"}}), "status = timed_out");
  EXPECT_EQ(TextOf({.statuses = {"cut", "OK"}, .failed = true}),
            "(status = failed OR status = cut OR status = ok)");
  EXPECT_EQ(TextOf({.caller = "web app"}), "caller = \"web app\"");
  EXPECT_EQ(TextOf({.tags = {"env=prod", "ticket", "a.b=c=d"}}),
            "tags.\"env\" = \"prod\" AND tags : \"ticket\" AND tags.\"a.b\" = \"c=d\"");
  EXPECT_EQ(TextOf({.since = "1h"}), "time >= 2027-01-15T07:00:00+00:00");
  EXPECT_EQ(TextOf({.filter = "status = ok OR pieces = 3", .label = "production", .until = "1h"})
                .find("label = \"production\" AND time < 2027-01-15T07:00:00+00:00 AND ("),
            0u);
}

// What is typed can be a value and nothing else.
TEST(RecordFilterTest, NoTextEndsItsQuotes) {
  for (const std::string hostile :
       {"\" OR caller = \"", "\\", "\\\" OR label : *", "a\nb", "x) OR (", "*"}) {
    v1::Record record;
    record.mutable_intent()->set_caller("shop");
    record.mutable_intent()->set_label("production");
    for (const RecordFilterOptions& options :
         std::vector<RecordFilterOptions>{{.label = hostile},
                                          {.caller = hostile},
                                          {.subject = hostile},
                                          {.model = hostile},
                                          {.tags = {hostile}},
                                          {.tags = {hostile + "=" + hostile}}}) {
      const absl::StatusOr<std::string> text = RecordFilterText(options, kNow);
      ASSERT_OK(text);
      const absl::StatusOr<Filter> filter = Filter::Parse(*text, kNow);
      EXPECT_FALSE(filter.ok() && filter->Matches(record)) << *text;
    }
    const absl::StatusOr<std::string> text = RecordFilterText({.statuses = {hostile}}, kNow);
    ASSERT_OK(text);
    EXPECT_FALSE(Filter::Parse(*text, kNow).ok()) << *text;
  }
}

}  // namespace
}  // namespace colophon
