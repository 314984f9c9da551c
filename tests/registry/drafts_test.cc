// A draft that begins again at main, and what its commits say.

#include "tests/registry/fixture.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr absl::StatusCode kAborted = absl::StatusCode::kAborted;
constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;

class DraftRebaseTest : public RegistryFixture {
 protected:
  void SetUp() override {
    RegistryFixture::SetUp();
    ASSERT_OK(Publish(Edit().Write("a.prompt", "One.").Write("b.prompt", "B.")));
    ASSERT_OK_AND_ASSIGN(const auto made, Publish(Draft("first").Write("a.prompt", "Draft.")));
    head_ = made.change().commit();
    ASSERT_OK(Publish(Edit().Write("b.prompt", "B moved on.")));
  }

  static Edit Draft(const std::string& description) { return Edit(description).Branch("try"); }
  static Edit Replacing(const std::string& commit) {
    Edit edit = Draft("again");
    edit.request().set_replaced_commit(commit);
    return edit;
  }
  absl::StatusOr<v1::ListChangesResponse> Changes(const std::string& name, int page_size = 0,
                                                  const std::string& page_token = "") {
    v1::ListChangesRequest request;
    request.set_name(name);
    request.set_branch("try");
    request.set_page_size(page_size);
    request.set_page_token(page_token);
    return registry_->ListChanges(request, {});
  }
  std::string TextOf(const std::string& name) {
    v1::GetVersionRequest request;
    request.set_name(name);
    const auto response = GetVersion(request);
    EXPECT_OK(response);
    if (!response.ok()) return "";
    for (const v1::File& file : response->version().files()) {
      if (file.path().ends_with(".prompt")) return file.content();
    }
    return "";
  }

  std::string head_;
};

TEST_F(DraftRebaseTest, ADraftBeginsAgainAtMain) {
  EXPECT_EQ(TextOf("acme/b@heads/try"), "B.");
  ASSERT_OK_AND_ASSIGN(const auto made, Publish(Replacing(head_).Write("a.prompt", "Draft.")));
  EXPECT_THAT(made.change().paths(), ElementsAre("a.prompt"));
  for (const bool again : {false, true}) {
    EXPECT_EQ(TextOf("acme/a@heads/try"), "Draft.");
    EXPECT_EQ(TextOf("acme/b@heads/try"), "B moved on.");
    EXPECT_EQ(TextOf("acme/a@" + head_), "Draft.") << "records name what it was";
    v1::ListDraftsRequest request;
    request.set_repository("acme");
    ASSERT_OK_AND_ASSIGN(const auto drafts, registry_->ListDrafts(request, {}));
    ASSERT_EQ(drafts.drafts_size(), 1);
    EXPECT_EQ(drafts.drafts(0).base_sequence(), 2);
    EXPECT_EQ(drafts.drafts(0).commit(), made.change().commit());
    if (!again) Reopen();
  }
  ASSERT_OK_AND_ASSIGN(const auto verified, store_->Verify());
  EXPECT_EQ(verified.problems_size(), 0) << verified.ShortDebugString();
}

TEST_F(DraftRebaseTest, WhatMainHasAlreadyMovesNothing) {
  ASSERT_OK_AND_ASSIGN(const auto made, Publish(Replacing(head_).Write("a.prompt", "One.")));
  EXPECT_FALSE(made.has_change());
  EXPECT_EQ(TextOf("acme/a@heads/try"), "Draft.");
}

TEST_F(DraftRebaseTest, OneThatStandsElsewhereIsNotReplaced) {
  ASSERT_OK(Publish(Draft("second").Write("a.prompt", "Draft two.")));
  EXPECT_THAT(Publish(Replacing(head_).Write("a.prompt", "Draft.")),
              ErrorIs(kAborted, "DRAFT_MOVED"));
  EXPECT_EQ(TextOf("acme/a@heads/try"), "Draft two.");
  Edit none = Replacing(head_);
  none.request().set_branch("none");
  EXPECT_THAT(Publish(none.Write("a.prompt", "Draft.")), ErrorIs(kAborted, "DRAFT_MOVED"));
  Edit main = Replacing(head_);
  main.request().clear_branch();
  EXPECT_THAT(Publish(main.Write("a.prompt", "x")), ErrorIs(kInvalid, "BAD_COMMIT"));
  EXPECT_THAT(Publish(Replacing("f00").Write("a.prompt", "x")), ErrorIs(kInvalid, "BAD_COMMIT"));
  EXPECT_THAT(Publish(Replacing(std::string(40, '0')).Write("a.prompt", "x")),
              ErrorIs(kInvalid, "BAD_COMMIT"));
}

TEST_F(DraftRebaseTest, ItsChangesAreListedBackToWhereItBegan) {
  ASSERT_OK(Publish(Draft("second").By("Bob <bob@example.com>").Write("b.prompt", "Draft b.")));
  ASSERT_OK_AND_ASSIGN(const auto all, Changes("acme"));
  ASSERT_EQ(all.changes_size(), 2);
  EXPECT_EQ(all.changes(0).author(), "Bob <bob@example.com>");
  EXPECT_EQ(all.changes(0).description(), "second");
  EXPECT_EQ(all.changes(0).branch(), "try");
  EXPECT_THAT(all.changes(0).paths(), ElementsAre("b.prompt"));
  EXPECT_EQ(all.changes(1).description(), "first");
  EXPECT_EQ(all.changes(1).commit(), head_);
  EXPECT_THAT(all.next_page_token(), IsEmpty());

  ASSERT_OK_AND_ASSIGN(const auto page, Changes("acme", 1));
  EXPECT_EQ(page.changes(0).description(), "second");
  ASSERT_OK_AND_ASSIGN(const auto last, Changes("acme", 1, page.next_page_token()));
  EXPECT_EQ(last.changes(0).description(), "first");
  EXPECT_THAT(last.next_page_token(), IsEmpty());

  ASSERT_OK_AND_ASSIGN(const auto of_prompt, Changes("acme/a"));
  ASSERT_EQ(of_prompt.changes_size(), 1);
  EXPECT_EQ(of_prompt.changes(0).description(), "first");
}

TEST_F(DraftRebaseTest, ADraftThatIsntThereHasNoChanges) {
  v1::ListChangesRequest request;
  request.set_name("acme");
  request.set_branch("none");
  EXPECT_THAT(registry_->ListChanges(request, {}), ErrorIs(kNotFound, "BRANCH_NOT_FOUND"));
  EXPECT_THAT(Changes("acme", 0, "nonsense"), ErrorIs(kInvalid, "BAD_PAGE_TOKEN"));
}

}  // namespace
}  // namespace colophon
