#include "service/record/queries.h"

#include <future>
#include <random>

#include "fmt/format.h"
#include "service/base/hash.h"
#include "service/base/ids.h"
#include "service/store/rocksdb/rocksdb_store.h"
#include "tests/testing/counting_store.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class RecordQueriesTest : public testing::Test {
 protected:
  RecordQueriesTest() : ids_(&clock_) {
    auto store = OpenRocksdbStore(directory_.path());
    EXPECT_OK(store);
    store_ = *std::move(store);
    queries_ = std::make_unique<RecordQueries>(store_.get());
    for (const char* name : {"acme", "other"}) {
      std::promise<absl::Status> created;
      store_->CreateRepository(name, clock_.Now(),
                               [&](absl::Status status) { created.set_value(status); });
      EXPECT_OK(created.get_future().get());
    }
  }

  struct Fields {
    std::string repository = "acme";
    std::string prompt = "support/triage";
    uint32_t version = 1;
    std::string label = "production";
    std::string caller = "shop";
    v1::RecordStatus status = v1::RECORD_STATUS_OK;
    std::string text = "yes";
  };

  // A second later than the one before.
  v1::Record Make(const Fields& fields) {
    clock_.Advance(absl::Seconds(1));
    v1::Record record;
    record.set_id(ids_.NewId());
    v1::Intent& intent = *record.mutable_intent();
    intent.set_repository(fields.repository);
    intent.set_prompt(fields.prompt);
    intent.set_version(fields.version);
    intent.set_commit(std::string(40, 'c'));
    intent.set_label(fields.label);
    intent.set_caller(fields.caller);
    *intent.mutable_start_time() = ToProto(clock_.Now());
    v1::Outcome& outcome = *record.mutable_outcome();
    outcome.set_status(fields.status);
    outcome.mutable_completion()->mutable_message()->add_parts()->set_text(fields.text);
    outcome.set_output_digest(Sha256Hex(fields.text));
    return record;
  }

  // Its id.
  std::string Add(const Fields& fields) {
    v1::Record record = Make(fields);
    const std::string id = record.id();
    std::promise<absl::Status> written;
    store_->AppendRecord(std::move(record), "",
                         [&](absl::Status status) { written.set_value(status); });
    EXPECT_OK(written.get_future().get());
    return id;
  }

  // Of "acme", and what the expression says too.
  RecordFilter With(const std::string& expression, RecordFilter filter = {.repository = "acme"}) {
    absl::StatusOr<Filter> parsed = Filter::Parse(expression, clock_.Now());
    EXPECT_OK(parsed);
    if (parsed.ok()) filter.expression = *std::move(parsed);
    filter.expression_text = expression;
    return filter;
  }

  RecordFilter Between(absl::Time start, absl::Time end) {
    const auto text = [](absl::Time time) {
      return absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone());
    };
    return With(fmt::format("time >= {} AND time < {}", text(start), text(end)));
  }

  static std::vector<std::string> IdsOf(const absl::StatusOr<RecordPage>& page) {
    EXPECT_OK(page);
    std::vector<std::string> ids;
    for (const v1::Record& record : page->records) ids.push_back(record.id());
    return ids;
  }

  TempDir directory_;
  FakeClock clock_;
  IdGenerator ids_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<RecordQueries> queries_;
};

// A record too large for a list made every page that it stood on unreadable for a
// client with gRPC's default of 4 MiB.
TEST_F(RecordQueriesTest, ALargeRecordIsListedShortened) {
  const std::string small = Add({.text = std::string(200 << 10, 's')});
  const std::string large = Add({.text = std::string(5 << 20, 'l')});
  ASSERT_OK_AND_ASSIGN(const RecordPage page, queries_->List({.repository = "acme"}, 0, ""));
  ASSERT_EQ(page.records.size(), 2u);
  const v1::Record& shortened = page.records[0];
  EXPECT_EQ(shortened.id(), large);
  EXPECT_TRUE(shortened.shortened());
  EXPECT_LE(shortened.ByteSizeLong(), kMaxListedRecordBytes);
  EXPECT_FALSE(shortened.outcome().completion().has_message());
  // What it is found and judged by stays.
  EXPECT_EQ(shortened.intent().prompt(), "support/triage");
  EXPECT_EQ(shortened.intent().caller(), "shop");
  EXPECT_EQ(shortened.outcome().status(), v1::RECORD_STATUS_OK);
  EXPECT_EQ(shortened.outcome().output_digest(), Sha256Hex(std::string(5 << 20, 'l')));
  EXPECT_EQ(page.records[1].id(), small);
  EXPECT_FALSE(page.records[1].shortened());
  EXPECT_FALSE(store_->GetRecord(large)->shortened());
}

TEST_F(RecordQueriesTest, WhateverIsLargeInARecordIsLeftOut) {
  v1::Record record;
  const std::string large(1 << 20, 'x');
  v1::Intent& intent = *record.mutable_intent();
  intent.set_variables_json(large);
  intent.set_context_json(large);
  intent.add_history()->add_parts()->set_text(large);
  (*intent.mutable_overrides()->mutable_config()->mutable_fields())["a"].set_string_value(large);
  intent.add_tools()->set_input_schema(large);
  (*intent.mutable_schemas())["a"] = large;
  intent.add_undefined(large);
  v1::Outcome& outcome = *record.mutable_outcome();
  outcome.mutable_completion()->mutable_message()->add_parts()->set_text(large);
  outcome.set_model(large);
  outcome.mutable_completion()->set_provider_id("€" + large);
  std::string euros;
  for (int i = 0; i < 200'000; ++i) euros += "€";
  outcome.set_error_message(euros);
  outcome.add_attempts()->set_error_message("x" + euros);
  outcome.add_output_violations()->set_message(large);
  ShortenForList(&record);
  EXPECT_LE(record.ByteSizeLong(), kMaxListedRecordBytes);
  // No code point is cut in half.
  v1::Record parsed;
  EXPECT_TRUE(parsed.ParseFromString(record.SerializeAsString()));
}

// A page holds its thread for as long as it reads.
TEST_F(RecordQueriesTest, APageReadsABoundedNumberOfRows) {
  Add({.prompt = "wanted"});
  for (int i = 0; i < 2'100; ++i) {
    store_->AppendRecord(Make({.prompt = "other"}), "", [](const absl::Status&) {});
  }
  Add({.prompt = "other"});
  CountingStore counting(store_.get());
  RecordQueries queries(&counting);
  // Two fields that are both common and never met together.
  const RecordFilter filter = With("caller = shop", {.repository = "acme", .prompt = "wanted"});
  std::string token;
  int found = 0, pages = 0;
  do {
    counting.records = 0;
    ASSERT_OK_AND_ASSIGN(const RecordPage page, queries.List(filter, 500, token));
    EXPECT_LE(counting.records, 2'000);
    found += static_cast<int>(page.records.size());
    token = page.next_page_token;
  } while (!token.empty() && ++pages < 10);
  EXPECT_EQ(found, 1);
  EXPECT_EQ(pages, 1);
}

// Sixteen of 20 MB were held at a time, and thousands were read for a page.
TEST_F(RecordQueriesTest, APageReadsABoundedNumberOfBytes) {
  for (int i = 0; i < 20; ++i) Add({.caller = "other", .text = std::string(2 << 20, 'x')});
  CountingStore counting(store_.get());
  RecordQueries queries(&counting);
  ASSERT_OK_AND_ASSIGN(
      const RecordPage page,
      queries.List(With("caller = shop",
                        {.repository = "acme", .prompt = "support/triage", .label = "production"}),
                   500, ""));
  EXPECT_THAT(page.records, IsEmpty());
  EXPECT_FALSE(page.next_page_token.empty());
  EXPECT_LE(counting.records, 9);
}

TEST_F(RecordQueriesTest, EveryFilterAloneFindsItsOwnNewestFirst) {
  const std::string plain = Add({});
  const std::string prompt = Add({.prompt = "support/reply"});
  const std::string version = Add({.version = 2});
  const std::string label = Add({.label = "staging"});
  const std::string caller = Add({.caller = "mail"});
  const std::string failed = Add({.status = v1::RECORD_STATUS_FAILED});
  Add({.repository = "other"});

  EXPECT_THAT(IdsOf(queries_->List({.repository = "acme"}, 0, "")),
              ElementsAre(failed, caller, label, version, prompt, plain));
  EXPECT_THAT(IdsOf(queries_->List({.repository = "acme", .prompt = "support/reply"}, 0, "")),
              ElementsAre(prompt));
  EXPECT_THAT(IdsOf(queries_->List({.repository = "acme", .prompt = "support/triage", .version = 2},
                                   0, "")),
              ElementsAre(version));
  EXPECT_THAT(IdsOf(queries_->List(
                  {.repository = "acme", .prompt = "support/triage", .label = "staging"}, 0, "")),
              ElementsAre(label));
  EXPECT_THAT(IdsOf(queries_->List(With("caller = mail"), 0, "")), ElementsAre(caller));
  EXPECT_THAT(IdsOf(queries_->List(With("status = failed"), 0, "")), ElementsAre(failed));
}

TEST_F(RecordQueriesTest, FiltersAreAllToHold) {
  Add({.caller = "mail"});
  const std::string both = Add({.version = 2, .caller = "mail"});
  Add({.version = 2});
  EXPECT_THAT(
      IdsOf(queries_->List(With("caller = mail AND status = ok",
                                {.repository = "acme", .prompt = "support/triage", .version = 2}),
                           0, "")),
      ElementsAre(both));
}

TEST_F(RecordQueriesTest, ATimeRangeHoldsItsStartAndNotItsEnd) {
  Add({});
  const std::string second = Add({});
  const absl::Time start = clock_.Now();
  const std::string third = Add({});
  Add({});
  const absl::Time end = clock_.Now();
  EXPECT_THAT(IdsOf(queries_->List(Between(start, end), 0, "")), ElementsAre(third, second));
}

// Ids hold whole milliseconds, and a window may begin and end between them.
TEST_F(RecordQueriesTest, ATimeRangeIsExactWithinAMillisecond) {
  const std::string first = Add({});
  clock_.Advance(absl::Microseconds(300) - absl::Seconds(1));
  const std::string second = Add({});
  const absl::Time time = clock_.Now();
  const auto list = [&](absl::Time start, absl::Time end) {
    return IdsOf(queries_->List(Between(start, end), 0, ""));
  };
  const absl::Duration step = absl::Microseconds(100);
  EXPECT_THAT(list(time, time + step), ElementsAre(second));
  EXPECT_THAT(list(time - step, time), IsEmpty());
  EXPECT_THAT(list(time - 3 * step, time), ElementsAre(first));
}

// Kind: a clock that was wrong once must not spoil what comes after it.
TEST_F(RecordQueriesTest, AWindowMissesNothingAfterAWrongClock) {
  const absl::Time right = clock_.Now();
  std::vector<std::string> newest_first;
  const auto add = [&](absl::Time now, int count) {
    clock_.Set(now);
    for (int i = 0; i < count; ++i) newest_first.insert(newest_first.begin(), Add({}));
  };
  add(right, 3);
  clock_.Set(right + absl::Hours(80 * 365 * 24));
  const std::string future = Add({});
  add(right + absl::Minutes(1), 4);
  clock_.Set(right - absl::Hours(2));
  const std::string past = Add({});
  add(right + absl::Minutes(2), 5);
  EXPECT_EQ(IdsOf(queries_->List(Between(right, right + absl::Minutes(3)), 0, "")), newest_first);
  std::vector<std::string> all = newest_first;
  all.insert(all.begin(), future);
  all.push_back(past);
  EXPECT_EQ(IdsOf(queries_->List({.repository = "acme"}, 0, "")), all);
}

// Kind: a token that means something else elsewhere.
TEST_F(RecordQueriesTest, ATokenBelongsToItsQuestion) {
  for (int i = 0; i < 3; ++i) Add({.text = "same"});
  const std::string listed = queries_->List({.repository = "acme"}, 1, "")->next_page_token;
  const std::string found = queries_->Find(Sha256Hex("same"), "acme", 1, "")->next_page_token;
  ASSERT_FALSE(listed.empty());
  ASSERT_FALSE(found.empty());
  EXPECT_OK(queries_->List({.repository = "acme"}, 2, listed));
  EXPECT_OK(queries_->Find(Sha256Hex("same"), "acme", 2, found));
  const auto refused = ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_PAGE_TOKEN");
  EXPECT_THAT(queries_->List({.repository = "acme"}, 1, found), refused);
  EXPECT_THAT(queries_->Find(Sha256Hex("same"), "acme", 1, listed), refused);
  EXPECT_THAT(queries_->Find(Sha256Hex("other"), "acme", 1, found), refused);
  EXPECT_THAT(queries_->Find(Sha256Hex("same"), "", 1, found), refused);
  for (const RecordFilter& other : std::vector<RecordFilter>{
           {.repository = "other"},
           {.repository = "acme", .prompt = "support/triage"},
           {.repository = "acme", .prompt = "support/triage", .version = 1},
           {.repository = "acme", .prompt = "support/triage", .label = "production"},
           With("caller = shop"),
           With("status = ok"),
           With("time > 1h")}) {
    EXPECT_THAT(queries_->List(other, 1, listed), refused);
  }
}

TEST_F(RecordQueriesTest, PagesHoldEachRecordOnce) {
  std::vector<std::string> added;
  for (int i = 0; i < 25; ++i) {
    const std::string id = Add({.caller = i % 2 == 0 ? "even" : "odd"});
    if (i % 2 == 0) added.insert(added.begin(), id);
  }
  std::vector<std::string> listed;
  std::string token;
  int pages = 0;
  do {
    auto page = queries_->List(
        With("caller = even", {.repository = "acme", .prompt = "support/triage", .version = 1}), 4,
        token);
    for (const std::string& id : IdsOf(page)) listed.push_back(id);
    token = page->next_page_token;
  } while (!token.empty() && ++pages < 20);
  EXPECT_EQ(listed, added);
}

// Whichever index an expression is looked up by, page by page, it finds what it says.
TEST_F(RecordQueriesTest, AnExpressionFindsAllThatItHoldsOf) {
  std::vector<v1::Record> records;
  std::mt19937 random(1);
  const auto pick = [&](std::initializer_list<const char*> values) {
    return std::string(*(values.begin() + random() % values.size()));
  };
  const std::vector<v1::RecordStatus> statuses = {v1::RECORD_STATUS_OK, v1::RECORD_STATUS_OK,
                                                  v1::RECORD_STATUS_CUT, v1::RECORD_STATUS_UNKNOWN,
                                                  v1::RECORD_STATUS_TIMED_OUT};
  for (int i = 0; i < 200; ++i) {
    const std::string id = Add({.prompt = pick({"support/triage", "support/reply", "chat"}),
                                .version = static_cast<uint32_t>(1 + random() % 3),
                                .label = pick({"production", "staging"}),
                                .caller = pick({"shop", "mail"}),
                                .status = statuses[random() % statuses.size()],
                                .text = pick({"A refund.", "No.", "refund  it"})});
    records.insert(records.begin(), *store_->GetRecord(id));
  }
  const absl::Time now = clock_.Now();
  for (const char* text : {
           "prompt = chat",
           "prompt = chat version = 2",
           "version = 2",
           "label = staging",
           "prompt = chat label = staging status = failed",
           "caller = mail",
           "status = cut",
           "status = failed",
           "status = failed OR status = ok",
           "(status = cut OR status = timed_out) prompt = chat",
           "status = cut OR caller = mail",
           "status = ok caller = mail",
           "prompt : \"support/\" AND (version = 1 OR label = staging)",
           "time > 50s",
           "time > 100s AND time < 20s AND output : \"refund it\"",
           "NOT (prompt = chat OR status = ok)",
           "prompt = chat prompt = support/reply",
           "output : refund status = cut",
           "prompt = nothing",
       }) {
    RecordFilter filter{.repository = "acme"};
    ASSERT_OK_AND_ASSIGN(filter.expression, Filter::Parse(text, now));
    filter.expression_text = text;
    std::vector<std::string> expected, listed;
    for (const v1::Record& record : records) {
      if (filter.expression.Matches(record)) expected.push_back(record.id());
    }
    std::string token;
    do {
      const auto page = queries_->List(filter, 7, token);
      for (const std::string& id : IdsOf(page)) listed.push_back(id);
      token = page->next_page_token;
    } while (!token.empty() && listed.size() <= records.size());
    EXPECT_EQ(listed, expected) << text;
  }
}

// Page by page it is the same as all at once.
TEST_F(RecordQueriesTest, SummariesOfAllPagesAreOfAllRecords) {
  for (int i = 0; i < 2'300; ++i) {
    store_->AppendRecord(
        Make({.version = static_cast<uint32_t>(1 + i % 3), .caller = i % 2 == 0 ? "even" : "odd"}),
        "", [](const absl::Status&) {});
  }
  Add({});
  std::map<std::string, int64_t> counts;
  std::string token;
  int pages = 0;
  const RecordFilter filter = With("NOT caller = odd");  // By no index.
  do {
    ASSERT_OK_AND_ASSIGN(Summaries summaries, Summaries::By("version", false));
    ASSERT_OK_AND_ASSIGN(token, queries_->Summarize(filter, "version", token, &summaries));
    google::protobuf::RepeatedPtrField<v1::RecordSummary> taken;
    summaries.Take(&taken);
    for (const v1::RecordSummary& summary : taken) {
      counts[summary.group()] += summary.record_count();
    }
    ++pages;
  } while (!token.empty() && pages < 10);
  EXPECT_GT(pages, 1);
  EXPECT_THAT(counts, ElementsAre(testing::Pair("support/triage@v1", 385),
                                  testing::Pair("support/triage@v2", 383),
                                  testing::Pair("support/triage@v3", 383)));
  Summaries unused = *Summaries::By("version", false);
  const std::string listed = queries_->List(filter, 1, "")->next_page_token;
  EXPECT_THAT(queries_->Summarize(filter, "version", listed, &unused),
              ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_PAGE_TOKEN"));
}

TEST_F(RecordQueriesTest, FindsOutputsByTheirExactText) {
  const std::string one = Add({.text = "Refund it."});
  const std::string other = Add({.repository = "other", .text = "Refund it."});
  Add({.text = "Refund it"});
  EXPECT_THAT(IdsOf(queries_->Find(Sha256Hex("Refund it."), "", 0, "")), ElementsAre(other, one));
  EXPECT_THAT(IdsOf(queries_->Find(Sha256Hex("Refund it."), "acme", 0, "")), ElementsAre(one));
  EXPECT_THAT(IdsOf(queries_->Find(Sha256Hex("Refund it. "), "", 0, "")), IsEmpty());
}

TEST_F(RecordQueriesTest, RefusesBadPages) {
  EXPECT_THAT(queries_->List({.repository = "acme"}, -1, ""),
              ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_PAGE_SIZE"));
  EXPECT_THAT(queries_->List({.repository = "acme"}, 0, "../etc"),
              ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_PAGE_TOKEN"));
}

}  // namespace
}  // namespace colophon
