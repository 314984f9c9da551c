// What was: past moments, lists, pages, differences.

#include <limits>

#include "service/registry/page.h"
#include "tests/registry/fixture.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class HistoryTest : public RegistryFixture {
 protected:
  ResolveOptions At(int64_t sequence) {
    ResolveOptions options;
    options.at_sequence = sequence;
    return options;
  }
  ResolveOptions At(absl::Time time) {
    ResolveOptions options;
    options.at_time = time;
    return options;
  }
};

TEST_F(HistoryTest, LabelsAndLatestAsTheyStood) {
  const absl::Time begin = clock_.Now();
  const auto step = [&](Edit edit) {
    clock_.Advance(absl::Seconds(10));
    ASSERT_OK(Publish(edit));
  };
  step(Edit().Write("x.prompt", "1"));                                     // 1 at +10
  step(Edit().Label("x", "production", {{1, 0}}));                         // 2 at +20
  step(Edit().Write("x.prompt", "2"));                                     // 3 at +30
  step(Edit().Label("x", "production", {{2, 0}}));                         // 4 at +40
  step(Edit().Label("x", "production", {}).Delete("x.prompt"));            // 5 at +50
  step(Edit().Write("x.prompt", "3").Label("x", "production", {{0, 0}}));  // 6 at +60

  EXPECT_THAT(Resolve("acme/x", At(1)), ErrorIs(absl::StatusCode::kNotFound, "LABEL_NOT_FOUND"));
  EXPECT_EQ(*Resolve("acme/x", At(2)), "acme/x@v1");
  EXPECT_EQ(*Resolve("acme/x", At(3)), "acme/x@v1");
  EXPECT_EQ(*Resolve("acme/x", At(4)), "acme/x@v2");
  EXPECT_THAT(Resolve("acme/x", At(5)), ErrorIs(absl::StatusCode::kNotFound, "LABEL_NOT_FOUND",
                                                testing::HasSubstr("after change 5")));
  EXPECT_EQ(*Resolve("acme/x", At(6)), "acme/x@v3");
  EXPECT_EQ(registry_->Resolve("acme/x", At(3), Call())->sequence, 3);

  EXPECT_THAT(Resolve("acme/x@latest", At(0)),
              ErrorIs(absl::StatusCode::kNotFound, "VERSION_NOT_FOUND"));
  EXPECT_EQ(*Resolve("acme/x@latest", At(2)), "acme/x@v1");
  EXPECT_EQ(*Resolve("acme/x@latest", At(3)), "acme/x@v2");
  EXPECT_THAT(Resolve("acme/x@latest", At(5)),
              ErrorIs(absl::StatusCode::kFailedPrecondition, "PROMPT_ARCHIVED"));

  EXPECT_EQ(*Resolve("acme/x", At(begin + absl::Seconds(20))), "acme/x@v1");
  EXPECT_EQ(*Resolve("acme/x", At(begin + absl::Seconds(39))), "acme/x@v1");
  EXPECT_EQ(*Resolve("acme/x", At(clock_.Now())), "acme/x@v3");
  EXPECT_THAT(Resolve("acme/x", At(begin)),
              ErrorIs(absl::StatusCode::kNotFound, "LABEL_NOT_FOUND"));

  EXPECT_THAT(Resolve("acme/x", At(7)),
              ErrorIs(absl::StatusCode::kOutOfRange, "BEYOND_SEQUENCE", HasSubstr("6")));
  EXPECT_THAT(Resolve("acme/x", At(clock_.Now() + absl::Seconds(1))),
              ErrorIs(absl::StatusCode::kOutOfRange, "BEYOND_SEQUENCE"));
  EXPECT_THAT(Resolve("acme/x@v1", At(1)), ErrorIs(kInvalid, "BAD_MOMENT"));

  v1::GetVersionRequest request;
  request.set_name("acme/x");
  *request.mutable_at_time() = ToProto(begin + absl::Seconds(45));
  EXPECT_EQ(GetVersion(request)->version().name(), "acme/x@v2");
  request.set_at_sequence(-1);
  EXPECT_THAT(GetVersion(request), ErrorIs(kInvalid, "BAD_MOMENT"));

  v1::ListLabelsRequest labels;
  labels.set_name("acme/x");
  labels.set_at_sequence(3);
  EXPECT_EQ(registry_->ListLabels(labels, Call())->labels(0).targets().targets(0).version(), 1u);
  labels.set_at_sequence(5);
  EXPECT_EQ(registry_->ListLabels(labels, Call())->labels_size(), 0);
  labels.set_at_sequence(7);
  EXPECT_THAT(registry_->ListLabels(labels, Call()),
              ErrorIs(absl::StatusCode::kOutOfRange, "BEYOND_SEQUENCE"));
}

// Kind: a clock that was wrong once must not spoil what comes after it.
TEST_F(HistoryTest, AWrongClockSpoilsOnlyWhatWasMadeMeanwhile) {
  const absl::Time begin = clock_.Now();
  const auto step = [&](absl::Time now, const std::string& text) {
    clock_.Set(now);
    ASSERT_OK(Publish(Edit().Write("x.prompt", text).Label("x", "production", {{0, 0}})));
  };
  const auto minute = [&](int count) { return begin + absl::Minutes(count); };
  step(minute(10), "1");
  step(minute(20), "2");
  step(absl::FromCivil(absl::CivilYear(2106), absl::UTCTimeZone()), "3");
  step(minute(40), "4");
  step(minute(50), "5");
  clock_.Set(minute(60));
  EXPECT_EQ(*Resolve("acme/x", At(clock_.Now())), "acme/x@v5");
  EXPECT_EQ(*Resolve("acme/x", At(minute(50))), "acme/x@v5");
  EXPECT_EQ(*Resolve("acme/x", At(minute(45))), "acme/x@v4");
  EXPECT_EQ(*Resolve("acme/x", At(minute(25))), "acme/x@v2");
  EXPECT_EQ(*Resolve("acme/x", At(minute(10))), "acme/x@v1");

  // A machine that starts without its battery, and is set right.
  step(absl::FromCivil(absl::CivilYear(1990), absl::UTCTimeZone()), "6");
  step(minute(70), "7");
  clock_.Set(minute(80));
  EXPECT_EQ(*Resolve("acme/x", At(minute(10))), "acme/x@v1");
  EXPECT_EQ(*Resolve("acme/x", At(minute(50))), "acme/x@v5");
  EXPECT_EQ(*Resolve("acme/x@latest", At(minute(75))), "acme/x@v7");

  // Two hours back, because it was ahead.
  step(minute(-40), "8");
  EXPECT_EQ(*Resolve("acme/x", At(clock_.Now())), "acme/x@v8");
  Reopen();
  EXPECT_EQ(*Resolve("acme/x", At(clock_.Now())), "acme/x@v8");
  EXPECT_TRUE(store_->Verify()->problems().empty()) << store_->Verify()->DebugString();
}

TEST_F(HistoryTest, AMomentIsATimeThatProtobufHolds) {
  ASSERT_OK(Publish(Edit().Write("x.prompt", "1")));
  v1::GetVersionRequest request;
  request.set_name("acme/x@latest");
  request.mutable_at_time()->set_seconds(std::numeric_limits<int64_t>::min());
  EXPECT_THAT(GetVersion(request), ErrorIs(kInvalid, "BAD_TIME", HasSubstr("at_time")));
  request.mutable_at_time()->set_seconds(1);
  request.mutable_at_time()->set_nanos(-1);
  EXPECT_THAT(GetVersion(request), ErrorIs(kInvalid, "BAD_TIME"));
  request.clear_at();
  request.set_subject("a\nb");
  EXPECT_THAT(GetVersion(request), ErrorIs(kInvalid, "BAD_SUBJECT"));
}

TEST_F(HistoryTest, ACommitOfMainMeansTheVersionInForce) {
  const auto first = Publish(Edit().Write("x.prompt", "1"));
  const auto other = Publish(Edit().Write("y.prompt", "1"));
  const auto second = Publish(Edit().Write("x.prompt", "2"));
  const auto gone = Publish(Edit().Delete("x.prompt"));
  EXPECT_EQ(*Resolve("acme/x@" + first->change().commit()), "acme/x@v1");
  EXPECT_EQ(*Resolve("acme/x@" + other->change().commit().substr(0, 12)), "acme/x@v1");
  EXPECT_EQ(*Resolve("acme/x@" + second->change().commit()), "acme/x@v2");
  EXPECT_THAT(Resolve("acme/x@" + gone->change().commit()),
              ErrorIs(absl::StatusCode::kNotFound, "PROMPT_NOT_FOUND"));
  EXPECT_THAT(Resolve("acme/y@" + first->change().commit()),
              ErrorIs(absl::StatusCode::kNotFound, "PROMPT_NOT_FOUND"));
  EXPECT_EQ((*registry_->Load("acme", "x", 0, first->change().commit(), Call()))->version.version(),
            1u);
  // A blob's id is no commit, nor its beginning.
  const std::string blob =
      registry_->Resolve("acme/x@v1", {}, Call())->loaded->version.files(0).blob();
  EXPECT_THAT(Resolve("acme/x@" + blob), ErrorIs(absl::StatusCode::kNotFound, "COMMIT_NOT_FOUND"));
  EXPECT_THAT(Resolve("acme/x@" + blob.substr(0, 10)),
              ErrorIs(absl::StatusCode::kNotFound, "COMMIT_NOT_FOUND"));
}

TEST_F(HistoryTest, ListsThePromptsThatUseAFile) {
  ASSERT_OK(Publish(Edit()
                        .Write("a/_tone.prompt", "Be kind.")
                        .Write("a/_all.prompt", "{{>tone}}")
                        .Write("t.schema.json", "{}")
                        .Write("a/one.prompt", "{{>tone}}")
                        .Write("a/two.prompt", "{{>all}}")
                        .Write("b/six.prompt", "---\noutput: {schema: t}\n---\nSix.")
                        .Write("b/gone.prompt", "---\noutput: {schema: t}\n---\nGone.")));
  ASSERT_OK(Publish(Edit().Delete("b/gone.prompt")));
  const auto users = [&](const std::string& name, const std::string& file, bool archived = false) {
    v1::ListPromptsRequest request;
    request.set_name(name);
    request.set_uses(file);
    request.set_show_archived(archived);
    request.set_page_size(1);
    std::string list;
    do {
      const auto response = registry_->ListPrompts(request, Call());
      if (!response.ok()) return response.status().ToString();
      for (const v1::Prompt& prompt : response->prompts()) list += prompt.name() + " ";
      request.set_page_token(response->next_page_token());
    } while (!request.page_token().empty());
    return list;
  };
  EXPECT_EQ(users("acme", "a/_tone.prompt"), "acme/a/one acme/a/two ");
  EXPECT_EQ(users("acme/a/t", "a/_tone.prompt"), "acme/a/two ");
  EXPECT_EQ(users("acme", "t.schema.json"), "acme/b/six ");
  EXPECT_EQ(users("acme", "t.schema.json", true), "acme/b/gone acme/b/six ");
  EXPECT_EQ(users("acme", "a/one.prompt"), "");
  EXPECT_EQ(users("acme", "a/_none.prompt"), "");
  EXPECT_THAT(users("acme", "../x"), HasSubstr("bad path \"../x\""));
  EXPECT_THAT(users("none", "x"), HasSubstr("\"none\""));
  ASSERT_OK(Publish(Edit().Write("a/one.prompt", "No more.")));
  EXPECT_EQ(users("acme", "a/_tone.prompt"), "acme/a/two ");
}

TEST_F(HistoryTest, ListsComeInPages) {
  for (const char* name : {"a/one", "a/two", "b/one", "b/two", "b/zoo"}) {
    ASSERT_OK(Publish(Edit()
                          .Write(std::string(name) + ".prompt", name)
                          .Label(name, "production", {{0, 0}})
                          .Label(name, "staging", {{0, 0}})));
  }
  for (int i = 2; i <= 5; ++i) {
    ASSERT_OK(Publish(Edit().Write("a/one.prompt", std::to_string(i))));
  }
  const auto pages = [&](auto request, auto call, auto items) {
    std::vector<std::string> list;
    do {
      const auto response = call(request);
      if (!response.ok()) return std::vector<std::string>{response.status().ToString()};
      std::string page;
      for (const auto& item : items(*response)) {
        if constexpr (requires { item.name(); }) {
          page += item.name() + " ";
        } else {
          page += std::to_string(item.sequence()) + " ";
        }
      }
      list.push_back(page);
      request.set_page_token(response->next_page_token());
    } while (!request.page_token().empty() && list.size() < 20);
    return list;
  };
  v1::ListPromptsRequest prompts;
  prompts.set_name("acme");
  prompts.set_page_size(2);
  const auto list_prompts = [&](const auto& r) { return registry_->ListPrompts(r, Call()); };
  const auto prompts_of = [](const auto& r) { return r.prompts(); };
  EXPECT_THAT(pages(prompts, list_prompts, prompts_of),
              ElementsAre("acme/a/one acme/a/two ", "acme/b/one acme/b/two ", "acme/b/zoo "));
  prompts.set_name("acme/b/");
  EXPECT_THAT(pages(prompts, list_prompts, prompts_of),
              ElementsAre("acme/b/one acme/b/two ", "acme/b/zoo "));
  prompts.set_name("acme/b/t");
  EXPECT_THAT(pages(prompts, list_prompts, prompts_of), ElementsAre("acme/b/two "));

  v1::ListVersionsRequest versions;
  versions.set_name("acme/a/one");
  versions.set_page_size(2);
  EXPECT_THAT(pages(
                  versions, [&](const auto& r) { return registry_->ListVersions(r, Call()); },
                  [](const auto& r) { return r.versions(); }),
              ElementsAre("acme/a/one@v5 acme/a/one@v4 ", "acme/a/one@v3 acme/a/one@v2 ",
                          "acme/a/one@v1 "));

  for (const int64_t moment : {0, 9}) {
    v1::ListLabelsRequest labels;
    labels.set_name("acme");
    labels.set_page_size(3);
    labels.set_at_sequence(moment);
    const auto label_pages = pages(
        labels, [&](const auto& r) { return registry_->ListLabels(r, Call()); },
        [](const auto& r) { return r.labels(); });
    EXPECT_EQ(label_pages.size(), 4u);
    EXPECT_EQ(label_pages[0], "acme/a/one@production acme/a/one@staging acme/a/two@production ");
    EXPECT_EQ(label_pages[3], "acme/b/zoo@staging ");
  }

  v1::ListChangesRequest changes;
  changes.set_name("acme");
  changes.set_page_size(4);
  const auto list_changes = [&](const auto& r) { return registry_->ListChanges(r, Call()); };
  const auto changes_of = [](const auto& r) { return r.changes(); };
  EXPECT_THAT(pages(changes, list_changes, changes_of), ElementsAre("9 8 7 6 ", "5 4 3 2 ", "1 "));
  changes.set_name("acme/a/one");
  changes.set_page_size(2);
  EXPECT_THAT(pages(changes, list_changes, changes_of), ElementsAre("9 8 ", "7 6 ", "1 "));

  v1::ListRepositoriesRequest repositories;
  repositories.set_page_size(1);
  ASSERT_OK(CreateRepository("other"));
  EXPECT_THAT(
      pages(
          repositories, [&](const auto& r) { return registry_->ListRepositories(r, Call()); },
          [](const auto& r) { return r.repositories(); }),
      ElementsAre("acme ", "other "));
}

TEST_F(HistoryTest, ForgedPageTokensAreRefused) {
  ASSERT_OK(Publish(Edit().Write("a.prompt", "1").Write("b.prompt", "1")));
  v1::ListPromptsRequest request;
  request.set_name("acme");
  request.set_page_size(1);
  const std::string token = registry_->ListPrompts(request, Call())->next_page_token();
  ASSERT_FALSE(token.empty());
  const std::string forged[] = {"x",
                                "00",
                                token + "00",
                                token.substr(2),
                                "ff" + token.substr(2),
                                MakePageToken("prompts other ", "a"),
                                std::string(10'000, 'f')};
  for (const std::string& bad : forged) {
    request.set_page_token(bad);
    EXPECT_THAT(registry_->ListPrompts(request, Call()), ErrorIs(kInvalid, "BAD_PAGE_TOKEN"))
        << bad;
    v1::ListChangesRequest changes;
    changes.set_name("acme");
    changes.set_page_token(bad);
    EXPECT_THAT(registry_->ListChanges(changes, Call()), ErrorIs(kInvalid, "BAD_PAGE_TOKEN"))
        << bad;
  }
  request.clear_page_token();
  request.set_page_size(-1);
  EXPECT_THAT(registry_->ListPrompts(request, Call()), ErrorIs(kInvalid, "BAD_PAGE_SIZE"));
  request.set_name("nowhere");
  request.set_page_size(0);
  EXPECT_THAT(registry_->ListPrompts(request, Call()),
              ErrorIs(absl::StatusCode::kNotFound, "REPOSITORY_NOT_FOUND"));
}

TEST_F(HistoryTest, TheFrontMatterDiffersFieldByField) {
  ASSERT_OK(Publish(Edit().Write(
      "x.prompt", "---\nmodel: echo/a\nconfig:\n  temperature: 0.2\n  stop: [a, b]\n---\nHi\n")));
  ASSERT_OK(Publish(
      Edit().Write("x.prompt",
                   "---\nmodel: echo/a\nconfig:\n  temperature: 0.7\n  stop: [a]\n  topP: 1\n---\n"
                   "Hi\n")));
  v1::DiffVersionsRequest request;
  request.set_before("acme/x@v1");
  request.set_after("acme/x@latest");
  const auto diff = registry_->DiffVersions(request, Call());
  ASSERT_OK(diff);
  std::vector<std::string> fields;
  for (const auto& field : diff->front_matter()) {
    fields.push_back(field.path() + ": " + field.before() + " > " + field.after());
  }
  EXPECT_THAT(fields, ElementsAre("config.stop.1: \"b\" > ", "config.temperature: 0.2 > 0.7",
                                  "config.topP:  > 1"));
  EXPECT_EQ(diff->after().name(), "acme/x@v2");
  EXPECT_EQ(diff->after().files(0).content(), "");
  request.set_after("acme/y@v1");
  EXPECT_THAT(registry_->DiffVersions(request, Call()),
              ErrorIs(absl::StatusCode::kNotFound, "PROMPT_NOT_FOUND"));
}

}  // namespace
}  // namespace colophon
