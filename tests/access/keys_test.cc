// Who is let in, by keys in a real store, and for how long.

#include "service/access/keys.h"

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "service/store/rocksdb/rocksdb_store.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kShop[] =
    "key { caller: 'shop' grants { role: ACCESS_ROLE_CALLER repository: 'acme' } }";

class KeysTest : public testing::Test {
 protected:
  void SetUp() override { Open(true); }

  void Open(bool required) {
    keys_ = nullptr;
    store_ = nullptr;
    auto store = OpenRocksdbStore(dir_ / "store");
    ASSERT_OK(store);
    store_ = *std::move(store);
    auto keys = Keys::Open(store_.get(), &clock_, required);
    ASSERT_OK(keys);
    keys_ = *std::move(keys);
  }

  absl::StatusOr<v1::CreateKeyResponse> Create(const std::string& text, const Call& call = {}) {
    v1::CreateKeyRequest request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
    return keys_->CreateKey(request, call);
  }
  std::string SecretOfNew(const std::string& text, const Call& call = {}) {
    const auto made = Create(text, call);
    EXPECT_OK(made);
    return made.ok() ? made->secret() : "";
  }
  absl::StatusOr<std::shared_ptr<const ServedKey>> Show(const std::string& secret) {
    return keys_->Authenticate({"Bearer " + secret, ""});
  }
  // Who comes with that key.
  Call CallOf(const std::string& secret) {
    const auto key = Show(secret);
    EXPECT_OK(key);
    Call call;
    call.caller = (*key)->caller();
    call.permissions = *key;
    return call;
  }
  std::vector<std::string> Callers(const v1::ListKeysRequest& request = {}, const Call& call = {}) {
    const auto listed = keys_->ListKeys(request, call);
    EXPECT_OK(listed);
    std::vector<std::string> callers;
    for (const v1::Key& key : listed->keys()) callers.push_back(key.caller());
    return callers;
  }
  v1::Key KeyOf(const std::string& id) {
    v1::ListKeysRequest request;
    request.set_show_ended(true);
    const auto listed = keys_->ListKeys(request, {});
    EXPECT_OK(listed);
    for (const v1::Key& key : listed->keys()) {
      if (key.id() == id) return key;
    }
    ADD_FAILURE() << "no key " << id;
    return {};
  }

  TempDir dir_;
  FakeClock clock_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Keys> keys_;
};

TEST_F(KeysTest, OneThatWasMadeLetsItsHolderInAlsoAfterARestart) {
  ASSERT_OK_AND_ASSIGN(const auto made, Create(kShop));
  EXPECT_TRUE(made.keys_required());
  EXPECT_EQ(made.key().caller(), "shop");
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK_AND_ASSIGN(const auto key, Show(made.secret()));
    ASSERT_NE(key, nullptr);
    EXPECT_EQ(key->caller(), "shop");
    EXPECT_OK(key->Check(Right::kCall, {"acme", "greet"}));
    EXPECT_THAT(key->Check(Right::kPublish, {"acme", "greet"}),
                ErrorIs(StatusCode::kPermissionDenied, "RIGHT_MISSING"));
    Open(true);
  }
}

// Only the hash of a secret is kept: the store's files don't have it.
TEST_F(KeysTest, TheSecretIsNotInTheStore) {
  ASSERT_OK_AND_ASSIGN(const auto made, Create(kShop));
  ASSERT_OK_AND_ASSIGN(const auto rows, store_->ListKeys());
  ASSERT_EQ(rows.size(), 1);
  EXPECT_EQ(rows[0].SerializeAsString().find(made.secret().substr(15)), std::string::npos);
}

TEST_F(KeysTest, NobodyElseIsLetIn) {
  const std::string secret = SecretOfNew(kShop);
  std::string guessed = secret;
  guessed.back() = guessed.back() == 'a' ? 'b' : 'a';
  EXPECT_THAT(keys_->Authenticate({}), ErrorIs(StatusCode::kUnauthenticated, "KEY_REQUIRED"));
  for (const std::string& wrong : {guessed, secret + "x", std::string("sk-1234"),
                                   std::string("clp_"), "clp_0000000000_" + secret.substr(15)}) {
    const auto shown = Show(wrong);
    EXPECT_THAT(shown, ErrorIs(StatusCode::kUnauthenticated, "KEY_UNKNOWN")) << wrong;
    if (wrong.size() < 15) continue;
    EXPECT_EQ(MessageOf(shown.status()).find(wrong.substr(15)), std::string::npos)
        << "a refusal repeats no secret";
  }
}

// An SDK made for another API sends that API's key to wherever it is pointed.
TEST_F(KeysTest, WhereNoneIsRequiredOnlyOursIsLookedAt) {
  const std::string secret = SecretOfNew(kShop);
  Open(false);
  for (const Credentials& none :
       {Credentials{}, Credentials{"Bearer sk-1234", ""}, Credentials{"", "sk-ant"}}) {
    ASSERT_OK_AND_ASSIGN(const auto key, keys_->Authenticate(none));
    EXPECT_EQ(key, nullptr);
  }
  ASSERT_OK_AND_ASSIGN(const auto key, Show(secret));
  ASSERT_NE(key, nullptr);
  EXPECT_FALSE(key->Check(Right::kAudit, {"acme"}).ok());
  EXPECT_THAT(Show("clp_nonsense"), ErrorIs(StatusCode::kUnauthenticated, "KEY_UNKNOWN"));
}

TEST_F(KeysTest, ARevokedOneEndsAtOnceForThoseWhoAreInToo) {
  ASSERT_OK_AND_ASSIGN(const auto made, Create(kShop));
  const Call call = CallOf(made.secret());
  v1::RevokeKeyRequest request;
  request.set_id(made.key().id());
  ASSERT_OK_AND_ASSIGN(const auto revoked, keys_->RevokeKey(request, {}));
  EXPECT_TRUE(revoked.key().has_revoke_time());
  EXPECT_THAT(CheckRight(call, Right::kRead, {"acme"}),
              ErrorIs(StatusCode::kUnauthenticated, "KEY_REVOKED", HasSubstr(made.key().id())));
  EXPECT_THAT(Show(made.secret()), ErrorIs(StatusCode::kUnauthenticated, "KEY_REVOKED"));
  Open(true);
  EXPECT_THAT(Show(made.secret()), ErrorIs(StatusCode::kUnauthenticated, "KEY_REVOKED"));
  // Again, by the whole secret, as somebody finds it in a log: the first time stays.
  clock_.Advance(absl::Hours(1));
  request.set_id(made.secret());
  ASSERT_OK_AND_ASSIGN(const auto again, keys_->RevokeKey(request, {}));
  EXPECT_THAT(again.key().revoke_time(),
              EqualsProto(revoked.key().revoke_time().ShortDebugString()));
}

TEST_F(KeysTest, OneExpiresWhenItSays) {
  v1::CreateKeyRequest request;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(kShop, &request));
  *request.mutable_key()->mutable_expire_time() = ToProto(clock_.Now() + absl::Minutes(10));
  ASSERT_OK_AND_ASSIGN(const auto made, keys_->CreateKey(request, {}));
  clock_.Advance(absl::Minutes(9));
  const Call call = CallOf(made.secret());
  clock_.Advance(absl::Minutes(1));
  EXPECT_THAT(Show(made.secret()), ErrorIs(StatusCode::kUnauthenticated, "KEY_EXPIRED"));
  EXPECT_THAT(CheckRight(call, Right::kRead, {"acme"}),
              ErrorIs(StatusCode::kUnauthenticated, "KEY_EXPIRED"));
}

// Both hold for the overlap, then the new one alone.
TEST_F(KeysTest, OneTakesThePlaceOfAnother) {
  ASSERT_OK_AND_ASSIGN(const auto old, Create(kShop));
  ASSERT_OK_AND_ASSIGN(const auto made,
                       Create("replaces: '" + old.key().id() +
                              "' overlap { seconds: 3600 } key { description: 'second' }"));
  EXPECT_EQ(made.key().caller(), "shop");
  EXPECT_EQ(made.key().grants_size(), 1);
  EXPECT_OK(Show(old.secret()));
  EXPECT_OK(Show(made.secret()));
  clock_.Advance(absl::Hours(1));
  EXPECT_THAT(Show(old.secret()), ErrorIs(StatusCode::kUnauthenticated, "KEY_EXPIRED"));
  Open(true);
  EXPECT_THAT(Show(old.secret()), ErrorIs(StatusCode::kUnauthenticated, "KEY_EXPIRED"));
  EXPECT_OK(Show(made.secret()));
  EXPECT_THAT(Create("replaces: '" + old.key().id() + "'"),
              ErrorIs(StatusCode::kUnauthenticated, "KEY_EXPIRED"));
}

TEST_F(KeysTest, ItsLastUseIsKnownToTheHourAndKept) {
  ASSERT_OK_AND_ASSIGN(const auto made, Create(kShop));
  EXPECT_FALSE(KeyOf(made.key().id()).has_last_use_time());
  ASSERT_OK(Show(made.secret()));
  const auto used = KeyOf(made.key().id()).last_use_time();
  EXPECT_EQ(used.seconds() % 3'600, 0);
  EXPECT_LE(FromProto(used), clock_.Now());
  EXPECT_GT(FromProto(used) + absl::Hours(1), clock_.Now());
  clock_.Advance(absl::Hours(5));
  ASSERT_OK(Show(made.secret()));
  Open(true);
  EXPECT_EQ(KeyOf(made.key().id()).last_use_time().seconds(), used.seconds() + 5 * 3'600);
}

// Nobody makes a key that may more than they may themselves, nor sees or ends one.
TEST_F(KeysTest, WhoAdministersARepositoryMakesKeysForIt) {
  const Call ada = CallOf(
      SecretOfNew("key { caller: 'ada' grants { role: ACCESS_ROLE_ADMIN repository: 'acme' } }"));
  const Call folder = CallOf(SecretOfNew(
      "key { caller: 'bob' grants { role: ACCESS_ROLE_ADMIN repository: 'acme' prompts: 's/' } }"));
  ASSERT_OK_AND_ASSIGN(
      const auto beta,
      Create("key { caller: 'beta' grants { role: ACCESS_ROLE_READER repository: 'beta' } }"));
  EXPECT_OK(Create(kShop, ada));
  for (const char* more :
       {"key { caller: 'x' grants { role: ACCESS_ROLE_READER repository: '*' } }",
        "key { caller: 'x' grants { role: ACCESS_ROLE_READER repository: 'beta' } }",
        "key { caller: 'x' grants { role: ACCESS_ROLE_READER repository: 'acme' }"
        " grants { role: ACCESS_ROLE_READER repository: 'beta' } }"}) {
    EXPECT_THAT(Create(more, ada), ErrorIs(StatusCode::kPermissionDenied, "RIGHT_MISSING")) << more;
  }
  EXPECT_THAT(Create(kShop, folder), ErrorIs(StatusCode::kPermissionDenied, "RIGHT_MISSING"));
  EXPECT_OK(
      Create("key { caller: 'x' grants { role: ACCESS_ROLE_READER repository: 'acme' "
             "prompts: 's/' } }",
             folder));
  v1::RevokeKeyRequest revoke;
  revoke.set_id(beta.key().id());
  EXPECT_THAT(keys_->RevokeKey(revoke, ada), ErrorIs(StatusCode::kNotFound, "KEY_NOT_FOUND"));
  EXPECT_THAT(Create("replaces: '" + beta.key().id() + "'", ada),
              ErrorIs(StatusCode::kNotFound, "KEY_NOT_FOUND"));
  EXPECT_THAT(Callers({}, folder), testing::UnorderedElementsAre("bob", "x"));
  EXPECT_THAT(Callers({}, ada), testing::UnorderedElementsAre("ada", "bob", "shop", "x"));
}

TEST_F(KeysTest, ListsTheNewestFirstAndThoseThatHold) {
  ASSERT_OK_AND_ASSIGN(const auto first, Create(kShop));
  clock_.Advance(absl::Seconds(1));
  Create("key { caller: 'beta' grants { role: ACCESS_ROLE_READER repository: 'beta' } }").value();
  clock_.Advance(absl::Seconds(1));
  Create("key { caller: 'all' grants { role: ACCESS_ROLE_READER repository: '*' } }").value();
  EXPECT_THAT(Callers(), ElementsAre("all", "beta", "shop"));
  v1::ListKeysRequest request;
  request.set_repository("acme");
  EXPECT_THAT(Callers(request), ElementsAre("all", "shop"));
  v1::RevokeKeyRequest revoke;
  revoke.set_id(first.key().id());
  ASSERT_OK(keys_->RevokeKey(revoke, {}));
  EXPECT_THAT(Callers(request), ElementsAre("all"));
  request.set_show_ended(true);
  EXPECT_THAT(Callers(request), ElementsAre("all", "shop"));
  request.set_repository("A!");
  EXPECT_THAT(keys_->ListKeys(request, {}),
              ErrorIs(StatusCode::kInvalidArgument, "BAD_REPOSITORY"));
}

TEST_F(KeysTest, ABadRequestMakesNone) {
  struct Case {
    std::string text;
    StatusCode code;
    const char* reason;
  };
  const std::string grants = " grants { role: ACCESS_ROLE_READER repository: 'acme' }";
  const Case cases[] = {
      {"", StatusCode::kInvalidArgument, "BAD_CALLER"},
      {"key { caller: 'a\\nb'" + grants + " }", StatusCode::kInvalidArgument, "BAD_CALLER"},
      {"key { caller: 'a' }", StatusCode::kInvalidArgument, "BAD_GRANT"},
      {"key { caller: 'a' expire_time { seconds: 1 }" + grants + " }", StatusCode::kInvalidArgument,
       "BAD_TIME"},
      {"key { caller: 'a' description: 'two\\nlines'" + grants + " }", StatusCode::kInvalidArgument,
       "BAD_DESCRIPTION"},
      {"overlap { seconds: -1 } key { caller: 'a'" + grants + " }", StatusCode::kInvalidArgument,
       "BAD_DURATION"},
      {"key { caller: 'a' requests_per_minute: -1" + grants + " }", StatusCode::kInvalidArgument,
       "BAD_COUNT"},
      {"replaces: 'nobody'", StatusCode::kNotFound, "KEY_NOT_FOUND"},
  };
  for (const Case& wrong : cases) {
    EXPECT_THAT(Create(wrong.text), ErrorIs(wrong.code, wrong.reason)) << wrong.text;
  }
  const std::string id = Create(kShop)->key().id();
  EXPECT_THAT(Create("replaces: '" + id + "' key { caller: 'other' }"),
              ErrorIs(StatusCode::kInvalidArgument, "BAD_GRANT"));
  EXPECT_THAT(Callers(), ElementsAre("shop"));
}

// Bursts of a sixth of a minute's, then at the rate; what is refused costs nothing.
TEST_F(KeysTest, OneMakesSoManyRequestsAMinute) {
  const Call shop =
      CallOf(SecretOfNew("key { caller: 'shop' requests_per_minute: 60 "
                         "grants { role: ACCESS_ROLE_CALLER repository: 'acme' } }"));
  for (int i = 0; i < 10; ++i) ASSERT_OK(shop.permissions->TakeTurn()) << i;
  for (int i = 0; i < 100; ++i) {
    const absl::Status status = shop.permissions->TakeTurn();
    ASSERT_THAT(status, ErrorIs(StatusCode::kResourceExhausted, "RATE_LIMITED", HasSubstr("60")));
    ASSERT_EQ(RetryDelayOf(status), absl::Seconds(1));
  }
  clock_.Advance(absl::Seconds(2));
  ASSERT_OK(shop.permissions->TakeTurn());
  ASSERT_OK(shop.permissions->TakeTurn());
  ASSERT_FALSE(shop.permissions->TakeTurn().ok());
  clock_.Advance(absl::Hours(1));
  for (int i = 0; i < 10; ++i) ASSERT_OK(shop.permissions->TakeTurn()) << i;
  ASSERT_FALSE(shop.permissions->TakeTurn().ok());
  // One a minute can be made, and one without a limit is never refused.
  const Call slow =
      CallOf(SecretOfNew("key { caller: 'slow' requests_per_minute: 1 "
                         "grants { role: ACCESS_ROLE_CALLER repository: 'acme' } }"));
  ASSERT_OK(slow.permissions->TakeTurn());
  ASSERT_FALSE(slow.permissions->TakeTurn().ok());
  const Call free = CallOf(SecretOfNew(kShop));
  for (int i = 0; i < 10'000; ++i) ASSERT_OK(free.permissions->TakeTurn());
}

// By mTLS: the name that an authority vouches for is the credential, and there is no other.
TEST_F(KeysTest, OneOfACertificateLetsInWhoShowsIt) {
  ASSERT_OK_AND_ASSIGN(const auto made,
                       Create("key { caller: 'shop' certificate: 'shop.internal' "
                              "grants { role: ACCESS_ROLE_CALLER repository: 'acme' } }"));
  EXPECT_EQ(made.secret(), "");
  const auto show = [&](const std::string& name, const std::string& secret = "") {
    return keys_->Authenticate({secret.empty() ? "" : "Bearer " + secret, "", name});
  };
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK_AND_ASSIGN(const auto key, show("shop.internal"));
    ASSERT_NE(key, nullptr);
    EXPECT_EQ(key->caller(), "shop");
    EXPECT_THAT(show("other.internal"), ErrorIs(StatusCode::kUnauthenticated, "KEY_REQUIRED"));
    EXPECT_THAT(show(""), ErrorIs(StatusCode::kUnauthenticated, "KEY_REQUIRED"));
    Open(true);
  }
  // Nobody is let in by its id.
  EXPECT_THAT(Show("clp_" + made.key().id() + "_" + std::string(32, '0')),
              ErrorIs(StatusCode::kUnauthenticated, "KEY_UNKNOWN"));
  // A key that is shown goes before.
  const std::string other =
      SecretOfNew("key { caller: 'ada' grants { role: ACCESS_ROLE_READER repository: 'acme' } }");
  ASSERT_OK_AND_ASSIGN(const auto both, show("shop.internal", other));
  EXPECT_EQ(both->caller(), "ada");
  v1::RevokeKeyRequest revoke;
  revoke.set_id(made.key().id());
  ASSERT_OK(keys_->RevokeKey(revoke, {}));
  EXPECT_THAT(show("shop.internal"), ErrorIs(StatusCode::kUnauthenticated, "KEY_REVOKED"));
}

TEST_F(KeysTest, TheFirstIsAnAdministratorsAndThereIsOneOnly) {
  std::string secret;
  const auto keep = [&](const std::string& made) {
    secret = made;
    return absl::OkStatus();
  };
  // Who can't keep it has none.
  EXPECT_THAT(keys_->MakeFirstKey([](const std::string&) { return absl::UnknownError("full"); }),
              testing::Not(IsOk()));
  EXPECT_THAT(Callers(), IsEmpty());
  ASSERT_OK(keys_->MakeFirstKey(keep));
  EXPECT_OK(CheckRight(CallOf(secret), Right::kAdmin, {}));
  const std::string first = std::exchange(secret, "");
  Open(true);
  ASSERT_OK(keys_->MakeFirstKey(keep));
  EXPECT_EQ(secret, "");
  // All are gone: else nobody would ever come in again.
  v1::RevokeKeyRequest revoke;
  revoke.set_id(first);
  ASSERT_OK(keys_->RevokeKey(revoke, {}));
  ASSERT_OK(keys_->MakeFirstKey(keep));
  EXPECT_NE(secret, "");
  Open(false);
  ASSERT_OK(keys_->MakeFirstKey([](const std::string&) { return absl::UnknownError("called"); }));
}

}  // namespace
}  // namespace colophon
