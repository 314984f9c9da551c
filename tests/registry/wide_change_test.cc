// Changes, lists and work that grow with the prompts of a repository: none is
// larger than a default client takes, none costs more than it gives.

#include <atomic>

#include "fmt/format.h"
#include "service/registry/change_transaction.h"
#include "service/registry/label_changes.h"
#include "service/store/change_pages.h"
#include "tests/registry/fixture.h"
#include "tests/testing/counting_store.h"

namespace colophon {
namespace {

using testing::HasSubstr;

// What gRPC's clients take unless they are told otherwise.
constexpr size_t kDefaultMessage = 4 << 20;

class WideChangeTest : public RegistryFixture {
 protected:
  // Long names make a change of few prompts a wide one.
  static std::string PromptOf(int i) { return fmt::format("{}/p{:04}", std::string(180, 'x'), i); }

  // So many prompts that include _tone: change 1.
  absl::StatusOr<v1::PublishResponse> PublishPrompts(int count) {
    Edit edit("all of them");
    edit.Write("_tone.prompt", "Kind.");
    for (int i = 0; i + 1 < count; ++i) edit.Write(PromptOf(i) + ".prompt", "{{> tone}}");
    // Sorts last, on the last page.
    return Publish(edit.Write("zzz.prompt", "{{> tone}}"));
  }

  // The change, put together from its pages.
  absl::StatusOr<v1::Change> ReadAll(v1::Change change, int* pages) {
    *pages = 1;
    while (!change.next_page_token().empty()) {
      v1::GetChangeRequest request;
      request.set_repository("acme");
      request.set_sequence(change.sequence());
      request.set_page_token(change.next_page_token());
      ASSIGN_OR_RETURN(const v1::GetChangeResponse response, registry_->GetChange(request, Call()));
      EXPECT_LT(response.ByteSizeLong(), 2 * kChangePageBytes);
      EXPECT_EQ(response.change().commit(), change.commit());
      EXPECT_EQ(response.change().version_count(), change.version_count());
      change.clear_next_page_token();
      const int32_t count = change.version_count();
      change.MergeFrom(response.change());
      change.set_version_count(count);
      if (++*pages > 100) return Internal("the pages have no end");
    }
    return change;
  }

  void ExpectWhole(const v1::Change& change, int versions) {
    ASSERT_EQ(change.versions_size(), versions);
    EXPECT_EQ(change.version_count(), versions);
    for (int i = 0; i + 1 < versions; ++i) EXPECT_EQ(change.versions(i).prompt(), PromptOf(i));
    EXPECT_EQ(change.versions(versions - 1).prompt(), "zzz");
  }
};

TEST_F(WideChangeTest, AChangeIsAnsweredInPages) {
  const auto published = PublishPrompts(999);
  ASSERT_OK(published);
  EXPECT_LT(published->ByteSizeLong(), 2 * kChangePageBytes);
  EXPECT_LT(published->change().versions_size(), 999);
  EXPECT_EQ(published->change().version_count(), 999);
  const auto check = [&] {
    int pages = 0;
    const auto whole = ReadAll(published->change(), &pages);
    ASSERT_OK(whole);
    EXPECT_GT(pages, 2);
    ExpectWhole(*whole, 999);
    EXPECT_EQ(whole->paths_size(), 1000);

    v1::GetChangeRequest first;
    first.set_repository("acme");
    first.set_sequence(1);
    EXPECT_THAT(registry_->GetChange(first, Call())->change(),
                EqualsProto(published->change().DebugString()));
    v1::ListChangesRequest list;
    list.set_name("acme");
    list.set_page_size(1);
    const auto listed = registry_->ListChanges(list, Call());
    ASSERT_OK(listed);
    EXPECT_THAT(listed->changes(0), EqualsProto(published->change().DebugString()));
    const auto watched = registry_->ListChangesFrom("acme", 1, 1);
    ASSERT_OK(watched);
    EXPECT_THAT(watched->at(0), EqualsProto(published->change().DebugString()));
  };
  check();
  Reopen();
  check();
  const auto verified = store_->Verify();
  ASSERT_OK(verified);
  EXPECT_EQ(verified->problems_size(), 0) << verified->DebugString();
}

TEST_F(WideChangeTest, TheAnswerKeptForARequestIsAPageToo) {
  ASSERT_OK(PublishPrompts(999));
  const Edit edit = Edit().Write("_tone.prompt", "Curt.").Id("request-1");
  const auto first = Publish(edit);
  ASSERT_OK(first);
  EXPECT_FALSE(first->change().next_page_token().empty());
  Reopen();
  EXPECT_THAT(*Publish(edit), EqualsProto(first->DebugString()));
  const auto kept = store_->GetRequest("acme", "request-1");
  ASSERT_OK(kept);
  EXPECT_LT((*kept)->response.size(), 2 * kChangePageBytes);
  int pages = 0;
  const auto whole = ReadAll(first->change(), &pages);
  ASSERT_OK(whole);
  ExpectWhole(*whole, 999);
  EXPECT_EQ(whole->paths_size(), 1);
}

// Nothing keeps it, so there are no other pages to ask for.
TEST_F(WideChangeTest, ADraftAndACheckTellHowManyVersionsThereAre) {
  ASSERT_OK(PublishPrompts(999));
  const Edit edit = Edit().Write("_tone.prompt", "Curt.");
  const auto draft = Publish(Edit(edit).Branch("d"));
  const auto checked = Publish(Edit(edit).Label("zzz", "production", {{0, 0}}).OnlyCheck());
  for (const auto& response : {draft, checked}) {
    ASSERT_OK(response);
    EXPECT_LT(response->ByteSizeLong(), 2 * kChangePageBytes);
    EXPECT_EQ(response->change().next_page_token(), "");
    EXPECT_EQ(response->change().version_count(), 999);
    EXPECT_GT(response->change().versions_size(), 100);
    EXPECT_LT(response->change().versions_size(), 999);
  }
  // Versions are what is left out.
  EXPECT_EQ(checked->change().label_moves_size(), 1);
  EXPECT_EQ(checked->change().paths_size(), 2);
}

TEST_F(WideChangeTest, RefusesPagesThatAreNone) {
  ASSERT_OK(PublishPrompts(999));
  ASSERT_OK(Publish(Edit().Write("a.prompt", "1")));
  v1::GetChangeRequest request;
  request.set_repository("acme");
  request.set_sequence(1);
  const std::string token = registry_->GetChange(request, Call())->change().next_page_token();
  EXPECT_FALSE(token.empty());
  request.set_page_token("02");
  EXPECT_THAT(registry_->GetChange(request, Call()),
              ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_PAGE_TOKEN"));
  request.set_sequence(2);
  request.set_page_token(token);
  EXPECT_THAT(registry_->GetChange(request, Call()),
              ErrorIs(absl::StatusCode::kInvalidArgument, "BAD_PAGE_TOKEN"));
  request.clear_page_token();
  EXPECT_EQ(registry_->GetChange(request, Call())->change().versions_size(), 1);
  for (const int64_t sequence : {int64_t{-1}, int64_t{0}, int64_t{3}}) {
    request.set_sequence(sequence);
    EXPECT_THAT(registry_->GetChange(request, Call()),
                ErrorIs(absl::StatusCode::kNotFound, "CHANGE_NOT_FOUND"));
  }
  request.set_repository("nowhere");
  EXPECT_THAT(registry_->GetChange(request, Call()),
              ErrorIs(absl::StatusCode::kNotFound, "REPOSITORY_NOT_FOUND"));
}

// What stands on a later page counts as what stands on the first.
TEST_F(WideChangeTest, LaterPagesAreLookedThrough) {
  ASSERT_OK(Publish(Edit().Write("other.prompt", "1")));
  ASSERT_OK(PublishPrompts(999));
  Reopen();
  EXPECT_THAT(Publish(Edit().Write("zzz.prompt", "new").On(1)),
              ErrorIs(absl::StatusCode::kAborted, "STALE_BASE", HasSubstr("change 2")));
  v1::ListChangesRequest request;
  request.set_name("acme/zzz");
  const auto changes = registry_->ListChanges(request, Call());
  ASSERT_OK(changes);
  ASSERT_EQ(changes->changes_size(), 1);
  EXPECT_EQ(changes->changes(0).sequence(), 2);
}

// Each prompt looked up its own file and the partial in the folder of all of them.
TEST_F(WideChangeTest, APartialOfManyPromptsReadsEachFolderOnce) {
  const auto trees_read = [&](int prompts) -> int64_t {
    Edit edit;
    for (int i = 0; i < prompts; ++i)
      edit.Write(fmt::format("n{}/p{}.prompt", prompts, i), "{{> t}}");
    EXPECT_OK(Publish(edit.Write(fmt::format("n{}/_t.prompt", prompts), "Kind.")));
    CountingStore store(store_.get());
    ObjectCache no_cache(0);
    const auto workspace = Workspace::Load(&store, &no_cache, "acme");
    EXPECT_OK(workspace);
    v1::PublishRequest request =
        Edit().Write(fmt::format("n{}/_t.prompt", prompts), "Curt.").request();
    const auto change_request = CheckRequest(std::move(request), "tester");
    EXPECT_OK(change_request);
    store.trees = 0;
    const ChangeProposal& proposal = std::get<ChangeProposal>(change_request->source);
    const ChangeBase base = FindBase(**workspace, proposal, clock_.Now()).value();
    ChangedFiles files(&(*workspace)->objects(), base.root);
    EXPECT_OK(files.Take(proposal));
    const auto checked = CheckPrompts(**workspace, *change_request, proposal, base, &files);
    EXPECT_OK(checked);
    const auto versions = NumberVersions(**workspace, *change_request, proposal, *checked, &files);
    EXPECT_OK(versions);
    const auto moves = MoveLabels(**workspace, proposal, *versions, &files);
    EXPECT_OK(moves);
    const auto commit = CommitFiles(proposal, base, *moves, &files);
    EXPECT_OK(commit);
    const BuiltChange built = MakeTransaction(
        **workspace, proposal, {base, files, *checked, *versions, *moves, *commit}, true);
    EXPECT_EQ(built.transaction.versions.size(), static_cast<size_t>(prompts));
    return store.trees;
  };
  const int64_t of_few = trees_read(10);
  EXPECT_EQ(trees_read(300), of_few);
  EXPECT_LE(of_few, 4);  // Two folders, for the look-ups and for the edit.
}

// Every page walked all prompts of the repository.
TEST_F(WideChangeTest, PagesOfTheUsersOfAFileReadEachPromptOnce) {
  ASSERT_OK(PublishPrompts(400));
  CountingStore store(store_.get());
  auto registry = Registry::Open(&store, &clock_);
  ASSERT_OK(registry);
  store.prompt_rows = 0;
  v1::ListPromptsRequest request;
  request.set_name("acme");
  request.set_uses("_tone.prompt");
  request.set_page_size(20);
  int found = 0, pages = 0;
  do {
    const auto page = (*registry)->ListPrompts(request, Call());
    ASSERT_OK(page);
    found += page->prompts_size();
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty() && ++pages < 100);
  EXPECT_EQ(found, 400);
  EXPECT_LE(store.prompt_rows, 2 * 400);
}

TEST_F(WideChangeTest, PagesOfLabelsAsTheyStoodReadEachLabelOnce) {
  Edit edit;
  for (int i = 0; i < 200; ++i) {
    edit.Write(fmt::format("p{:03}.prompt", i), "x");
    edit.Label(fmt::format("p{:03}", i), "production", {{1, 0}});
  }
  ASSERT_OK(Publish(edit));
  CountingStore store(store_.get());
  auto registry = Registry::Open(&store, &clock_);
  ASSERT_OK(registry);
  store.label_rows = 0;
  v1::ListLabelsRequest request;
  request.set_name("acme");
  request.set_at_sequence(1);
  request.set_page_size(10);
  int pages = 0;
  std::vector<std::string> names;
  do {
    const auto page = (*registry)->ListLabels(request, Call());
    ASSERT_OK(page);
    for (const v1::Label& label : page->labels()) names.push_back(label.name());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty() && ++pages < 100);
  ASSERT_EQ(names.size(), 200u);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(names[i], fmt::format("acme/p{:03}@production", i));
  EXPECT_LE(store.label_rows, 200 + 20);
}

// Rows of any size: pages have as many as a default client takes.
TEST_F(WideChangeTest, PagesAreBoundedInBytes) {
  constexpr int kChanges = 600;
  for (int i = 0; i < kChanges; ++i) {
    ASSERT_OK(Publish(Edit(std::string(4'096, 'd')).Write("a.prompt", std::to_string(i))));
  }
  const auto count = [&](auto request, auto list, auto size) {
    request.set_page_size(1'000);
    int pages = 0, rows = 0;
    do {
      const auto page = list(request);
      EXPECT_OK(page);
      if (!page.ok()) return std::pair(pages, rows);
      EXPECT_LT(page->ByteSizeLong(), kDefaultMessage);
      rows += size(*page);
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty() && ++pages < 100);
    return std::pair(pages, rows);
  };
  v1::ListVersionsRequest versions;
  versions.set_name("acme/a");
  EXPECT_EQ(count(
                versions, [&](const auto& r) { return registry_->ListVersions(r, Call()); },
                [](const auto& page) { return page.versions_size(); }),
            std::pair(1, kChanges));
  v1::ListChangesRequest changes;
  for (const char* name : {"acme", "acme/a"}) {
    changes.set_name(name);
    EXPECT_EQ(count(
                  changes, [&](const auto& r) { return registry_->ListChanges(r, Call()); },
                  [](const auto& page) { return page.changes_size(); }),
              std::pair(1, kChanges))
        << name;
  }
}

// Who went away gets nothing done, in whichever way it was asked for.
TEST_F(WideChangeTest, WhatNobodyWaitsForIsntMade) {
  ASSERT_OK(PublishPrompts(50));
  CountingStore store(store_.get());
  StopFlag gone, leaving, waits;
  std::atomic<bool> leaves = false;
  store.on_object = [&] {
    if (leaves) leaving.Stop();
  };
  gone.Stop();
  auto registry = Registry::Open(&store, &clock_);
  ASSERT_OK(registry);
  const auto publish = [&](Edit edit, const StopFlag* stop) {
    return Await<v1::PublishResponse>([&](auto reply) {
      (*registry)->Publish(edit.request(), {.caller = "tester", .stop = stop}, std::move(reply));
    });
  };
  constexpr auto kCancelled = absl::StatusCode::kCancelled;
  const Edit edit = Edit().Write("_tone.prompt", "Curt.").Id("request-1");
  EXPECT_THAT(publish(edit, &gone), ErrorIs(kCancelled, "ABANDONED"));
  EXPECT_THAT(publish(Edit(edit).OnlyCheck(), &gone), ErrorIs(kCancelled, "ABANDONED"));
  v1::UpdateLabelRequest label;
  label.set_name("acme/zzz@production");
  label.mutable_targets()->add_targets()->set_version(1);
  EXPECT_THAT(Await<v1::UpdateLabelResponse>([&](auto reply) {
                (*registry)->UpdateLabel(label, {.caller = "tester", .stop = &gone},
                                         std::move(reply));
              }),
              ErrorIs(kCancelled, "ABANDONED"));
  // While it is built, too.
  leaves = true;
  EXPECT_THAT(publish(edit, &leaving), ErrorIs(kCancelled, "ABANDONED"));
  EXPECT_EQ(*(*registry)->Sequence("acme"), 1);
  // The id is still new.
  const auto made = publish(edit, &waits);
  ASSERT_OK(made);
  EXPECT_EQ(made->change().sequence(), 2);
}

TEST_F(WideChangeTest, WarningsFitIntoTheAnswer) {
  Edit edit;
  for (int i = 0; i < 100; ++i) {
    std::string text;
    for (int line = 0; line < 100; ++line) text += "x \n";
    edit.Write(fmt::format("{}/p{}.prompt", std::string(200, 'x'), i), text);
  }
  const auto response = Publish(edit);
  ASSERT_OK(response);
  EXPECT_GT(response->diagnostics_size(), 100);
  EXPECT_LT(response->ByteSizeLong(), kDefaultMessage / 2);
}

}  // namespace
}  // namespace colophon
