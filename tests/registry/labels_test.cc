#include "tests/registry/fixture.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class LabelsTest : public RegistryFixture {
 protected:
  void SetUp() override {
    RegistryFixture::SetUp();
    for (const char* text : {"1", "2", "3"}) ASSERT_OK(Publish(Edit().Write("a/x.prompt", text)));
  }

  v1::UpdateLabelRequest Move(uint32_t version) {
    v1::UpdateLabelRequest request;
    request.set_name("acme/a/x@production");
    request.mutable_targets()->add_targets()->set_version(version);
    return request;
  }
};

TEST_F(LabelsTest, MoveIsOneChange) {
  const auto response = UpdateLabel(Move(2));
  ASSERT_OK(response);
  EXPECT_EQ(response->label().name(), "acme/a/x@production");
  EXPECT_EQ(response->label().targets().targets(0).version(), 2u);
  EXPECT_EQ(response->label().sequence(), 4);
  EXPECT_EQ(response->label().author(), "tester");
  EXPECT_EQ(response->change().sequence(), 4);
  EXPECT_EQ(response->change().description(), "label a/x@production: v2");
  EXPECT_THAT(response->change().paths(), ElementsAre("a/x.labels.yaml"));
  EXPECT_EQ(*Resolve("acme/a/x"), "acme/a/x@v2");
  EXPECT_EQ(registry_->Resolve("acme/a/x", {}, Call())->label, "production");

  const auto again = UpdateLabel(Move(2));
  ASSERT_OK(again);
  EXPECT_FALSE(again->has_change());
  EXPECT_EQ(again->label().sequence(), 4);

  const auto newest = UpdateLabel(Move(0));
  EXPECT_EQ(newest->label().targets().targets(0).version(), 3u);
  EXPECT_EQ(newest->change().description(), "label a/x@production: v2 → v3");
  EXPECT_EQ(newest->change().label_moves(0).previous().targets(0).version(), 2u);
}

TEST_F(LabelsTest, TheExpectedTargetIsCompared) {
  auto move = Move(1);
  move.mutable_expected();
  ASSERT_OK(UpdateLabel(move));
  const auto exists = UpdateLabel(move);
  EXPECT_THAT(exists, ErrorIs(absl::StatusCode::kAborted, "LABEL_MOVED", HasSubstr("v1")));
  EXPECT_EQ(MetadataOf(exists.status())["current"], "v1");

  move = Move(2);
  move.mutable_expected()->add_targets()->set_version(1);
  move.mutable_expected()->mutable_targets(0)->set_weight(100);
  ASSERT_OK(UpdateLabel(move));
  EXPECT_THAT(UpdateLabel(move), ErrorIs(absl::StatusCode::kAborted, "LABEL_MOVED"));

  v1::DeleteLabelRequest remove;
  remove.set_name("acme/a/x@production");
  remove.mutable_expected()->add_targets()->set_version(1);
  EXPECT_THAT(DeleteLabel(remove), ErrorIs(absl::StatusCode::kAborted, "LABEL_MOVED"));
  remove.mutable_expected()->mutable_targets(0)->set_version(2);
  const auto removed = DeleteLabel(remove);
  ASSERT_OK(removed);
  EXPECT_EQ(removed->change().description(), "remove label a/x@production (was v2)");
  remove.clear_expected();
  EXPECT_THAT(DeleteLabel(remove), ErrorIs(absl::StatusCode::kNotFound, "LABEL_NOT_FOUND"));
}

TEST_F(LabelsTest, RefusesBadMoves) {
  const auto refuse = [&](const v1::UpdateLabelRequest& request, absl::StatusCode code,
                          const char* reason) {
    EXPECT_THAT(UpdateLabel(request), ErrorIs(code, reason)) << request.DebugString();
  };
  refuse(Move(4), absl::StatusCode::kNotFound, "VERSION_NOT_FOUND");
  auto request = Move(1);
  request.clear_targets();
  refuse(request, absl::StatusCode::kInvalidArgument, "BAD_TARGETS");
  request = Move(1);
  request.set_name("acme/a/x@latest");
  refuse(request, absl::StatusCode::kInvalidArgument, "BAD_REFERENCE");
  request.set_name("acme/a/y@production");
  refuse(request, absl::StatusCode::kNotFound, "PROMPT_NOT_FOUND");
  request.set_name("nowhere/a/y@production");
  refuse(request, absl::StatusCode::kNotFound, "REPOSITORY_NOT_FOUND");
  request = Move(1);
  request.mutable_expected()->add_targets()->set_version(0);
  refuse(request, absl::StatusCode::kInvalidArgument, "BAD_TARGETS");
  EXPECT_EQ(*registry_->Sequence("acme"), 3);
}

TEST_F(LabelsTest, OnlyChecks) {
  auto request = Move(1);
  request.set_validate_only(true);
  const auto checked = UpdateLabel(request);
  ASSERT_OK(checked);
  EXPECT_EQ(checked->change().sequence(), 4);
  EXPECT_EQ(checked->change().commit(), "");
  EXPECT_THAT(Resolve("acme/a/x"), ErrorIs(absl::StatusCode::kNotFound, "LABEL_NOT_FOUND"));
}

TEST_F(LabelsTest, ALabelsFileMovesLabels) {
  const auto response =
      Publish(Edit()
                  .Write("a/x.labels.yaml", "staging: {v1: 1, v4: 3}\nproduction: v4\n")
                  .Write("a/x.prompt", "4"));
  ASSERT_OK(response);
  ASSERT_EQ(response->change().label_moves_size(), 2);
  EXPECT_EQ(response->change().label_moves(0).label(), "production");
  EXPECT_EQ(*Resolve("acme/a/x"), "acme/a/x@v4");

  // What isn't in the file is gone; a comment moves nothing.
  const auto fewer = Publish(Edit().Write("a/x.labels.yaml", "# only this\nproduction: v4\n"));
  ASSERT_EQ(fewer->change().label_moves_size(), 1);
  EXPECT_EQ(fewer->change().label_moves(0).label(), "staging");
  EXPECT_TRUE(fewer->change().label_moves(0).targets().targets().empty());
  EXPECT_EQ(
      Publish(Edit().Write("a/x.labels.yaml", "production: v4\n"))->change().label_moves_size(), 0);

  ASSERT_OK(Publish(Edit().Delete("a/x.labels.yaml")));
  EXPECT_THAT(Resolve("acme/a/x"), ErrorIs(absl::StatusCode::kNotFound, "LABEL_NOT_FOUND"));
}

TEST_F(LabelsTest, WeightedLabelsSpreadSubjects) {
  ASSERT_OK(Publish(Edit().Label("a/x", "production", {{3, 50}, {1, 50}})));
  int first = 0;
  for (int i = 0; i < 400; ++i) {
    ResolveOptions options;
    options.subject = "user-" + std::to_string(i);
    const auto version = Resolve("acme/a/x", options);
    ASSERT_OK(version);
    EXPECT_EQ(*version, *Resolve("acme/a/x", options));
    first += *version == "acme/a/x@v1" ? 1 : 0;
  }
  EXPECT_GT(first, 140);
  EXPECT_LT(first, 260);
}

TEST_F(LabelsTest, MissingThingsAreNamedWithWhatThereIs) {
  const auto kNotFound = absl::StatusCode::kNotFound;
  EXPECT_THAT(Resolve("acme/a/x"),
              ErrorIs(kNotFound, "LABEL_NOT_FOUND",
                      "no label \"production\" of acme/a/x; it has no labels; acme/a/x@latest is "
                      "its newest version"));
  ASSERT_OK(Label("acme/a/x@production", 1));
  ASSERT_OK(Label("acme/a/x@staging", 1));
  EXPECT_THAT(Resolve("acme/a/x@prod"),
              ErrorIs(kNotFound, "LABEL_NOT_FOUND",
                      "no label \"prod\" of acme/a/x; labels there are: production, staging"));
  EXPECT_THAT(Resolve("acme/a/y"), ErrorIs(kNotFound, "PROMPT_NOT_FOUND", HasSubstr("\"a/x\"")));
  EXPECT_THAT(Resolve("acme/a/x@v4"), ErrorIs(kNotFound, "VERSION_NOT_FOUND", HasSubstr("v3")));
  EXPECT_THAT(Resolve("acme/a/x@heads/y"), ErrorIs(kNotFound, "BRANCH_NOT_FOUND"));
  EXPECT_THAT(Resolve("acme/a/x@0000000"), ErrorIs(kNotFound, "COMMIT_NOT_FOUND"));
  EXPECT_THAT(Resolve("acme/a/x@" + std::string(40, '0')), ErrorIs(kNotFound, "COMMIT_NOT_FOUND"));
  EXPECT_THAT(Resolve("other/a/x"), ErrorIs(kNotFound, "REPOSITORY_NOT_FOUND"));
  EXPECT_THAT(registry_->Load("acme", "a/x", 9, "", Call()).status(),
              ErrorIs(kNotFound, "VERSION_NOT_FOUND"));
}

}  // namespace
}  // namespace colophon
