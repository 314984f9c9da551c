// Commits made with the git program, pushed as they are.

#include "fmt/format.h"
#include "service/git/commit.h"
#include "service/git/exporter.h"
#include "service/git/pushed_objects.h"
#include "service/git/tree_edit.h"
#include "service/store/git_object.h"
#include "tests/git/git_folder.h"
#include "tests/registry/fixture.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kAborted = absl::StatusCode::kAborted;

class PushTest : public RegistryFixture {
 protected:
  // Pushes what the folder has and `known` hasn't.
  absl::StatusOr<v1::PublishResponse> PushMain(const std::string& known = "") {
    const ObjectId tip = folder_.IdOf("main");
    return Push({"acme", tip, folder_.ObjectsOf("main " + known)});
  }
  absl::StatusOr<v1::PublishResponse> PushDraft(const std::string& branch, const ObjectId& expected,
                                                const std::string& known = "") {
    return Push({.repository = "acme",
                 .tip = folder_.IdOf("HEAD"),
                 .objects = folder_.ObjectsOf("HEAD " + known),
                 .branch = branch,
                 .expected = expected});
  }
  // Refused, with these words, and nothing is kept.
  void ExpectRefused(absl::StatusCode code, const char* reason, const std::string& words) {
    const std::string before = Dump();
    const size_t objects = store_->FindObjects("acme", "", 10'000)->size();
    EXPECT_THAT(PushMain(), ErrorIs(code, reason, HasSubstr(words)));
    EXPECT_EQ(Dump(), before);
    EXPECT_EQ(store_->FindObjects("acme", "", 10'000)->size(), objects);
    // The writer stands where it stood.
    EXPECT_OK(Publish(Edit().Write("after.md", folder_.Git("rev-parse main"))));
  }
  std::string CommitAt(int64_t sequence) { return store_->GetChange("acme", sequence)->commit(); }
  void ExpectSound() {
    const auto found = store_->Verify();
    ASSERT_OK(found);
    EXPECT_EQ(found->problems_size(), 0) << found->DebugString();
  }

  const GitFolder folder_{directory_ / "folder"};
};

TEST_F(PushTest, EachCommitIsAChangeAndStaysAsItIs) {
  folder_.Write("support/greet.prompt", "{{> tone}} Hello");
  folder_.Write("support/_tone.prompt", "Kind.");
  folder_.Write("README.md", "Prompts");
  const ObjectId first = folder_.Commit("Greet\n\nBecause it is polite.");
  folder_.Write("support/_tone.prompt", "Curt.");
  folder_.Write("support/greet.labels.yaml", "production: v2\n");
  const ObjectId second = folder_.Commit("Be curt");
  folder_.Write("README.md", "All prompts");
  const ObjectId third = folder_.Commit("Say more");
  clock_.Advance(absl::Seconds(7));

  const auto pushed = PushMain();
  ASSERT_OK(pushed);
  EXPECT_EQ(pushed->change().sequence(), 3);
  EXPECT_EQ(pushed->change().commit(), third.hex());
  EXPECT_THAT(pushed->change().paths(), ElementsAre("README.md"));
  EXPECT_EQ(CommitAt(1), first.hex());
  EXPECT_EQ(CommitAt(2), second.hex());
  const v1::Change change = store_->GetChange("acme", 1).value();
  EXPECT_EQ(change.author(), "Ada Lovelace <ada@example.com>");
  EXPECT_EQ(change.description(), "Greet\n\nBecause it is polite.");
  EXPECT_EQ(FromProto(change.change_time()), clock_.Now()) << "when it came, not when it was made";
  EXPECT_EQ(Resolve("acme/support/greet@production").value(), "acme/support/greet@v2");
  EXPECT_EQ(Resolve("acme/support/greet@" + first.hex()).value(), "acme/support/greet@v1");

  // The same again alters nothing.
  const auto again = PushMain();
  ASSERT_OK(again);
  EXPECT_FALSE(again->has_change());
  // A publish goes on from there, and a push from the publish.
  ASSERT_OK(Publish(Edit().Write("support/greet.prompt", "Good evening")));
  ExpectSound();
  Reopen();
  EXPECT_EQ(Resolve("acme/support/greet@latest").value(), "acme/support/greet@v3");

  ASSERT_OK(ExportRepository(store_.get(), "acme", directory_ / "export.git"));
  folder_.Git("-c safe.directory='*' fetch -q ../export.git main");
  EXPECT_EQ(folder_.Git("rev-parse FETCH_HEAD~1"), third.hex() + "\n");
  EXPECT_THAT(folder_.Git("fsck --strict --full --no-dangling"), IsEmpty());
  folder_.Git("merge -q --ff-only FETCH_HEAD");
  folder_.Write("support/greet.prompt", "Good morning");
  folder_.Commit("Greet earlier");
  ASSERT_OK(PushMain("^FETCH_HEAD"));
  EXPECT_EQ(Resolve("acme/support/greet@latest").value(), "acme/support/greet@v4");
  ExpectSound();
}

TEST_F(PushTest, ASignatureStaysByteForByte) {
  folder_.Write("a.prompt", "1");
  const ObjectId plain = folder_.Commit("Sign this");
  std::string text = folder_.Git("cat-file commit main");
  text.insert(text.find("\n\n"),
              "\ngpgsig -----BEGIN SSH SIGNATURE-----\n U1NIU0lH\n -----END SSH SIGNATURE-----");
  WriteFile(directory_ / "signed", text);
  const std::string id = folder_.Git("hash-object -t commit -w ../signed");
  folder_.Git("reset -q --soft " + id);
  const auto pushed = PushMain();
  ASSERT_OK(pushed);
  EXPECT_NE(pushed->change().commit(), plain.hex());
  const auto object = store_->GetObject("acme", *ObjectId::FromHex(pushed->change().commit()));
  ASSERT_OK(object);
  EXPECT_EQ(object->data, text);
}

TEST_F(PushTest, AMergeIsOneChangeAndBringsItsHistory) {
  folder_.Write("a.prompt", "1");
  folder_.Commit("first");
  folder_.Git("switch -q -c side");
  folder_.Write("b.prompt", "2");
  const ObjectId side = folder_.Commit("on the side");
  folder_.Write("b.prompt", "3");
  folder_.Commit("on the side, again");
  folder_.Git("switch -q main");
  folder_.Write("c.prompt", "4");
  folder_.Commit("on main");
  folder_.Git("merge -q --no-ff -m 'Take the side in' side");
  const auto pushed = PushMain();
  ASSERT_OK(pushed);
  EXPECT_EQ(pushed->change().sequence(), 3);
  EXPECT_EQ(Resolve("acme/b@latest").value(), "acme/b@v1");
  EXPECT_TRUE(store_->HasObject("acme", side).value());
  ExpectSound();
  // A commit that alters nothing is a change, too.
  folder_.Commit("Nothing");
  EXPECT_EQ(PushMain()->change().sequence(), 4);
}

TEST_F(PushTest, OnlyAFastForwardIsTaken) {
  folder_.Write("a.prompt", "1");
  folder_.Commit("first");
  ASSERT_OK(PushMain());
  folder_.Write("a.prompt", "2");
  folder_.Commit("second");
  ASSERT_OK(PushMain());
  // Another history from the first commit on.
  folder_.Git("reset -q --hard HEAD~1");
  folder_.Write("b.prompt", "3");
  folder_.Commit("other");
  EXPECT_THAT(PushMain(), ErrorIs(kAborted, "NOT_FAST_FORWARD", HasSubstr("change 2")));
  // Back.
  folder_.Git("reset -q --hard HEAD~1");
  EXPECT_THAT(PushMain(), ErrorIs(kAborted, "NOT_FAST_FORWARD"));
  // A history of its own.
  folder_.Git("checkout -q --orphan own");
  folder_.Git("branch -q -D main");
  folder_.Git("branch -q -m main");
  folder_.Commit("own");
  ExpectRefused(kAborted, "NOT_FAST_FORWARD", "git pull --rebase");
}

TEST_F(PushTest, WhatEditsAreRefusedForCommitsAreToo) {
  const struct {
    const char* path;
    std::string content;
    absl::StatusCode code;
    const char* reason;
    const char* words;
  } cases[] = {
      {"a.prompt", "{{#if}", kInvalid, "BAD_FILE", "a.prompt:1"},
      {"a.prompt", "{{> nothing}}", kInvalid, "BAD_FILE", "nothing"},
      {"x.schema.json", "{", kInvalid, "BAD_FILE", "x.schema.json"},
      {"good.labels.yaml", "production: v9", kInvalid, "BAD_FILE", "v9"},
      {".bad/a.prompt", "1", kInvalid, "BAD_PATH", ".bad"},
      {"_p.prompt", "\xff", kInvalid, "BAD_FILE", "UTF-8"},
      {"GOOD.prompt", "1", kInvalid, "CASE_TWINS", "GOOD"},
      {"docs/my file.md", "1", kInvalid, "BAD_PATH", "my file"},
      {"large.md", std::string((1 << 20) + 1, 'x'), kInvalid, "FILE_TOO_LARGE", "1048577"},
  };
  folder_.Write("good.prompt", "1");
  folder_.Commit("good");
  folder_.Git("tag good");
  for (const auto& c : cases) {
    SCOPED_TRACE(c.path);
    folder_.Git("reset -q --hard good");
    folder_.Write("other.prompt", "a good change before the bad one");
    folder_.Commit("before");
    folder_.Write(c.path, c.content);
    folder_.Commit("bad");
    const auto pushed = PushMain();
    EXPECT_THAT(pushed, ErrorIs(c.code, c.reason, HasSubstr(c.words)));
    EXPECT_EQ(registry_->Sequence("acme").value(), 0);
  }
  folder_.Git("reset -q --hard good");
  ASSERT_OK(PushMain());
  EXPECT_EQ(store_->FindObjects("acme", "", 1000)->size(), 3u) << "of what was refused, none";
  for (const char* message : {"", " \n", "bell \a"}) {
    folder_.Git("reset -q --hard good");
    folder_.Write("other.prompt", "1");
    folder_.Commit(message);
    EXPECT_THAT(PushMain(), ErrorIs(kInvalid, "BAD_DESCRIPTION")) << message;
  }
  folder_.Git("reset -q --hard good");
  folder_.Git("rm -q good.prompt");
  folder_.Write("good.labels.yaml", "production: v1");
  folder_.Commit("a label of nothing");
  EXPECT_THAT(PushMain(), ErrorIs(absl::StatusCode::kFailedPrecondition, "LABEL_NAMES_ARCHIVED"));
}

TEST_F(PushTest, ModesThatPromptsDoNotHaveAreRefusedForPromptsAndKeptForTheRest) {
  folder_.Write("a.prompt", "1");
  folder_.Commit("good");
  ASSERT_OK(PushMain());
  const std::string one = folder_.WriteBlob("1");
  const std::string modes[] = {"120000", "160000", "100755", "100664"};
  for (const char* path : {"b.prompt", "_p.prompt", "a.labels.yaml", "s.schema.json"}) {
    for (const std::string& mode : modes) {
      SCOPED_TRACE(mode + " " + path);
      const std::string id = mode == "160000" ? std::string(40, '7') : one;
      const std::string type = mode == "160000" ? "commit" : "blob";
      const std::string tree = folder_.MakeTree(
          fmt::format("{}{} {} {}\t{}\n", folder_.Git("ls-tree main"), mode, type, id, path));
      folder_.Git(
          fmt::format("update-ref refs/heads/main $(git commit-tree -p main -m bad {})", tree));
      EXPECT_THAT(PushMain(),
                  ErrorIs(absl::StatusCode::kFailedPrecondition, "FILE_MODE",
                          testing::AllOf(HasSubstr(mode), HasSubstr(fmt::format("\"{}\"", path)))));
      folder_.Git("update-ref refs/heads/main main~1");
    }
  }
  std::string lines = folder_.Git("ls-tree main");
  for (const std::string& mode : modes) {
    const bool is_module = mode == "160000";
    lines += fmt::format("{} {} {}\tkept-{}.md\n", mode, is_module ? "commit" : "blob",
                         is_module ? std::string(40, '7') : one, mode);
  }
  const std::string tree = folder_.MakeTree(lines);
  folder_.Git(
      fmt::format("update-ref refs/heads/main $(git commit-tree -p main -m kept {})", tree));
  const auto pushed = PushMain();
  ASSERT_OK(pushed);
  EXPECT_EQ(pushed->change().paths_size(), 4);
  const std::string before = store_->GetObject("acme", GitFolder::IdOfText(tree))->data;
  // An edit beside them leaves their bytes as they are.
  const auto edited = Publish(Edit().Write("b.prompt", "2"));
  ASSERT_OK(edited);
  StoredObjects objects(store_.get(), nullptr, "acme");
  ObjectStage stage(&objects);
  const auto commit = ReadCommit(stage, *ObjectId::FromHex(edited->change().commit()));
  const std::string after = (*stage.Get(commit->tree, ObjectType::kTree))->data;
  const size_t kept = before.find("100755 kept");
  ASSERT_NE(kept, std::string::npos);
  for (const std::string& mode : modes) {
    const size_t begin = before.find(mode + " kept");
    ASSERT_NE(begin, std::string::npos) << mode;
    EXPECT_THAT(after, HasSubstr(before.substr(begin, 6 + 1 + 14 + 1 + 20)));
  }
  ExpectSound();
}

TEST_F(PushTest, ObjectsHaveToBeThereAndSound) {
  folder_.Write("a.prompt", "1");
  folder_.Write("d/b.md", "2");
  const ObjectId tip = folder_.Commit("first");
  const std::vector<SharedObject> all = folder_.ObjectsOf("main");
  for (const SharedObject& missing : all) {
    std::vector<SharedObject> objects = all;
    std::erase(objects, missing);
    EXPECT_THAT(Push({"acme", tip, objects}),
                ErrorIs(kInvalid, "BAD_OBJECT", HasSubstr(missing->id.hex())));
  }
  std::vector<SharedObject> changed = all;
  changed[1] = std::make_shared<const Object>(Object{all[1]->id, all[1]->type, "x"});
  EXPECT_THAT(Push({"acme", tip, changed}), ErrorIs(kInvalid, "BAD_OBJECT", HasSubstr("hashes")));

  // Trees that git would not write.
  NoObjects nothing;
  ObjectStage stage(&nothing);
  const ObjectId blob = stage.Put(ObjectType::kBlob, "1");
  const auto entry = [&](const std::string& mode_and_name) {
    return mode_and_name + '\0' + std::string(blob.bytes());
  };
  for (const std::string& bytes :
       {entry("100644 b.md") + entry("100644 a.md"), entry("100644 a.md") + entry("100644 a.md"),
        entry("100644 .GIT"), entry("100644 .."), entry("100644 a/b"), entry("100600 a.md"),
        entry("40000 a"), std::string("100644 a"), entry("1 x"), std::string(1, '\0')}) {
    CommitFields fields;
    fields.tree = stage.Put(ObjectType::kTree, bytes);
    fields.author = fields.committer = "Ada <ada@example.com>";
    fields.time = clock_.Now();
    fields.message = "bad";
    const ObjectId bad = WriteCommit(stage, fields).value();
    EXPECT_THAT(Push({"acme", bad, stage.objects()}), ErrorIs(kInvalid, "BAD_OBJECT")) << bytes;
  }
  EXPECT_THAT(Push({"acme", blob, stage.objects()}), ErrorIs(kInvalid, "BAD_OBJECT"));
  EXPECT_THAT(Push({"nowhere", tip, all}),
              ErrorIs(absl::StatusCode::kNotFound, "REPOSITORY_NOT_FOUND"));
  EXPECT_THAT(store_->FindObjects("acme", "", 10).value(), IsEmpty());
  EXPECT_OK(Push({"acme", tip, all}));
}

// A change that they came with may fail, and the push not.
TEST_F(PushTest, ObjectsOnTheirWayToTheDiskAreTakenAlong) {
  folder_.Write("a.prompt", "1");
  const ObjectId tip = folder_.Commit("first");
  StoredObjects durable(store_.get(), nullptr, "acme");
  ObjectStage pending(&durable);
  std::vector<SharedObject> pushed = folder_.Objects();
  const auto is_blob = [](const SharedObject& o) { return o->type == ObjectType::kBlob; };
  for (const SharedObject& object : pushed) {
    if (is_blob(object)) pending.Put(object);
  }
  std::erase_if(pushed, is_blob);
  PushedObjects objects(&durable, &pending, pushed);
  const auto taken = objects.Take(tip);
  ASSERT_OK(taken);
  EXPECT_EQ(std::count_if(taken->begin(), taken->end(), is_blob), 1);
  EXPECT_EQ(taken->size(), 3u);
  // What is durable stays where it is.
  ASSERT_OK(PushMain());
  PushedObjects again(&durable, &durable, folder_.Objects());
  EXPECT_THAT(*again.Take(tip), IsEmpty());
}

TEST_F(PushTest, HasItsLimits) {
  NoObjects nothing;
  ObjectStage stage(&nothing);
  std::vector<ObjectId> commits;
  CommitFields fields;
  fields.author = fields.committer = "Ada <ada@example.com>";
  fields.time = clock_.Now();
  fields.message = "one more";
  for (int i = 0; i <= kMaxPushedCommits; ++i) {
    fields.tree =
        EditTree(stage, {}, {{"a.prompt", stage.Put(ObjectType::kBlob, fmt::format("{}", i))}})
            .value();
    if (i > 0) fields.parents = {commits.back()};
    commits.push_back(WriteCommit(stage, fields).value());
  }
  EXPECT_THAT(Push({"acme", commits.back(), stage.objects()}),
              ErrorIs(kInvalid, "TOO_MANY_COMMITS", HasSubstr("in parts")));
  ASSERT_OK(Push({"acme", commits[kMaxPushedCommits - 1], stage.objects()}));
  EXPECT_EQ(Resolve("acme/a@latest").value(), fmt::format("acme/a@v{}", kMaxPushedCommits));
  ASSERT_OK(Push({"acme", commits.back(), stage.objects()}));
  ExpectSound();

  std::vector<SharedObject> large;
  for (size_t i = 0; i <= kMaxPushedBytes >> 24; ++i) {
    const std::string text(1 << 24, static_cast<char>('a' + i));
    const ObjectId id = HashObject(ObjectType::kBlob, text);
    large.push_back(std::make_shared<const Object>(Object{id, ObjectType::kBlob, text}));
  }
  EXPECT_THAT(Push({"acme", commits.back(), large}), ErrorIs(kInvalid, "PUSH_TOO_LARGE"));
}

// A push, publishes and labels at the same time each stand on what was before.
TEST_F(PushTest, PushesAndPublishesTakeTurns) {
  folder_.Write("a.prompt", "0");
  folder_.Commit("first");
  ASSERT_OK(PushMain());
  std::vector<std::future<absl::StatusOr<v1::PublishResponse>>> pushes;
  for (int i = 0; i < 8; ++i) {
    folder_.Write("a.prompt", std::to_string(i + 1));
    folder_.Commit(fmt::format("push {}", i));
    PushedCommits commits{"acme", folder_.IdOf("main"), folder_.ObjectsOf("main")};
    pushes.push_back(std::async(std::launch::async, [this, commits] { return Push(commits); }));
  }
  int taken = 0;
  for (auto& push : pushes) {
    const auto response = push.get();
    if (response.ok()) ++taken;
  }
  EXPECT_GE(taken, 1);
  EXPECT_EQ(registry_->Sequence("acme").value(), 9) << "the last tip has all of them";
  ASSERT_OK(Publish(Edit().Write("a.prompt", "end").Label("a", "production", {{0, 0}})));
  EXPECT_EQ(Resolve("acme/a@production").value(), "acme/a@v10");
  ExpectSound();
}

// Wherever it leaves main, and whatever stood there before.
TEST_F(PushTest, ADraftIsItsTip) {
  folder_.Write("a.prompt", "1");
  const ObjectId first = folder_.Commit("first");
  folder_.Write("a.prompt", "2");
  folder_.Commit("second");
  ASSERT_OK(PushMain());
  folder_.Git("switch -q -c shorter " + first.hex());
  folder_.Write("b.prompt", "{{> tone}}");
  folder_.Write("_tone.prompt", "Kind.");
  folder_.Write("a.labels.yaml", "production: v1\n");
  folder_.Commit("on the way");
  folder_.Write("b.prompt", "{{> tone}} Shorter");
  const ObjectId tip = folder_.Commit("Shorter");
  const auto pushed = PushDraft("shorter", {});
  ASSERT_OK(pushed);
  EXPECT_EQ(pushed->change().sequence(), 0);
  EXPECT_EQ(pushed->change().commit(), tip.hex());
  EXPECT_EQ(Resolve("acme/b@heads/shorter").value(), "acme/b@" + tip.hex());
  EXPECT_EQ(Resolve("acme/a@latest").value(), "acme/a@v2");
  ExpectSound();

  // Rewritten, by who knows where it stands, and only by them.
  folder_.Git("commit -q --amend -m 'Said better'");
  const ObjectId better = folder_.IdOf("HEAD");
  EXPECT_THAT(PushDraft("shorter", {}), ErrorIs(kAborted, "DRAFT_MOVED", HasSubstr(tip.hex())));
  EXPECT_THAT(PushDraft("shorter", first), ErrorIs(kAborted, "DRAFT_MOVED"));
  EXPECT_THAT(PushDraft("other", tip), ErrorIs(kAborted, "DRAFT_MOVED", HasSubstr("nowhere")));
  ASSERT_OK(PushDraft("shorter", tip));
  EXPECT_EQ(Resolve("acme/b@heads/shorter").value(), "acme/b@" + better.hex());
  EXPECT_EQ(Resolve("acme/b@" + tip.hex()).value(), "acme/b@" + tip.hex()) << "records name it";
  // To what is here already, without an object.
  ASSERT_OK(
      Push({.repository = "acme", .tip = first, .objects = {}, .branch = "old", .expected = {}}));
  ASSERT_OK(Push({.repository = "acme",
                  .tip = first,
                  .objects = {},
                  .branch = "shorter",
                  .expected = better}));
  EXPECT_THAT(Resolve("acme/b@heads/shorter"),
              ErrorIs(absl::StatusCode::kNotFound, "PROMPT_NOT_FOUND"));
  EXPECT_EQ(Resolve("acme/a@heads/shorter").value(), "acme/a@v1") << "a commit of main";
  ExpectSound();
  Reopen();
  EXPECT_EQ(Resolve("acme/a@heads/old").value(), "acme/a@v1");
}

TEST_F(PushTest, ABadDraftIsRefused) {
  folder_.Write("a.prompt", "1");
  folder_.Commit("first");
  ASSERT_OK(PushMain());
  folder_.Write("a.prompt", "{{x");
  const ObjectId tip = folder_.Commit("broken");
  EXPECT_THAT(PushDraft("x", {}), ErrorIs(kInvalid, "BAD_FILE", HasSubstr("a.prompt:1:1")));
  EXPECT_THAT(PushDraft("main", {}), ErrorIs(kInvalid, "BAD_BRANCH"));
  EXPECT_THAT(PushDraft("-x", {}), ErrorIs(kInvalid, "BAD_BRANCH"));
  EXPECT_THAT(
      Push({.repository = "acme", .tip = tip, .objects = {}, .branch = "x", .expected = {}}),
      ErrorIs(kInvalid, "BAD_OBJECT"));
  EXPECT_THAT(Resolve("acme/a@heads/x"), ErrorIs(absl::StatusCode::kNotFound, "BRANCH_NOT_FOUND"));
  ExpectSound();
}

}  // namespace
}  // namespace colophon
