// Store: records and what they are found by.

#include <algorithm>

#include "fmt/format.h"
#include "google/protobuf/util/message_differencer.h"
#include "service/base/json.h"
#include "tests/store/conformance.h"

namespace colophon {
namespace {

using By = RecordQuery::By;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr absl::StatusCode kExists = absl::StatusCode::kAlreadyExists;
constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
constexpr absl::StatusCode kPrecondition = absl::StatusCode::kFailedPrecondition;

TEST_P(StoreConformance, ARecordIsItsIntentThenItsOutcome) {
  ASSERT_OK(CreateRepository("acme"));
  const std::string id = NewId();
  const v1::Intent intent = MakeIntent("acme");
  ASSERT_OK(AppendIntent(id, intent));
  ASSERT_OK_AND_ASSIGN(const v1::Record open, store().GetRecord(id));
  EXPECT_EQ(open.id(), id);
  EXPECT_EQ(open.intent().SerializeAsString(), intent.SerializeAsString());
  EXPECT_FALSE(open.has_outcome());

  const v1::Outcome outcome = MakeOutcome();
  ASSERT_OK(AppendOutcome(id, outcome));
  ASSERT_OK_AND_ASSIGN(const v1::Record closed, store().GetRecord(id));
  EXPECT_EQ(closed.intent().SerializeAsString(), intent.SerializeAsString());
  EXPECT_EQ(closed.outcome().SerializeAsString(), outcome.SerializeAsString());
}

TEST_P(StoreConformance, AWholeRecordIsAppendedAtOnce) {
  ASSERT_OK(CreateRepository("acme"));
  v1::Record record;
  record.set_id(NewId());
  *record.mutable_intent() = MakeIntent("acme");
  *record.mutable_outcome() = MakeOutcome();
  ASSERT_OK(AppendRecord(record));
  EXPECT_EQ(store().GetRecord(record.id())->SerializeAsString(), record.SerializeAsString());
  EXPECT_THAT(store().ListOpenRecords().value(), IsEmpty());
  EXPECT_THAT(AppendOutcome(record.id(), MakeOutcome()), ErrorIs(kPrecondition, "RECORD_CLOSED"));
  EXPECT_THAT(AppendRecord(record), ErrorIs(kExists, "RECORD_EXISTS", HasSubstr(record.id())));
  ExpectWhole();
}

TEST_P(StoreConformance, ARequestMakesOneRecord) {
  ASSERT_OK(CreateRepository("acme"));
  ASSERT_OK(CreateRepository("other"));
  v1::Record record;
  record.set_id(NewId());
  *record.mutable_intent() = MakeIntent("acme");
  *record.mutable_outcome() = MakeOutcome();
  EXPECT_EQ(store().FindRecordOfRequest("acme", "r1").value(), std::nullopt);
  EXPECT_THAT(store().FindRecordOfRequest("none", "r1").status(),
              ErrorIs(kNotFound, "REPOSITORY_NOT_FOUND"));
  ASSERT_OK(AppendRecord(record, "r1"));
  EXPECT_EQ(store().FindRecordOfRequest("acme", "r1").value(), record.id());
  EXPECT_EQ(store().FindRecordOfRequest("other", "r1").value(), std::nullopt);

  v1::Record second = record;
  second.set_id(NewId());
  EXPECT_THAT(AppendRecord(second, "r1"), ErrorIs(kExists, "REQUEST_EXISTS"));
  EXPECT_THAT(store().GetRecord(second.id()), ErrorIs(kNotFound, "RECORD_NOT_FOUND"));
  ASSERT_OK(AppendRecord(second, "r2"));
  ExpectWhole();
}

// As with every turn of a conversation: the same image, the same long text.
TEST_P(StoreConformance, LongValuesComeBackFromWhereverTheyWere) {
  ASSERT_OK(CreateRepository("acme"));
  const std::string image(20'000, '\x89');
  const std::string text(5'000, 't');
  const std::string url = "data:image/png;base64," + std::string(6'000, 'A');
  v1::Intent intent = MakeIntent("acme");
  v1::Message* message = intent.add_history();
  message->add_parts()->set_text("short");
  message->add_parts()->set_text(text);
  message->add_parts()->mutable_media()->set_data(image);
  message->add_parts()->mutable_media()->set_url(url);
  message->add_parts()->mutable_tool_request()->set_arguments(text);
  message->add_parts()->mutable_tool_response()->set_output(text);
  message->add_parts()->mutable_reasoning()->set_text(text + "!");
  message->add_parts()->set_section("");
  intent.set_variables_json(WriteJson(json::object{
      {"a", url}, {"b", ""}, {"c", json::array{text + "\n\"\\"}}, {"d", {{text, text}}}}));
  intent.set_context_json(" { \"state\" : \"" + text + "?\" } ");
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    ids.push_back(NewId());
    ASSERT_OK(AppendIntent(ids.back(), intent));
  }
  v1::Record record;
  record.set_id(NewId());
  *record.mutable_intent() = intent;
  *record.mutable_outcome() = MakeOutcome();
  ASSERT_OK(AppendRecord(record));
  ids.push_back(record.id());
  Reopen();
  for (const std::string& id : ids) {
    ASSERT_OK_AND_ASSIGN(const v1::Record stored, store().GetRecord(id));
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(stored.intent(), intent));
  }
  ExpectWhole();
}

TEST_P(StoreConformance, KeepsLargeRecords) {
  ASSERT_OK(CreateRepository("acme"));
  const std::string id = NewId();
  v1::Intent intent = MakeIntent("acme");
  intent.set_subject(std::string(3 << 20, 's'));
  ASSERT_OK(AppendIntent(id, intent));
  Reopen();
  EXPECT_EQ(store().GetRecord(id)->intent().subject().size(), size_t{3 << 20});
}

TEST_P(StoreConformance, AnOutcomeIsNeverReplaced) {
  ASSERT_OK(CreateRepository("acme"));
  const std::string id = AddRecord(MakeIntent("acme"), MakeOutcome(v1::RECORD_STATUS_OK, "first"));
  for (int round = 0; round < 2; ++round) {
    EXPECT_THAT(AppendOutcome(id, MakeOutcome(v1::RECORD_STATUS_UNKNOWN, "second")),
                ErrorIs(kPrecondition, "RECORD_CLOSED", HasSubstr(id)));
    EXPECT_EQ(store().GetRecord(id)->outcome().status(), v1::RECORD_STATUS_OK);
    Reopen();
  }
  ExpectWhole();
}

TEST_P(StoreConformance, OfTwoOutcomesHandedOverTogetherTheFirstCounts) {
  ASSERT_OK(CreateRepository("acme"));
  const std::string id = NewId();
  ASSERT_OK(AppendIntent(id, MakeIntent("acme")));
  absl::Status first = Internal("not done");
  store().AppendOutcome(id, MakeOutcome(v1::RECORD_STATUS_OK, "first"),
                        [&](absl::Status s) { first = s; });
  EXPECT_THAT(AppendOutcome(id, MakeOutcome(v1::RECORD_STATUS_CUT, "second")),
              ErrorIs(kPrecondition, "RECORD_CLOSED"));
  EXPECT_OK(first);
  EXPECT_EQ(store().GetRecord(id)->outcome().status(), v1::RECORD_STATUS_OK);
}

TEST_P(StoreConformance, IntentAndOutcomeMayBeHandedOverTogether) {
  const std::string id = NewId();
  std::vector<absl::Status> done;
  const auto note = [&](absl::Status status) { done.push_back(std::move(status)); };
  store().CreateRepository("acme", History::TimeOf(0), note);
  store().AppendIntent(id, MakeIntent("acme"), note);
  store().AppendIntent(id, MakeIntent("acme"), note);
  store().AppendOutcome(id, MakeOutcome(), note);
  EXPECT_THAT(AppendIntent(id, MakeIntent("acme")), ErrorIs(kExists, "RECORD_EXISTS"));
  ASSERT_EQ(done.size(), 4u);
  EXPECT_THAT(done, ElementsAre(IsOk(), IsOk(), ErrorIs(kExists, "RECORD_EXISTS"), IsOk()));
  ExpectWhole();
}

TEST_P(StoreConformance, BadRecordsAreRefused) {
  ASSERT_OK(CreateRepository("acme"));
  const std::string open = NewId();
  ASSERT_OK(AppendIntent(open, MakeIntent("acme")));
  v1::Outcome bad_digest = MakeOutcome();
  bad_digest.set_output_digest("abc");
  v1::Intent bad_text = MakeIntent("acme");
  bad_text.set_subject("\xff");
  v1::Record half;
  half.set_id(NewId());
  *half.mutable_intent() = MakeIntent("acme");
  const struct {
    absl::Status status;
    absl::StatusCode code;
    const char* reason;
  } cases[] = {
      {AppendIntent("not-an-id", MakeIntent("acme")), kInvalid, "BAD_RECORD_ID"},
      {AppendIntent("", MakeIntent("acme")), kInvalid, "BAD_RECORD_ID"},
      {AppendIntent(NewId(), MakeIntent("")), kInvalid, "BAD_RECORD"},
      {AppendIntent(NewId(), MakeIntent("nobody")), kNotFound, "REPOSITORY_NOT_FOUND"},
      {AppendIntent(NewId(), bad_text), kInvalid, "BAD_RECORD"},
      {AppendIntent(open, MakeIntent("acme")), kExists, "RECORD_EXISTS"},
      {AppendOutcome("not-an-id", MakeOutcome()), kInvalid, "BAD_RECORD_ID"},
      {AppendOutcome(NewId(), MakeOutcome()), kNotFound, "RECORD_NOT_FOUND"},
      {AppendOutcome(open, MakeOutcome(v1::RECORD_STATUS_OPEN)), kInvalid, "BAD_RECORD"},
      {AppendOutcome(open, MakeOutcome(v1::RECORD_STATUS_UNSPECIFIED)), kInvalid, "BAD_RECORD"},
      {AppendOutcome(open, bad_digest), kInvalid, "BAD_RECORD"},
      {AppendRecord(half), kInvalid, "BAD_RECORD"},
      {store().GetRecord("not-an-id").status(), kInvalid, "BAD_RECORD_ID"},
      {store().GetRecord(NewId()).status(), kNotFound, "RECORD_NOT_FOUND"},
  };
  for (const auto& c : cases) EXPECT_THAT(c.status, ErrorIs(c.code, c.reason));
  EXPECT_THAT(store().ListOpenRecords().value(), ElementsAre(open));
  ExpectWhole();
}

TEST_P(StoreConformance, ListsOpenRecordsOldestFirstAcrossRepositories) {
  EXPECT_EQ(store().CountRecords().value(), 0);
  ASSERT_OK(CreateRepository("zeta"));
  ASSERT_OK(CreateRepository("acme"));
  std::vector<std::string> open;
  for (int i = 0; i < 6; ++i) {
    const std::string id = NewId();
    ASSERT_OK(AppendIntent(id, MakeIntent(i % 2 == 0 ? "zeta" : "acme")));
    if (i == 3) {
      ASSERT_OK(AppendOutcome(id, MakeOutcome()));
    } else {
      open.push_back(id);
    }
  }
  EXPECT_EQ(store().ListOpenRecords().value(), open);
  EXPECT_THAT(store().ListAbandonedRecords().value(), IsEmpty());
  Reopen();
  EXPECT_EQ(store().CountRecords().value(), 6);
  EXPECT_EQ(store().ListOpenRecords().value(), open);
  EXPECT_EQ(store().ListAbandonedRecords().value(), open);
  const std::string running = NewId();
  ASSERT_OK(AppendIntent(running, MakeIntent("acme")));
  EXPECT_EQ(store().ListAbandonedRecords().value(), open);
  EXPECT_EQ(store().CountRecords().value(), 7);
  ASSERT_OK(AppendOutcome(running, MakeOutcome()));
  for (const std::string& id : open)
    ASSERT_OK(AppendOutcome(id, MakeOutcome(v1::RECORD_STATUS_UNKNOWN)));
  EXPECT_THAT(store().ListOpenRecords().value(), IsEmpty());
  ExpectWhole();
}

TEST_P(StoreConformance, EachIndexFindsItsRecordsNewestFirst) {
  ASSERT_OK(CreateRepository("acme"));
  ASSERT_OK(CreateRepository("beta"));
  const std::string a = AddRecord(MakeIntent("acme", "p", 1, "production", "web"),
                                  MakeOutcome(v1::RECORD_STATUS_OK, "x"));
  const std::string b =
      AddRecord(MakeIntent("acme", "p", 2, "", "web"), MakeOutcome(v1::RECORD_STATUS_CUT, "y"));
  const std::string c = AddRecord(MakeIntent("acme", "p/q", 1, "production", "cron"),
                                  MakeOutcome(v1::RECORD_STATUS_OK, "x"));
  const std::string d =
      AddRecord(MakeIntent("acme", "p", 0, "", ""), MakeOutcome(v1::RECORD_STATUS_FAILED, ""));
  const std::string e = NewId();
  ASSERT_OK(AppendIntent(e, MakeIntent("acme", "p", 1, "production", "web")));
  const std::string f = AddRecord(MakeIntent("beta", "p", 1, "production", "web"),
                                  MakeOutcome(v1::RECORD_STATUS_OK, "x"));

  const std::string x = DigestOfText("x");
  const struct {
    RecordQuery query;
    std::vector<std::string> expected;
  } cases[] = {
      {{.by = By::kRepository, .repository = "acme"}, {e, d, c, b, a}},
      {{.by = By::kRepository, .repository = "beta"}, {f}},
      {{.by = By::kPrompt, .repository = "acme", .prompt = "p"}, {e, d, b, a}},
      {{.by = By::kPrompt, .repository = "acme", .prompt = "p/q"}, {c}},
      {{.by = By::kPrompt, .repository = "acme", .prompt = "none"}, {}},
      {{.by = By::kVersion, .repository = "acme", .prompt = "p", .version = 1}, {e, a}},
      {{.by = By::kVersion, .repository = "acme", .prompt = "p", .version = 0}, {d}},
      {{.by = By::kVersion, .repository = "acme", .prompt = "p", .version = 3}, {}},
      {{.by = By::kLabel, .repository = "acme", .prompt = "p", .label = "production"}, {e, a}},
      {{.by = By::kLabel, .repository = "acme", .prompt = "p", .label = "prod"}, {}},
      {{.by = By::kCaller, .repository = "acme", .caller = "web"}, {e, b, a}},
      {{.by = By::kCaller, .repository = "acme", .caller = "we"}, {}},
      {{.by = By::kStatus, .repository = "acme", .status = v1::RECORD_STATUS_OPEN}, {e}},
      {{.by = By::kStatus, .repository = "acme", .status = v1::RECORD_STATUS_OK}, {c, a}},
      {{.by = By::kStatus, .repository = "acme", .status = v1::RECORD_STATUS_CUT}, {b}},
      {{.by = By::kStatus, .repository = "acme", .status = v1::RECORD_STATUS_UNKNOWN}, {}},
      {{.by = By::kOutput, .repository = "", .output_digest = x}, {f, c, a}},
      {{.by = By::kOutput, .repository = "acme", .output_digest = x}, {c, a}},
      {{.by = By::kOutput, .repository = "beta", .output_digest = x}, {f}},
      {{.by = By::kOutput, .output_digest = DigestOfText("z")}, {}},
      // The same beginning, another digest.
      {{.by = By::kOutput, .output_digest = x.substr(0, 32) + std::string(32, '0')}, {}},
  };
  for (int round = 0; round < 2; ++round) {
    for (const auto& c2 : cases) {
      EXPECT_EQ(ListIds(c2.query), c2.expected)
          << "by " << static_cast<int>(c2.query.by) << " " << c2.query.repository << " "
          << c2.query.prompt << " " << c2.query.version;
    }
    Reopen();
  }
}

TEST_P(StoreConformance, ListedRecordsAreWhole) {
  ASSERT_OK(CreateRepository("acme"));
  const v1::Intent intent = MakeIntent("acme");
  const v1::Outcome outcome = MakeOutcome();
  const std::string id = AddRecord(intent, outcome);
  ASSERT_OK_AND_ASSIGN(const auto records,
                       store().ListRecords({.by = By::kRepository, .repository = "acme"}));
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].SerializeAsString(), store().GetRecord(id)->SerializeAsString());
}

TEST_P(StoreConformance, NamesWithAnyBytesDoNotMeetEachOther) {
  ASSERT_OK(CreateRepository("acme"));
  const std::string names[] = {"a", std::string("a\0", 2), std::string("a\0b", 3), "a\1", "a\1\1"};
  std::vector<std::string> ids;
  for (const std::string& name : names) {
    ids.push_back(AddRecord(MakeIntent("acme", "p", 1, "l", name), MakeOutcome()));
  }
  for (size_t i = 0; i < ids.size(); ++i) {
    EXPECT_THAT(ListIds({.by = By::kCaller, .repository = "acme", .caller = names[i]}),
                ElementsAre(ids[i]));
  }
  ExpectWhole();
}

TEST_P(StoreConformance, PagesOfRecordsAreExact) {
  ASSERT_OK(CreateRepository("acme"));
  std::vector<std::string> newest_first;
  for (int i = 0; i < 23; ++i) {
    newest_first.push_back(
        AddRecord(MakeIntent("acme"), MakeOutcome(v1::RECORD_STATUS_OK, "same")));
    AddRecord(MakeIntent("acme", "other", 7, "beta", "cron"),
              MakeOutcome(v1::RECORD_STATUS_CUT, ""));
  }
  std::reverse(newest_first.begin(), newest_first.end());
  const RecordQuery queries[] = {
      {.by = By::kPrompt, .repository = "acme", .prompt = "support/triage"},
      {.by = By::kVersion, .repository = "acme", .prompt = "support/triage", .version = 1},
      {.by = By::kLabel, .repository = "acme", .prompt = "support/triage", .label = "production"},
      {.by = By::kCaller, .repository = "acme", .caller = "web"},
      {.by = By::kStatus, .repository = "acme", .status = v1::RECORD_STATUS_OK},
      {.by = By::kOutput, .repository = "acme", .output_digest = DigestOfText("same")},
      {.by = By::kOutput, .output_digest = DigestOfText("same")},
  };
  for (RecordQuery query : queries) {
    query.limit = 5;
    std::vector<std::string> all;
    for (int page = 0; page < 6; ++page) {
      const std::vector<std::string> ids = ListIds(query);
      all.insert(all.end(), ids.begin(), ids.end());
      EXPECT_EQ(ids.size(), page < 4 ? 5u : page == 4 ? 3u : 0u);
      if (!ids.empty()) query.before_id = ids.back();
    }
    EXPECT_EQ(all, newest_first) << static_cast<int>(query.by);
  }
}

TEST_P(StoreConformance, ATimeRangeIsHalfOpen) {
  ASSERT_OK(CreateRepository("acme"));
  std::vector<std::string> ids;
  std::vector<absl::Time> times;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(AddRecord(MakeIntent("acme"), MakeOutcome()));
    times.push_back(clock_.Now());
  }
  const auto list = [&](std::optional<absl::Time> start, std::optional<absl::Time> end,
                        const std::string& before = "") {
    return ListIds({.by = By::kRepository,
                    .repository = "acme",
                    .start_time = start,
                    .end_time = end,
                    .before_id = before});
  };
  EXPECT_THAT(list(times[1], times[3]), ElementsAre(ids[2], ids[1]));
  EXPECT_THAT(list(times[1], std::nullopt), ElementsAre(ids[3], ids[2], ids[1]));
  EXPECT_THAT(list(std::nullopt, times[1]), ElementsAre(ids[0]));
  EXPECT_THAT(list(times[1] + absl::Milliseconds(1), times[2]), IsEmpty());
  EXPECT_THAT(list(times[2], times[2]), IsEmpty());
  EXPECT_THAT(list(times[3], times[1]), IsEmpty());
  EXPECT_THAT(list(times[1], times[3], ids[2]), ElementsAre(ids[1]));
  EXPECT_THAT(list(times[1], times[3], ids[1]), IsEmpty());
  EXPECT_THAT(list(absl::FromUnixSeconds(0), std::nullopt, ids[1]), ElementsAre(ids[0]));
}

TEST_P(StoreConformance, BadQueriesAreRefused) {
  ASSERT_OK(CreateRepository("acme"));
  const struct {
    RecordQuery query;
    absl::StatusCode code;
    const char* reason;
  } cases[] = {
      {{.by = By::kRepository}, kInvalid, "BAD_QUERY"},
      {{.by = By::kPrompt, .repository = "acme"}, kInvalid, "BAD_QUERY"},
      {{.by = By::kVersion, .repository = "acme"}, kInvalid, "BAD_QUERY"},
      {{.by = By::kLabel, .repository = "acme", .prompt = "p"}, kInvalid, "BAD_QUERY"},
      {{.by = By::kCaller, .repository = "acme"}, kInvalid, "BAD_QUERY"},
      {{.by = By::kStatus, .repository = "acme"}, kInvalid, "BAD_QUERY"},
      {{.by = By::kOutput, .output_digest = "abc"}, kInvalid, "BAD_QUERY"},
      {{.by = By::kRepository, .repository = "acme", .before_id = "x"}, kInvalid, "BAD_RECORD_ID"},
      {{.by = By::kRepository, .repository = "nobody"}, kNotFound, "REPOSITORY_NOT_FOUND"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(store().ListRecords(c.query), ErrorIs(c.code, c.reason));
  }
  EXPECT_THAT(ListIds({.by = By::kRepository, .repository = "acme", .limit = 0}), IsEmpty());
}

}  // namespace
}  // namespace colophon
