// Versions whose stored bytes don't match their hashes, and a cache too small
// for what it is asked to keep.

#include "service/base/hash.h"
#include "service/git/commit.h"
#include "tests/registry/fixture.h"

namespace colophon {
namespace {

using testing::HasSubstr;

class DamageTest : public RegistryFixture {
 protected:
  // Writes a version 2 of x as damage would have it, past the registry, and
  // opens the registry anew.
  void WriteVersion(const std::function<void(v1::Version*)>& damage) {
    ASSERT_OK(Publish(Edit().Write("x.prompt", "1")));
    auto version = store_->GetVersion("acme", "x", 1);
    ASSERT_OK(version);
    const auto head = ObjectId::FromHex(version->commit());
    StoredObjects objects(store_.get(), nullptr, "acme");
    const auto parent = ReadCommit(objects, *head);
    ASSERT_OK(parent);
    CommitFields fields = *parent;
    fields.message = "damage";
    ObjectStage stage(&objects);
    const ObjectId id = WriteCommit(stage, fields).value();

    ChangeTransaction transaction;
    transaction.repository = "acme";
    transaction.objects.push_back(*stage.objects().at(0));
    transaction.refs.push_back({"refs/heads/main", head, id});
    v1::Change& change = transaction.change.emplace();
    change.set_repository("acme");
    change.set_sequence(2);
    change.set_commit(id.hex());
    *change.mutable_change_time() = ToProto(clock_.Now());
    version->set_version(2);
    version->set_name("acme/x@v2");
    version->set_sequence(2);
    version->set_commit(id.hex());
    damage(&*version);
    transaction.versions.push_back(*version);
    PromptRow& row = transaction.prompts.emplace_back();
    row.prompt = "x";
    row.latest_version = 2;
    row.digest = version->digest();
    std::promise<absl::Status> done;
    store_->Commit(transaction, [&](const absl::Status& status) { done.set_value(status); });
    ASSERT_OK(done.get_future().get());
    registry_ = *Registry::Open(store_.get(), &clock_);
  }
};

TEST_F(DamageTest, AFileWithoutItsSha256IsRefused) {
  WriteVersion([](v1::Version* v) { v->mutable_files(0)->set_sha256(Sha256Hex("2")); });
  EXPECT_THAT(Resolve("acme/x@v2"),
              ErrorIs(absl::StatusCode::kDataLoss, "CORRUPT_VERSION", HasSubstr("x.prompt")));
  EXPECT_OK(Resolve("acme/x@v1"));
}

TEST_F(DamageTest, FilesWithoutTheirDigestAreRefused) {
  WriteVersion([](v1::Version* v) { v->set_digest(Sha256Hex("2")); });
  EXPECT_THAT(Resolve("acme/x@v2"),
              ErrorIs(absl::StatusCode::kDataLoss, "CORRUPT_VERSION", HasSubstr("digest")));
}

TEST_F(DamageTest, ABadBlobIdIsRefused) {
  WriteVersion([](v1::Version* v) { v->mutable_files(0)->set_blob("no id"); });
  EXPECT_THAT(Resolve("acme/x@v2"), ErrorIs(absl::StatusCode::kDataLoss, "CORRUPT_VERSION"));
}

TEST_F(DamageTest, ATinyCacheServesEverythingAllTheSame) {
  registry_ = *Registry::Open(store_.get(), &clock_, {.closure_cache_bytes = 1});
  for (int i = 0; i < 50; ++i) {
    ASSERT_OK(Publish(Edit().Write("p" + std::to_string(i) + ".prompt", std::to_string(i))));
  }
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 50; ++i) {
      const auto found = registry_->Resolve("acme/p" + std::to_string(i) + "@latest", {}, Call());
      ASSERT_OK(found);
      EXPECT_EQ(found->loaded->version.files(0).content(), std::to_string(i));
    }
  }
}

TEST_F(DamageTest, ACachedVersionIsTheSameObject) {
  ASSERT_OK(Publish(Edit().Write("x.prompt", "1")));
  const auto first = registry_->Resolve("acme/x@v1", {}, Call());
  const auto second = registry_->Resolve("acme/x@latest", {}, Call());
  EXPECT_EQ(first->loaded.get(), second->loaded.get());
  EXPECT_EQ(first->loaded->serialized, first->loaded->version.SerializeAsString());
}

}  // namespace
}  // namespace colophon
