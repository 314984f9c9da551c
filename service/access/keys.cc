#include "service/access/keys.h"

#include <algorithm>
#include <future>
#include <utility>

#include "fmt/format.h"
#include "service/access/grants.h"
#include "service/base/field_check.h"
#include "service/base/hash.h"
#include "service/base/reference.h"

namespace colophon {
namespace {

constexpr absl::Duration kMaxOverlap = absl::Hours(24 * 90);
constexpr size_t kMaxDescriptionBytes = 256;
constexpr int kMaxRequestsPerMinute = 1'000'000;
constexpr size_t kMaxShownId = 16;
constexpr char kFirstCaller[] = "admin";

absl::Status Unauthenticated(std::string_view reason, std::string_view message) {
  return Error(absl::StatusCode::kUnauthenticated, reason, message);
}

absl::Status KeyNotFound(std::string_view id) {
  return NotFound("KEY_NOT_FOUND", fmt::format("there is no key {}; list those there are",
                                               Quoted(id.substr(0, kMaxShownId))));
}

bool HasEnded(const v1::Key& key, absl::Time now) {
  return key.has_revoke_time() || (key.has_expire_time() && FromProto(key.expire_time()) <= now);
}

bool IsOf(const v1::Key& key, const std::string& repository) {
  return repository.empty() ||
         std::any_of(key.grants().begin(), key.grants().end(), [&](const v1::Grant& grant) {
           return grant.repository() == "*" || grant.repository() == repository;
         });
}

// That the caller administers all that the grants name: nobody gives away more than that.
absl::Status CheckAdministers(const Grants& grants, const Call& call) {
  for (const v1::Grant& grant : grants) {
    Scope scope;
    if (grant.repository() != "*") scope = {grant.repository(), grant.prompts()};
    RETURN_IF_ERROR(CheckRight(call, Right::kAdmin, scope));
  }
  return absl::OkStatus();
}

std::string HashOf(std::string_view secret) {
  const Sha256Digest digest = Sha256(secret);
  return {digest.begin(), digest.end()};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Keys>> Keys::Open(KeyStore* store, Clock* clock, bool required) {
  std::unique_ptr<Keys> keys(new Keys(store, clock, required));
  ASSIGN_OR_RETURN(std::vector<store::v1::KeyRow> rows, store->ListKeys());
  // So that of a certificate the newest key is served.
  std::sort(rows.begin(), rows.end(), [](const auto& one, const auto& other) {
    return FromProto(one.key().create_time()) < FromProto(other.key().create_time());
  });
  for (store::v1::KeyRow& row : rows) {
    keys->Serve(std::make_shared<ServedKey>(std::move(row), clock));
  }
  return keys;
}

absl::StatusOr<std::shared_ptr<const ServedKey>> Keys::Authenticate(
    const Credentials& credentials) {
  const std::string secret = SecretOf(credentials);
  if (!LooksLikeSecret(secret) && !credentials.certificate_name.empty()) {
    if (KeyPtr key = FindByCertificate(credentials.certificate_name)) {
      RETURN_IF_ERROR(key->CheckHolds());
      NoteUse(*key);
      return key;
    }
  }
  if (!required_ && !LooksLikeSecret(secret)) return nullptr;
  if (secret.empty()) {
    return Unauthenticated("KEY_REQUIRED",
                           "nobody is let in without a key: send one as \"authorization: Bearer "
                           "KEY\", or keep it for the command line with `colophon login`");
  }
  const auto id = KeyIdOfSecret(secret);
  const KeyPtr key = id ? Find(*id) : nullptr;
  if (key == nullptr || !key->IsSecret(secret)) {
    return Unauthenticated("KEY_UNKNOWN",
                           id ? fmt::format("no key of this server is the one that was sent, "
                                            "clp_{}_…; is it another server's?",
                                            *id)
                              : "what was sent is no key of this server, which begin with clp_ "
                                "and have 47 characters");
  }
  RETURN_IF_ERROR(key->CheckHolds());
  NoteUse(*key);
  return key;
}

// Nobody waits for that to be written, and what is lost of it is an hour's use.
void Keys::NoteUse(ServedKey& key) {
  if (!key.NoteUse(clock_->Now())) return;
  std::unique_lock changing(changing_, std::try_to_lock);
  if (changing) store_->PutKeys({key.row()}, [](const absl::Status&) {});
}

void Keys::Serve(const KeyPtr& key) {
  std::unique_lock lock(mu_);
  keys_[key->id()] = key;
  if (!key->certificate().empty()) by_certificate_[key->certificate()] = key;
}

Keys::KeyPtr Keys::FindByCertificate(std::string_view name) {
  std::shared_lock lock(mu_);
  const auto key = by_certificate_.find(name);
  return key == by_certificate_.end() ? nullptr : key->second;
}

absl::Status Keys::MakeFirstKey(const std::function<absl::Status(const std::string&)>& keep) {
  if (!required_) return absl::OkStatus();
  {
    std::shared_lock lock(mu_);
    const absl::Time now = clock_->Now();
    for (const auto& [id, key] : keys_) {
      if (!HasEnded(key->row().key(), now)) return absl::OkStatus();
    }
  }
  v1::Key key;
  *key.mutable_create_time() = ToProto(clock_->Now());
  key.set_creator("colophond");
  key.set_caller(kFirstCaller);
  key.set_description("made at the first start");
  v1::Grant& grant = *key.add_grants();
  grant.set_role(v1::ACCESS_ROLE_ADMIN);
  grant.set_repository("*");
  return Make(std::move(key), nullptr, absl::ZeroDuration(), keep).status();
}

Keys::KeyPtr Keys::Find(std::string_view id) {
  std::shared_lock lock(mu_);
  const auto key = keys_.find(id);
  return key == keys_.end() ? nullptr : key->second;
}

absl::StatusOr<Keys::KeyPtr> Keys::FindAdministered(const std::string& id, const Call& call) {
  const auto of_secret = KeyIdOfSecret(id);
  const KeyPtr key = Find(of_secret ? *of_secret : std::string_view(id));
  if (key == nullptr || !CheckAdministers(key->row().key().grants(), call).ok()) {
    return KeyNotFound(of_secret ? *of_secret : std::string_view(id));
  }
  return key;
}

absl::Status Keys::Write(std::vector<store::v1::KeyRow> rows) {
  std::promise<absl::Status> written;
  store_->PutKeys(std::move(rows),
                  [&written](absl::Status status) { written.set_value(std::move(status)); });
  return written.get_future().get();
}

absl::StatusOr<v1::Key> Keys::NewKey(const v1::CreateKeyRequest& request, const Call& call,
                                     const ServedKey* replaced) {
  const absl::Time now = clock_->Now();
  v1::Key key = request.key();
  if (replaced != nullptr) {
    if (!key.caller().empty() || !key.grants().empty()) {
      return InvalidArgument("BAD_GRANT",
                             "a key that replaces another has its caller and grants: leave out "
                             "key.caller and key.grants, or make one that replaces none");
    }
    const v1::Key old = replaced->row().key();
    key.set_caller(old.caller());
    *key.mutable_grants() = old.grants();
    if (key.description().empty()) key.set_description(old.description());
    if (key.certificate().empty()) key.set_certificate(old.certificate());
    if (key.requests_per_minute() == 0) key.set_requests_per_minute(old.requests_per_minute());
  }
  RETURN_IF_ERROR(CheckCaller("key.caller", key.caller()));
  RETURN_IF_ERROR(CheckGrants(key.grants()));
  RETURN_IF_ERROR(
      CheckLine("BAD_DESCRIPTION", "key.description", key.description(), kMaxDescriptionBytes));
  if (key.has_expire_time()) {
    ASSIGN_OR_RETURN(const absl::Time end,
                     ReadTime("BAD_TIME", "key.expire_time", key.expire_time()));
    if (end <= now) {
      return BadField("BAD_TIME", "key.expire_time",
                      absl::FormatTime(absl::RFC3339_sec, end, absl::UTCTimeZone()),
                      "it must be in the future");
    }
  }
  if (!key.certificate().empty()) {
    RETURN_IF_ERROR(CheckCaller("key.certificate", key.certificate()));
  }
  if (key.requests_per_minute() < 0 || key.requests_per_minute() > kMaxRequestsPerMinute) {
    return BadField("BAD_COUNT", "key.requests_per_minute",
                    fmt::format("{}", key.requests_per_minute()),
                    fmt::format("it must be 0 to {}", kMaxRequestsPerMinute));
  }
  RETURN_IF_ERROR(CheckAdministers(key.grants(), call));
  *key.mutable_create_time() = ToProto(now);
  key.set_creator(call.caller);
  key.clear_revoke_time();
  key.clear_last_use_time();
  return key;
}

absl::StatusOr<v1::CreateKeyResponse> Keys::CreateKey(const v1::CreateKeyRequest& request,
                                                      const Call& call) {
  KeyPtr replaced;
  if (!request.replaces().empty()) {
    ASSIGN_OR_RETURN(replaced, FindAdministered(request.replaces(), call));
    RETURN_IF_ERROR(replaced->CheckHolds());
  }
  ASSIGN_OR_RETURN(const absl::Duration overlap,
                   ReadDuration("BAD_DURATION", "overlap", request.overlap(), absl::ZeroDuration(),
                                kMaxOverlap));
  ASSIGN_OR_RETURN(v1::Key key, NewKey(request, call, replaced.get()));
  return Make(std::move(key), replaced, overlap,
              [](const std::string&) { return absl::OkStatus(); });
}

absl::StatusOr<v1::CreateKeyResponse> Keys::Make(
    v1::Key key, const KeyPtr& replaced, absl::Duration overlap,
    const std::function<absl::Status(const std::string&)>& keep) {
  std::lock_guard changing(changing_);
  std::string secret;
  do {
    secret = MakeSecretText();
  } while (Find(*KeyIdOfSecret(secret)) != nullptr);
  key.set_id(std::string(*KeyIdOfSecret(secret)));
  RETURN_IF_ERROR(keep(secret));
  std::vector<store::v1::KeyRow> rows(1);
  *rows[0].mutable_key() = key;
  if (!key.certificate().empty()) secret.clear();
  if (!secret.empty()) rows[0].set_secret_sha256(HashOf(secret));
  const auto served = std::make_shared<ServedKey>(rows[0], clock_);
  if (replaced != nullptr) {
    replaced->EndAt(clock_->Now() + overlap);
    rows.push_back(replaced->row());
  }
  RETURN_IF_ERROR(Write(std::move(rows)));
  Serve(served);
  v1::CreateKeyResponse response;
  *response.mutable_key() = std::move(key);
  response.set_secret(std::move(secret));
  response.set_keys_required(required_);
  return response;
}

absl::StatusOr<v1::ListKeysResponse> Keys::ListKeys(const v1::ListKeysRequest& request,
                                                    const Call& call) {
  if (!request.repository().empty()) RETURN_IF_ERROR(CheckRepositoryName(request.repository()));
  v1::ListKeysResponse response;
  const absl::Time now = clock_->Now();
  {
    std::shared_lock lock(mu_);
    for (const auto& [id, served] : keys_) {
      v1::Key key = served->row().key();
      if (!request.show_ended() && HasEnded(key, now)) continue;
      if (!IsOf(key, request.repository()) || !CheckAdministers(key.grants(), call).ok()) continue;
      *response.add_keys() = std::move(key);
    }
  }
  std::stable_sort(response.mutable_keys()->begin(), response.mutable_keys()->end(),
                   [](const v1::Key& one, const v1::Key& other) {
                     return FromProto(one.create_time()) > FromProto(other.create_time());
                   });
  return response;
}

absl::StatusOr<v1::RevokeKeyResponse> Keys::RevokeKey(const v1::RevokeKeyRequest& request,
                                                      const Call& call) {
  ASSIGN_OR_RETURN(const KeyPtr key, FindAdministered(request.id(), call));
  std::lock_guard changing(changing_);
  key->Revoke(clock_->Now());
  RETURN_IF_ERROR(Write({key->row()}));
  v1::RevokeKeyResponse response;
  *response.mutable_key() = key->row().key();
  return response;
}

absl::StatusOr<v1::GetCallerResponse> Keys::GetCaller(const Call& call) {
  v1::GetCallerResponse response;
  response.set_caller(call.caller);
  response.set_keys_required(required_);
  if (const auto* key = dynamic_cast<const ServedKey*>(call.permissions.get())) {
    *response.mutable_key() = key->row().key();
  }
  return response;
}

}  // namespace colophon
