#include "service/record/filter.h"

#include <random>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "service/base/clock.h"
#include "service/record/filter_syntax.h"
#include "service/record/filter_value.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

const absl::Time kNow = absl::FromUnixSeconds(1'764'000'000);  // 2025-11-24T16:00:00Z

v1::Record TriageRecord() {
  v1::Record record;
  v1::Intent& intent = *record.mutable_intent();
  intent.set_prompt("support/triage");
  intent.set_version(12);
  intent.set_commit("3f2a9c1d5e6f708192a3b4c5d6e7f8091a2b3c4d");
  intent.set_label("production");
  intent.set_caller("web-app");
  intent.set_subject("user-5");
  intent.set_model("openai/gpt-4o-mini");
  (*intent.mutable_tags())["env"] = "prod";
  (*intent.mutable_tags())["a.b"] = "dotted";
  intent.set_variables_json(
      R"({"language":"ko","n":3,"big":9007199254740993,"ok":true,"none":null,)"
      R"("items":["one",{"name":"Two  three"}],"message":"Where is my\nREFUND?"})");
  *intent.mutable_start_time() = ToProto(kNow - absl::Hours(2));
  v1::Outcome& outcome = *record.mutable_outcome();
  outcome.set_status(v1::RECORD_STATUS_CUT);
  outcome.set_model("anthropic/claude");
  outcome.set_error_reason("PROVIDER_CUT");
  *outcome.mutable_latency() = ToProto(absl::Milliseconds(2'500));
  outcome.set_piece_count(7);
  outcome.add_attempts();
  outcome.mutable_completion()->mutable_usage()->set_input_tokens(100);
  outcome.mutable_completion()->mutable_message()->add_parts()->set_text(
      "Your refund\n is on  its way.");
  return record;
}

bool Matches(const std::string& text, const v1::Record& record = TriageRecord()) {
  const auto filter = Filter::Parse(text, kNow);
  EXPECT_OK(filter) << text;
  return filter.ok() && filter->Matches(record);
}

TEST(FilterTest, HoldsOfARecord) {
  for (const char* filter : {
           "",
           "  ",
           "prompt = \"support/triage\"",
           "prompt=support/triage",
           "prompt : \"support/\"",
           "version = 12",
           "version = v12",
           "version >= 2 AND version < 13",
           "commit = 3f2a9c1",
           "draft = false",
           "label = production",
           "caller != mobile",
           "caller : WEB",
           "subject = 'user-5'",
           "tags.env = prod",
           "tags : env",
           "tags.env : *",
           "tags.a.b = dotted",
           "tags.\"a.b\" = dotted",
           "tags.other != x",
           "status = failed",
           "status = cut",
           "status = RECORD_STATUS_CUT",
           "status != ok",
           "error_reason = PROVIDER_CUT",
           "model = anthropic/claude",
           "provider = anthropic",
           "time > 3d",
           "time < 1h",
           "time = 2025-11-24",
           "time >= 2025-11-24 time <= 2025-11-24",
           "time < 2025-11-25",
           "time > 2025-11-24T13:59:59+00:00",
           "time = 2025-11-24T14:00:00Z",
           "time = 2025-11-24T14:00",
           "latency > 2s",
           "latency <= 2s500ms",
           "tokens = 100",
           "input_tokens = 1e2",
           "pieces > 6 pieces < 8",
           "attempts = 1",
           "output_valid != true",
           "external = false",
           "variables.language = ko",
           "variables.n = 3",
           "variables.n > 2.5",
           "variables.ok = true",
           "variables.none = null",
           "variables.items.0 = one",
           "variables.items.1.name : \"two three\"",
           "variables.items : one",
           "variables.message : \"my refund\"",
           "variables.nothing != 1",
           "variables.items.1 : name",
           "output : \"REFUND is on its\"",
           "output : refund",
           "output : *",
           "NOT label = staging",
           "-label = staging",
           "NOT (label = staging OR label = canary)",
           "label = staging OR label = production",
           "label = production AND (caller = x OR subject = user-5) AND NOT status = ok",
       }) {
    EXPECT_TRUE(Matches(filter)) << filter;
  }
}

TEST(FilterTest, DoesntHoldOfARecord) {
  for (const char* filter : {
           "prompt = \"support\"",
           "prompt : \"triage\"",
           "version != 12",
           "version > 12",
           "commit = 3f2a9c2",
           "draft = true",
           "caller = Web-app",
           "tags.env = Prod",
           "tags : other",
           "tags.other = x",
           "tags.other : *",
           "status = RECORD_STATUS_FAILED",
           "status = ok",
           "status = open",
           "time > 1h",
           "time > 2025-11-24",
           "time = 2025-11-23",
           "latency > 2500ms",
           "latency = 3s",
           "first_piece < 1h",
           "output_tokens < 1000000",
           "output_valid = true",
           "output_valid = false",
           "variables.n = \"3\"",
           "variables.language = 3",
           "variables.ok = false",
           "variables.items.7 = one",
           "variables.n.deeper = 3",
           "variables.nothing = null",
           "variables.nothing : *",
           "output : \"refund on\"",
           "label = production AND label = staging",
           "NOT status = failed",
       }) {
    EXPECT_FALSE(Matches(filter)) << filter;
  }
}

TEST(FilterTest, AnOpenRecordHasNoOutcome) {
  v1::Record record = TriageRecord();
  record.clear_outcome();
  EXPECT_TRUE(Matches("status = open", record));
  EXPECT_TRUE(Matches("model = \"openai/gpt-4o-mini\"", record));
  for (const char* filter : {"status = failed", "latency < 1h", "pieces >= 0", "output : *"}) {
    EXPECT_FALSE(Matches(filter, record)) << filter;
  }
}

TEST(FilterTest, SaysWhereItIsWrongAndWhatWouldDo) {
  const std::vector<std::tuple<std::string, int, std::string>> cases = {
      {"lable = production", 1, "there is no field \"lable\"; fields are prompt, version"},
      {"prompt.name = x", 1, "there is no field \"prompt.name\""},
      {"refund", 1, "output : \"refund\""},
      {"label = a and caller = b", 11, "and is written in capitals"},
      {"label = a AND caller = b OR caller = c", 26, "say with parentheses which is meant"},
      {"label = a OR caller = b caller = c", 25, "say with parentheses"},
      {"latency > 2", 11, "a duration with its unit, such as 300ms, 2s or 1h30m, not \"2\""},
      {"latency > 2x", 11, "a duration"},
      {"time > yesterday", 8, "a day, 2026-11-24"},
      {"time = 2025-13-01", 8, "a day"},
      {"version = twelve", 11, "a number, 12 or v12"},
      {"tokens = 12k", 10, "a number"},
      {"tokens = nan", 10, "a number"},
      {"draft = yes", 9, "true or false"},
      {"draft > true", 1, "draft can't be compared by >; write draft = true"},
      {"status = bad", 10, "ok, failed, open, cancelled, timed_out, cut or unknown"},
      {"status > ok", 1, "status = failed"},
      {"commit = 3f2", 10, "7 to 40 hex digits"},
      {"output = refund", 1, "write output : \"refund\""},
      {"output : \" \"", 10, "words"},
      {"tags = env", 1, "tags.env = prod"},
      {"variables = 3", 1, "variables.language = \"ko\""},
      {"label == a", 8, "one ="},
      {"label =", 8, "no value follows ="},
      {"label = )", 9, "no value follows ="},
      {"label = a AND", 14, "a condition is missing"},
      {"NOT", 4, "a condition is missing"},
      {"(label = a", 1, "never closed"},
      {"label = a)", 10, "no opening one"},
      {"label = \"a", 9, "this quote is never closed"},
      {"()", 2, "the name of a field"},
      {"= a", 1, "the name of a field"},
      {"tags. = a", 6, "the name of a field"},
      {"\xec\x9a\x94 = 1 AND x = 2", 1, "there is no field"},
      {"caller = \"\xec\x9a\x94\xec\x95\xbd\" x = 2", 15, "there is no field \"x\""},
  };
  for (const auto& [text, column, message] : cases) {
    const auto filter = Filter::Parse(text, kNow);
    EXPECT_THAT(filter, ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_FILTER",
                                HasSubstr(fmt::format("filter, column {}: ", column))))
        << text;
    EXPECT_THAT(filter,
                ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_FILTER", HasSubstr(message)))
        << text;
    EXPECT_EQ(MetadataOf(filter.status())["column"], std::to_string(column)) << text;
  }
}

TEST(FilterTest, IsBoundedInSize) {
  const auto bad = [](const std::string& text) {
    return MessageOf(Filter::Parse(text, kNow).status());
  };
  EXPECT_THAT(bad("caller = " + std::string(5'000, 'x')), HasSubstr("at most 4096"));
  std::string many = "pieces = 1";
  for (int i = 0; i < 100; ++i) many += " pieces = 1";
  EXPECT_THAT(bad(many), HasSubstr("more than 100 conditions"));
  EXPECT_THAT(bad(std::string(100, '(') + "draft = true" + std::string(100, ')')),
              HasSubstr("nested too deep"));
}

TEST(FilterTest, KnowsWhatMustHold) {
  const auto bounds = [](const std::string& text) { return Filter::Parse(text, kNow)->bounds(); };
  const FilterBounds all = bounds(
      "prompt = support/triage version = v12 label = production caller = web status = ok "
      "time > 3d time < 1h");
  EXPECT_EQ(all.prompt, "support/triage");
  EXPECT_EQ(all.version, 12u);
  EXPECT_EQ(all.label, "production");
  EXPECT_EQ(all.caller, "web");
  EXPECT_THAT(all.statuses, ElementsAre(v1::RECORD_STATUS_OK));
  EXPECT_EQ(all.start_time, kNow - absl::Hours(72) + absl::Nanoseconds(1));
  EXPECT_EQ(all.end_time, kNow - absl::Hours(1));
  for (const char* text :
       {"NOT prompt = a", "prompt = a OR label = b", "prompt : a", "version > 3", "version = 3.5",
        "status != failed", "status = ok OR caller = a", "time != 2025-11-24", "caller != a"}) {
    const FilterBounds none = bounds(text);
    EXPECT_FALSE(none.prompt || none.version || none.label || none.caller ||
                 !none.statuses.empty() || none.start_time || none.end_time)
        << text;
  }
}

TEST(FilterTest, KnowsWhichStatusesWouldDo) {
  const auto statuses = [](const std::string& text) {
    return Filter::Parse(text, kNow)->bounds().statuses;
  };
  EXPECT_THAT(statuses("status = failed"),
              UnorderedElementsAre(v1::RECORD_STATUS_CANCELLED, v1::RECORD_STATUS_FAILED,
                                   v1::RECORD_STATUS_TIMED_OUT, v1::RECORD_STATUS_CUT,
                                   v1::RECORD_STATUS_UNKNOWN));
  EXPECT_THAT(statuses("caller = a AND (status = cut OR status = open OR status = cut)"),
              UnorderedElementsAre(v1::RECORD_STATUS_CUT, v1::RECORD_STATUS_OPEN));
}

// Random trees, printed, read again and compared with what the tree itself says.
class RandomFilter {
 public:
  explicit RandomFilter(uint32_t seed) : random_(seed) {}

  v1::Record NextRecord() {
    v1::Record record;
    record.mutable_intent()->set_version(Pick(4));
    record.mutable_intent()->set_label(Pick(2) == 0 ? "a" : "b");
    *record.mutable_intent()->mutable_start_time() = ToProto(kNow - absl::Hours(Pick(4)));
    record.mutable_outcome()->set_piece_count(Pick(4));
    if (Pick(2) == 0) {
      *record.mutable_outcome()->mutable_latency() = ToProto(absl::Seconds(Pick(4)));
    }
    return record;
  }

  struct Made {
    std::string text;
    std::function<bool(const v1::Record&)> holds;
  };

  Made Next(int depth) {
    if (depth == 0 || Pick(3) == 0) return NextTerm();
    if (Pick(3) == 0) {
      const Made child = Next(depth - 1);
      return {(Pick(2) == 0 ? "NOT (" : "-(") + child.text + ")",
              [=](const v1::Record& r) { return !child.holds(r); }};
    }
    const bool is_or = Pick(2) == 0;
    const Made a = Next(depth - 1), b = Next(depth - 1);
    const std::string joint = is_or ? " OR " : Pick(2) == 0 ? " AND " : " ";
    return {"(" + a.text + ")" + joint + "(" + b.text + ")", [=](const v1::Record& r) {
              return is_or ? a.holds(r) || b.holds(r) : a.holds(r) && b.holds(r);
            }};
  }

 private:
  int Pick(int count) { return std::uniform_int_distribution<int>(0, count - 1)(random_); }

  Made NextTerm() {
    constexpr std::array<const char*, 6> kSymbols = {"=", "!=", "<", "<=", ">", ">="};
    const int symbol = Pick(6);
    const auto holds = [symbol](std::optional<int64_t> value, int64_t wanted) {
      if (!value) return symbol == 1;
      const std::array<bool, 6> all = {*value == wanted, *value != wanted,
                                       *value<wanted, *value <= wanted, *value> wanted,
                                       *value >= wanted};
      return all[static_cast<size_t>(symbol)];
    };
    const int wanted = Pick(4);
    const std::string blank = Pick(2) == 0 ? " " : "";
    const auto text = [&](const char* field, const std::string& value) {
      return field + blank + kSymbols[static_cast<size_t>(symbol)] + blank + value;
    };
    switch (Pick(4)) {
      case 0:
        return {text("version", std::to_string(wanted)),
                [=](const v1::Record& r) { return holds(r.intent().version(), wanted); }};
      case 1:
        return {text("pieces", std::to_string(wanted)),
                [=](const v1::Record& r) { return holds(r.outcome().piece_count(), wanted); }};
      case 2:
        return {text("time", std::to_string(wanted) + "h"), [=](const v1::Record& r) {
                  return holds(r.intent().start_time().seconds(),
                               absl::ToUnixSeconds(kNow) - wanted * 3'600);
                }};
      default:
        return {text("latency", std::to_string(wanted) + "s"), [=](const v1::Record& r) {
                  return holds(r.outcome().has_latency()
                                   ? std::optional<int64_t>(r.outcome().latency().seconds())
                                   : std::nullopt,
                               wanted);
                }};
    }
  }

  std::mt19937 random_;
};

TEST(FilterTest, RandomFiltersHoldAsTheirTreesSayAndKeepTheirBounds) {
  for (uint32_t seed = 0; seed < 3'000; ++seed) {
    RandomFilter random(seed);
    const RandomFilter::Made made = random.Next(4);
    ASSERT_OK_AND_ASSIGN(const Filter filter, Filter::Parse(made.text, kNow));
    for (int i = 0; i < 20; ++i) {
      const v1::Record record = random.NextRecord();
      const bool holds = made.holds(record);
      ASSERT_EQ(filter.Matches(record), holds) << made.text << "\n" << record.DebugString();
      if (!holds) continue;
      const FilterBounds& bounds = filter.bounds();
      const absl::Time time = FromProto(record.intent().start_time());
      ASSERT_TRUE(!bounds.version || *bounds.version == record.intent().version()) << made.text;
      ASSERT_TRUE(!bounds.start_time || *bounds.start_time <= time) << made.text;
      ASSERT_TRUE(!bounds.end_time || time < *bounds.end_time) << made.text;
    }
  }
}

TEST(FilterValueTest, DurationsHaveUnits) {
  EXPECT_EQ(ReadFilterDuration("1.5s"), absl::Milliseconds(1'500));
  EXPECT_EQ(ReadFilterDuration("1h30m"), absl::Minutes(90));
  EXPECT_EQ(ReadFilterDuration("2w"), absl::Hours(14 * 24));
  for (const char* bad : {"", "s", "1", "1 s", "-1s", "1sm", "1..2s", "1e999s", "1S"}) {
    EXPECT_EQ(ReadFilterDuration(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace colophon
