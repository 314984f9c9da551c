#include "service/record/text_search.h"

#include <future>
#include <random>

#include "service/base/hash.h"
#include "service/base/ids.h"
#include "service/record/recorder.h"
#include "service/record/terms.h"
#include "service/store/rocksdb/rocksdb_store.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kRefund[] =
    "Dear Ms Weber,\n\nyour refund of 20 € is on its way. It’s going to arrive within five working "
    "days — please don't order again until then.\n\nKind regards";
constexpr char kJapanese[] =
    "お客様、返金の手続きは完了しました。五営業日以内にお客様の口座へ届きますので、しばらくお待ちく"
    "ださい。";

class TextSearchTest : public testing::Test {
 protected:
  TextSearchTest() : ids_(&clock_) {
    RocksdbStoreOptions options;
    options.terms = MakeRecordTerms();
    options.segment_records = 16;
    auto store = OpenRocksdbStore(directory_.path(), options);
    EXPECT_OK(store);
    store_ = *std::move(store);
    search_ = std::make_unique<TextSearch>(store_.get());
    for (const char* name : {"acme", "other"}) {
      std::promise<absl::Status> created;
      store_->CreateRepository(name, clock_.Now(),
                               [&](absl::Status status) { created.set_value(status); });
      EXPECT_OK(created.get_future().get());
    }
  }

  // Its id; it is a second younger than the one before.
  std::string Add(const std::string& text, const std::string& repository = "acme") {
    clock_.Advance(absl::Seconds(1));
    v1::Record record;
    record.set_id(ids_.NewId());
    record.mutable_intent()->set_repository(repository);
    record.mutable_intent()->set_prompt("support/refund");
    record.mutable_intent()->set_version(1);
    v1::Outcome& outcome = *record.mutable_outcome();
    outcome.set_status(v1::RECORD_STATUS_OK);
    outcome.mutable_completion()->mutable_message()->add_parts()->set_text(text);
    outcome.set_output_digest(OutputDigest(outcome.completion()));
    std::promise<absl::Status> done;
    store_->AppendRecord(record, "", [&](absl::Status status) { done.set_value(status); });
    EXPECT_OK(done.get_future().get());
    return record.id();
  }

  TextPage Find(const std::string& text, std::vector<std::string> repositories = {"acme"}) {
    auto page = search_->Find({.text = text, .repositories = std::move(repositories)});
    EXPECT_OK(page);
    return page.ok() ? *std::move(page) : TextPage();
  }
  static std::vector<std::string> IdsOf(const TextPage& page) {
    std::vector<std::string> ids;
    for (const v1::Record& record : page.records) ids.push_back(record.id());
    return ids;
  }
  // What was found in the first record's output.
  static std::string Found(const TextPage& page) {
    if (page.spans.empty()) return "";
    const std::string text = OutputText(page.records[0].outcome().completion());
    const auto begin = static_cast<size_t>(page.spans[0].start_byte());
    return text.substr(begin, static_cast<size_t>(page.spans[0].end_byte()) - begin);
  }

  TempDir directory_;
  FakeClock clock_;
  IdGenerator ids_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<TextSearch> search_;
};

TEST_F(TextSearchTest, TheBestMatchThereIsIsTheAnswer) {
  const std::string id = Add(kRefund);
  Add("Something else altogether, in no way about money or the days until it comes.");
  const struct {
    const char* what;
    std::string text;
    v1::OutputMatch match;
    std::string found;
  } cases[] = {
      {"all of it", kRefund, v1::OUTPUT_MATCH_EXACT, ""},
      {"white space",
       "Dear Ms Weber, your refund of 20 € is on its way. It’s going to arrive within five working "
       "days — please don't order again until then. Kind regards\r\n",
       v1::OUTPUT_MATCH_NORMAL_FORM, ""},
      {"eight words", "refund of 20 € is on its way. It’s", v1::OUTPUT_MATCH_EXCERPT,
       "refund of 20 € is on its way. It’s"},
      {"case, quotes, line ends",
       "> YOUR REFUND OF 20 IS\n> on its way; \"it's\" going\n> to arrive within",
       v1::OUTPUT_MATCH_EXCERPT, "your refund of 20 € is on its way. It’s going to arrive within"},
      {"words that are cut", "nd of 20 € is on its way. It’s going to arrive within five work",
       v1::OUTPUT_MATCH_EXCERPT, "of 20 € is on its way. It’s going to arrive within five"},
      {"other words between", "your refund of 20 € is on the way, it’s going to arrive",
       v1::OUTPUT_MATCH_UNSPECIFIED, ""},
      {"too few", "refund of 20 € is on its", v1::OUTPUT_MATCH_UNSPECIFIED, ""},
      {"nothing that is a word", "…", v1::OUTPUT_MATCH_UNSPECIFIED, ""},
  };
  for (const auto& c : cases) {
    const TextPage page = Find(c.text);
    EXPECT_EQ(page.match, c.match) << c.what;
    EXPECT_EQ(Found(page), c.found) << c.what;
    const bool found = c.match != v1::OUTPUT_MATCH_UNSPECIFIED;
    EXPECT_EQ(IdsOf(page), found ? std::vector<std::string>{id} : std::vector<std::string>())
        << c.what;
    EXPECT_EQ(page.next_page_token, "") << c.what;
  }
}

TEST_F(TextSearchTest, JsonIsFoundHoweverItIsLaidOut) {
  const std::string id = Add(R"({"topic":"refund","urgency":5})");
  const TextPage page = Find("{\n  \"urgency\": 5,\n  \"topic\": \"refund\"\n}\n");
  EXPECT_EQ(page.match, v1::OUTPUT_MATCH_NORMAL_FORM);
  EXPECT_THAT(IdsOf(page), ElementsAre(id));
}

TEST_F(TextSearchTest, ScriptsWithoutBlanksAreFoundByCharacters) {
  const std::string id = Add(kJapanese);
  const TextPage page = Find("五営業日以内に\nお客様の口座へ届きますので、しばらくお待ち");
  EXPECT_EQ(page.match, v1::OUTPUT_MATCH_EXCERPT);
  EXPECT_THAT(IdsOf(page), ElementsAre(id));
  EXPECT_EQ(Found(page), "五営業日以内にお客様の口座へ届きますので、しばらくお待ち");
}

TEST_F(TextSearchTest, ARepositoryHasItsOwnTerms) {
  const std::string here = Add(kRefund);
  const std::string there = Add(kRefund, "other");
  const std::string excerpt = "refund of 20 € is on its way. It’s going";
  EXPECT_THAT(IdsOf(Find(excerpt)), ElementsAre(here));
  EXPECT_THAT(IdsOf(Find(excerpt, {"other"})), ElementsAre(there));
  EXPECT_THAT(IdsOf(Find(excerpt, {"acme", "other"})), ElementsAre(there, here));
  EXPECT_THAT(IdsOf(Find(excerpt, {})), IsEmpty());
}

TEST_F(TextSearchTest, PagesGoOnWhereTheOneBeforeEndedWhateverIsWrittenMeanwhile) {
  std::vector<std::string> ids;
  for (int i = 0; i < 100; ++i) {
    ids.push_back(Add("Number " + std::to_string(i) + ": " + kRefund));
  }
  std::reverse(ids.begin(), ids.end());
  TextQuery query{
      .text = "your refund of 20 € is on its way", .repositories = {"acme"}, .page_size = 7};
  std::vector<std::string> found;
  for (int pages = 0; pages < 20; ++pages) {
    ASSERT_OK_AND_ASSIGN(const TextPage page, search_->Find(query));
    EXPECT_EQ(page.match, v1::OUTPUT_MATCH_EXCERPT);
    for (const std::string& id : IdsOf(page)) found.push_back(id);
    Add("Later: " + std::string(kRefund));
    query.page_token = page.next_page_token;
    if (page.next_page_token.empty()) break;
  }
  EXPECT_EQ(found, ids);

  query.page_token = "no token";
  EXPECT_THAT(search_->Find(query), ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_PAGE_TOKEN"));
  query.page_token.clear();
  query.page_size = -1;
  EXPECT_THAT(search_->Find(query), ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_PAGE_SIZE"));
}

// Words in two languages, quoted, wrapped and shouted: each part that is long enough is
// found, in the text it is of.
TEST_F(TextSearchTest, EveryPartOfEveryTextIsFound) {
  std::mt19937 random(14);
  const std::vector<std::string> words = {"refund", "Größe", "way", "is",   "café", "it’s",
                                          "order",  "返",    "환",  "five", "день", "naïve"};
  std::vector<std::vector<std::string>> texts;
  std::vector<std::string> ids;
  for (int i = 0; i < 60; ++i) {
    std::vector<std::string> text(40);
    for (std::string& word : text) word = words[random() % words.size()];
    std::string joined;
    for (const std::string& word : text) joined += word + " ";
    ids.push_back(Add(joined));
    texts.push_back(std::move(text));
  }
  for (int round = 0; round < 300; ++round) {
    const size_t number = random() % texts.size();
    const std::vector<std::string>& text = texts[number];
    const size_t begin = random() % 10;
    std::string part;
    for (size_t i = begin; i < begin + 25; ++i) {
      part += text[i];
      part += random() % 4 == 0 ? "\r\n> " : random() % 4 == 0 ? "” – “" : " ";
    }
    const TextPage page = Find(part);
    ASSERT_EQ(page.match, v1::OUTPUT_MATCH_EXCERPT) << part;
    ASSERT_THAT(IdsOf(page), ElementsAre(ids[number])) << part;
  }
}

}  // namespace
}  // namespace colophon
