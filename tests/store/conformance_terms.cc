// Finding records by their terms, against a look at each of them.

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "tests/store/conformance.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TermQuery QueryOf(const std::vector<std::string>& words, size_t least) {
  TermQuery query{.least = least};
  for (const std::string& word : words) query.terms.push_back(TermOfWord(word));
  return query;
}

// What was stored, and what must be found of it.
class Expected {
 public:
  void Add(const std::string& id, const std::set<std::string>& words) { records_[id] = words; }

  std::vector<TermMatch> Find(const std::vector<std::string>& words, size_t least,
                              const std::string& before, size_t limit) const {
    std::vector<TermMatch> found;
    for (auto at = records_.rbegin(); at != records_.rend() && found.size() < limit; ++at) {
      if (!before.empty() && at->first >= before) continue;
      const auto count = static_cast<size_t>(std::count_if(
          words.begin(), words.end(), [&](const auto& word) { return at->second.contains(word); }));
      if (count >= least) found.push_back({at->first, count});
    }
    return found;
  }

 private:
  std::map<std::string, std::set<std::string>> records_;
};

std::string Join(const std::set<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += word + " ";
  return text;
}

TEST_P(StoreConformance, FindsWhatHasTheTermsNewestFirst) {
  PublishSome();
  const auto add = [&](const std::string& text) {
    return AddRecord(MakeIntent("acme"), MakeOutcome(v1::RECORD_STATUS_OK, text));
  };
  const std::string first = add("a refund is on its way");
  const std::string second = add("no refund today");
  const std::string third = add("a plane is on its way");
  EXPECT_THAT(store().FindByTerms(QueryOf({"refund"}, 1)).value(),
              ElementsAre(TermMatch{second, 1}, TermMatch{first, 1}));
  EXPECT_THAT(store().FindByTerms(QueryOf({"refund", "way"}, 2)).value(),
              ElementsAre(TermMatch{first, 2}));
  EXPECT_THAT(store().FindByTerms(QueryOf({"refund", "way"}, 1)).value(),
              ElementsAre(TermMatch{third, 1}, TermMatch{second, 1}, TermMatch{first, 2}));
  EXPECT_THAT(store().FindByTerms(QueryOf({"hotel"}, 1)).value(), IsEmpty());
  EXPECT_THAT(store().FindByTerms(QueryOf({}, 1)).value(), IsEmpty());

  TermQuery page = QueryOf({"refund"}, 1);
  page.limit = 1;
  EXPECT_THAT(store().FindByTerms(page).value(), ElementsAre(TermMatch{second, 1}));
  page.before_id = second;
  EXPECT_THAT(store().FindByTerms(page).value(), ElementsAre(TermMatch{first, 1}));
  page.before_id = "no id";
  EXPECT_THAT(store().FindByTerms(page),
              ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_RECORD_ID"));
}

TEST_P(StoreConformance, ARecordIsFoundOnceItIsClosed) {
  PublishSome();
  const std::string id = NewId();
  ASSERT_OK(AppendIntent(id, MakeIntent("acme")));
  EXPECT_THAT(store().FindByTerms(QueryOf({"refund"}, 1)).value(), IsEmpty());
  ASSERT_OK(AppendOutcome(id, MakeOutcome(v1::RECORD_STATUS_CANCELLED, "a refund")));
  EXPECT_THAT(store().FindByTerms(QueryOf({"refund"}, 1)).value(), ElementsAre(TermMatch{id, 1}));
}

TEST_P(StoreConformance, WhatIsFoundByTermsIsWhatALookAtEachWouldFind) {
  PublishSome();
  ASSERT_OK(CreateRepository("other"));
  std::mt19937 random(20261127);
  const auto pick = [&](size_t count) { return random() % count; };
  const std::vector<std::string> vocabulary = {"ape", "bee", "cat", "dog",  "eel",
                                               "fox", "gnu", "hen", "ibis", "jay"};
  Expected expected;
  std::vector<std::string> ids;
  // Ids come in another order than closing: calls overlap, and apps tell of old ones.
  for (int i = 0; i < 60; ++i) ids.push_back(NewId());
  std::shuffle(ids.begin(), ids.end(), random);
  for (size_t i = 0; i < ids.size(); ++i) {
    std::set<std::string> words;
    for (size_t n = pick(4); n > 0; --n) words.insert(vocabulary[pick(vocabulary.size())]);
    v1::Record record;
    record.set_id(ids[i]);
    *record.mutable_intent() = MakeIntent(pick(3) == 0 ? "other" : "acme");
    *record.mutable_outcome() = MakeOutcome(v1::RECORD_STATUS_OK, Join(words));
    ASSERT_OK(AppendRecord(record));
    expected.Add(ids[i], words);
    if (pick(12) == 0) Reopen();

    std::vector<std::string> asked = vocabulary;
    std::shuffle(asked.begin(), asked.end(), random);
    asked.resize(1 + pick(3));
    const size_t least = 1 + pick(asked.size());
    TermQuery query = QueryOf(asked, least);
    query.limit = static_cast<int>(1 + pick(20));
    if (pick(2) == 0) query.before_id = ids[pick(ids.size())];
    EXPECT_EQ(store().FindByTerms(query).value(),
              expected.Find(asked, least, query.before_id, static_cast<size_t>(query.limit)))
        << i;
  }
  ExpectWhole();
}

}  // namespace
}  // namespace colophon
