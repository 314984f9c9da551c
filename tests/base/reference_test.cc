#include "service/base/reference.h"

#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST(ReferenceTest, ParsesEverySelector) {
  const auto plain = Reference::Parse("acme/support/triage");
  ASSERT_OK(plain);
  EXPECT_EQ(plain->repository, "acme");
  EXPECT_EQ(plain->prompt, "support/triage");
  EXPECT_FALSE(plain->has_selector);
  EXPECT_EQ(std::get<LabelSelector>(plain->selector).label, "production");

  EXPECT_EQ(std::get<VersionSelector>(Reference::Parse("a/b@v12")->selector).version, 12u);
  EXPECT_EQ(std::get<VersionSelector>(Reference::Parse("a/b@v4294967295")->selector).version,
            4294967295u);
  EXPECT_EQ(std::get<LabelSelector>(Reference::Parse("a/b@staging.eu-1_x")->selector).label,
            "staging.eu-1_x");
  EXPECT_EQ(std::get<LabelSelector>(Reference::Parse("a/b@abcdef")->selector).label, "abcdef");
  EXPECT_TRUE(std::holds_alternative<LatestSelector>(Reference::Parse("a/b@latest")->selector));
  EXPECT_EQ(std::get<CommitSelector>(Reference::Parse("a/b@3f2a9c1")->selector).hex, "3f2a9c1");
  EXPECT_EQ(std::get<BranchSelector>(Reference::Parse("a/b@heads/shorter")->selector).branch,
            "shorter");
}

TEST(ReferenceTest, ViewsAndCopiesMeanTheSame) {
  for (const char* text :
       {"a/b", "a/b@v7", "a/b@prod", "a/b@latest", "a/b@1234567", "acme/x/y/z@heads/try-1"}) {
    const auto reference = Reference::Parse(text);
    ASSERT_OK(reference);
    const auto direct = ReferenceView::Parse(text);
    const auto copied = ReferenceView::Of(*reference);
    EXPECT_EQ(direct->repository, copied.repository) << text;
    EXPECT_EQ(direct->prompt, copied.prompt) << text;
    EXPECT_EQ(direct->kind, copied.kind) << text;
    EXPECT_EQ(direct->version, copied.version) << text;
    EXPECT_EQ(direct->has_selector, copied.has_selector) << text;
    if (direct->kind != ReferenceView::Kind::kVersion &&
        direct->kind != ReferenceView::Kind::kLatest) {
      EXPECT_EQ(direct->selector, copied.selector) << text;
    }
  }
}

TEST(ReferenceTest, RefusesWhatIsNoReference) {
  const std::string cases[] = {
      "", "acme", "/", "acme/", "/triage", "acme//triage", "acme/a//b", "acme/a/", "Acme/a",
      "acme/_a", "-acme/a", "acme_x/a", "acme/a@", "acme/a@@", "acme/a@v0", "acme/a@v012",
      "acme/a@v4294967296", "acme/a@v99999999999999999999", "acme/a@heads/", "acme/a@heads/A",
      "acme/a@heads/a/b", "acme/a@refs/heads/-x", "acme/a@tags/x", "acme/a@a b", "acme@x/a",
      "acme/a@Prod", "acme/a@3F2A9C1",
      // Names that hurt elsewhere: paths, escapes, git, Unicode.
      "../../etc/passwd", "acme/a/../../b", "acme/%2e%2e%2f", "acme/a%2Fb", "acme/a\\..\\b",
      std::string("acme/a\0b", 8), "acme/refs/heads/-x", "acme/@", "acme/a@{1}", "acme/x.lock",
      "acme/.hidden", "acme/a..b", "acme/a.", "acme/\xff\xfe", "acme/caf\xc3\xa9",
      "acme/cafe\xcc\x81", "acme/.git", "acme/.GIT", "acme/git~1", "acme/.g\xe2\x80\x8cit",
      "acme/" + std::string(4096, 'a'), "acme/a@" + std::string(37, 'x'),
      "acme/a@" + std::string(41, 'a'), std::string(64, 'a') + "/b", "acme/a.prompt",
      "acme/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17"};
  for (const std::string& text : cases) {
    EXPECT_THAT(Reference::Parse(text),
                ErrorIs(kInvalid, "BAD_REFERENCE", HasSubstr("bad reference")))
        << Quoted(text);
  }
}

TEST(ReferenceTest, MessagesAreShortAndPrintable) {
  const auto error = Reference::Parse("acme/\xff\xfe" + std::string(4096, 'a'));
  ASSERT_THAT(error, ErrorIs(kInvalid, "BAD_REFERENCE"));
  EXPECT_LT(MessageOf(error.status()).size(), 500u);
  EXPECT_THAT(MessageOf(error.status()), HasSubstr("\\xff\\xfe"));
}

// One rule for a prompt, wherever it is named: in words, with the character as people read it.
TEST(ReferenceTest, ARefusalNamesTheCharacter) {
  const struct {
    const char* path;
    const char* words;
  } cases[] = {
      {"Bad Name", "\" \" is not allowed, only A-Z, a-z, 0-9, \"_\", \".\" and \"-\""},
      {"요약", "bad prompt \"요약\": \"요\" is not allowed"},
      {"caf\xe9", "\"\\xe9\" is not allowed"},
      {"a/_tone", "it begins with \"_\" as a partial does"},
      {"-a", "it must begin with A-Z, a-z or 0-9"},
  };
  for (const auto& test : cases) {
    EXPECT_THAT(CheckPromptPath(test.path), ErrorIs(kInvalid, "BAD_PROMPT", HasSubstr(test.words)));
  }
  EXPECT_OK(CheckPromptPath("support/tellJoke"));
  EXPECT_THAT(CheckFilePath("요약.prompt"),
              ErrorIs(kInvalid, "BAD_PATH", HasSubstr("\"요\" is not allowed")));
  EXPECT_THAT(Reference::Parse("acme/한국"),
              ErrorIs(kInvalid, "BAD_REFERENCE", HasSubstr("bad reference \"acme/한국\"")));
}

TEST(ReferenceTest, NamesOfOtherThings) {
  EXPECT_EQ(PromptName::Parse("acme/support/triage")->prompt, "support/triage");
  EXPECT_THAT(PromptName::Parse("acme/triage@v1"), ErrorIs(kInvalid, "BAD_REFERENCE"));
  EXPECT_EQ(LabelName::Parse("acme/a/b@prod")->label, "prod");
  for (const char* text : {"acme/a/b", "acme/a@v1", "acme/a@latest", "acme/a@1234567"}) {
    EXPECT_THAT(LabelName::Parse(text), ErrorIs(kInvalid, "BAD_REFERENCE")) << text;
  }
  EXPECT_EQ(ScopeName::Parse("acme")->rest, "");
  EXPECT_EQ(ScopeName::Parse("acme/a/b")->rest, "a/b");
  EXPECT_THAT(ScopeName::Parse("acme/"), ErrorIs(kInvalid, "BAD_REFERENCE"));
  EXPECT_EQ(ScopeName::ParsePrefix("acme/sup")->rest, "sup");
  EXPECT_EQ(ScopeName::ParsePrefix("acme/support/")->rest, "support/");
  EXPECT_EQ(ScopeName::ParsePrefix("acme/Sup")->rest, "Sup");
  EXPECT_THAT(ScopeName::ParsePrefix("acme/s p"), ErrorIs(kInvalid, "BAD_PROMPT"));
  EXPECT_THAT(ScopeName::ParsePrefix("Acme/sup"), ErrorIs(kInvalid, "BAD_REPOSITORY"));
}

TEST(NamesTest, LabelsAreNeitherVersionsNorCommits) {
  for (const char* good : {"production", "v", "v12a", "1.0", "2024-01", "abcdef", "deadbeefx"}) {
    EXPECT_OK(CheckLabel(good)) << good;
  }
  for (const char* bad : {"", "v1", "v0123", "latest", "deadbee", "1234567", "Prod", "a/b", "a b",
                          ".a", "-a", "_a", "a..b", "a.", "a.lock"}) {
    EXPECT_THAT(CheckLabel(bad), ErrorIs(kInvalid, "BAD_LABEL")) << bad;
  }
}

TEST(NamesTest, BranchesAndRepositories) {
  EXPECT_OK(CheckBranch("shorter"));
  EXPECT_OK(CheckBranch(std::string(63, 'b')));
  for (const std::string bad : {"", "-x", "@", "x.lock", ".x", "a..b", "x.", "a/b", "A"}) {
    EXPECT_THAT(CheckBranch(bad), ErrorIs(kInvalid, "BAD_BRANCH")) << bad;
  }
  EXPECT_THAT(CheckBranch(std::string(64, 'b')), ErrorIs(kInvalid, "BAD_BRANCH"));
  EXPECT_OK(CheckRepositoryName(std::string(63, 'r')));
  for (const std::string bad : {"", "-x", "a.b", "a_b", "A", "a/b"}) {
    EXPECT_THAT(CheckRepositoryName(bad), ErrorIs(kInvalid, "BAD_REPOSITORY")) << bad;
  }
}

TEST(NamesTest, FilePathsOfATree) {
  for (const char* good : {"README.md", "support/_tone.prompt", ".editorconfig", ".gitignore",
                           "a/b-c/D_e.F", "tools/get.tool.json"}) {
    EXPECT_OK(CheckFilePath(good)) << good;
  }
  const std::string cases[] = {"",
                               "/",
                               "/a",
                               "a/",
                               "a//b",
                               ".",
                               "..",
                               "a/../b",
                               "./a",
                               ".git",
                               ".GIT/config",
                               "a/.Git/x",
                               ".git.",
                               ".gitmodules",
                               "a/.GitModules",
                               "git~1",
                               "-a",
                               "a b",
                               "a\\b",
                               "a\nb",
                               "caf\xc3\xa9",
                               std::string("a\0b", 3),
                               std::string(256, 'a'),
                               "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17"};
  for (const std::string& bad : cases) {
    EXPECT_THAT(CheckFilePath(bad), ErrorIs(kInvalid, "BAD_PATH")) << Quoted(bad);
  }
}

// Kind: names that another system takes for something else.
TEST(NamesTest, FilePathsMeanTheSameEverywhere) {
  for (const char* bad : {"con",
                          "con.prompt",
                          "AUX.prompt",
                          "a/nul.md",
                          "prn.schema.json",
                          "com1",
                          "LPT9.x",
                          "com0.prompt/a",
                          "p.Prompt",
                          "a/p.PROMPT",
                          "p.Labels.yaml",
                          "t.schema.JSON",
                          "t.TOOL.json",
                          "_.prompt",
                          "a/_.prompt",
                          ".prompt",
                          "a/.labels.yaml",
                          ".schema.json",
                          ".tool.json",
                          "p.labels.yaml/x",
                          "p.labels.yaml/x.prompt",
                          "a/p.prompt/b.md",
                          "p.Prompt/x",
                          "t.tool.json/x"}) {
    EXPECT_THAT(CheckFilePath(bad), ErrorIs(kInvalid, "BAD_PATH")) << bad;
  }
  for (const char* good :
       {"console.prompt", "com.prompt", "com10.prompt", "auxiliary/a.prompt", "lpt",
        "labels.yaml/x", "p.labels.yml/x", "prompt/x.md", "a.promptx", "__.prompt"}) {
    EXPECT_OK(CheckFilePath(good)) << good;
  }
}

TEST(NamesTest, FilesAreKnownByTheirNames) {
  EXPECT_EQ(KindOfFile("a/triage.prompt"), FileKind::kPrompt);
  EXPECT_EQ(KindOfFile("a/_tone.prompt"), FileKind::kPartial);
  EXPECT_EQ(KindOfFile("_tone.prompt"), FileKind::kPartial);
  EXPECT_EQ(KindOfFile("a/triage.labels.yaml"), FileKind::kLabels);
  EXPECT_EQ(KindOfFile("t.schema.json"), FileKind::kSchema);
  EXPECT_EQ(KindOfFile("t.tool.json"), FileKind::kTool);
  EXPECT_EQ(KindOfFile("README.md"), FileKind::kOther);
  EXPECT_EQ(PromptOfPath("a/triage.prompt"), "a/triage");
  EXPECT_EQ(PromptOfPath("a/_tone.prompt"), "");
  EXPECT_EQ(PromptOfPath("a/triage.md"), "");
  EXPECT_EQ(PromptOfLabelsPath("a/triage.labels.yaml"), "a/triage");
  EXPECT_EQ(PathOfPrompt("a/b"), "a/b.prompt");
  EXPECT_EQ(LabelsPathOfPrompt("a/b"), "a/b.labels.yaml");
  EXPECT_EQ(VersionName("acme", "a/b", 12), "acme/a/b@v12");
}

}  // namespace
}  // namespace colophon
