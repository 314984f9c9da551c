#include "client/cpp/reference_parts.h"

#include "gtest/gtest.h"

namespace colophon {
namespace {

using Kind = ReferenceParts::Kind;

TEST(ReferencePartsTest, TellsWhatMayMove) {
  struct {
    const char* reference;
    Kind kind;
    const char* label;
  } const cases[] = {
      {"acme/support/triage", Kind::kLabel, "production"},
      {"acme/support/triage@production", Kind::kLabel, "production"},
      {"acme/support/triage@v12", Kind::kFixed, ""},
      {"acme/support/triage@v12a", Kind::kLabel, "v12a"},
      {"acme/support/triage@v", Kind::kLabel, "v"},
      {"acme/support/triage@3f2a9c1", Kind::kFixed, ""},
      {"acme/support/triage@3f2a9c", Kind::kLabel, "3f2a9c"},
      {"acme/support/triage@latest", Kind::kLatest, "latest"},
      {"acme/support/triage@heads/shorter", Kind::kBranch, ""},
  };
  for (const auto& c : cases) {
    const ReferenceParts parts = ReferenceParts::Of(c.reference);
    EXPECT_EQ(parts.kind, c.kind) << c.reference;
    EXPECT_EQ(parts.label, c.label) << c.reference;
    EXPECT_EQ(parts.repository, "acme");
    EXPECT_EQ(parts.prompt, "support/triage");
  }
}

TEST(ReferencePartsTest, LeavesNonsenseToTheServer) {
  EXPECT_EQ(ReferenceParts::Of("").repository, "");
  EXPECT_EQ(ReferenceParts::Of("acme").prompt, "");
  EXPECT_EQ(ReferenceParts::Of("@").repository, "");
}

}  // namespace
}  // namespace colophon
