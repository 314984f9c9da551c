#include "service/access/served_key.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "service/access/grants.h"
#include "service/base/hash.h"
#include "service/base/secret.h"

namespace colophon {
namespace {

// So much of what a minute has may come at once.
constexpr absl::Duration kBurst = absl::Seconds(10);

int64_t HourOf(absl::Time time) { return absl::ToUnixSeconds(time) / 3'600; }

absl::Status Ended(std::string_view reason, std::string_view id, std::string_view how) {
  return Error(absl::StatusCode::kUnauthenticated, reason,
               fmt::format("key {} {}; ask who administers this server for another", id, how),
               {{"key", std::string(id)}});
}

}  // namespace

ServedKey::ServedKey(store::v1::KeyRow row, Clock* clock)
    : clock_(clock),
      id_(row.key().id()),
      grants_([&row] {
        v1::Key grants;
        grants.set_caller(row.key().caller());
        *grants.mutable_grants() = row.key().grants();
        grants.set_certificate(row.key().certificate());
        grants.set_requests_per_minute(row.key().requests_per_minute());
        return grants;
      }()),
      secret_sha256_(row.secret_sha256()),
      revoked_(row.key().has_revoke_time()),
      key_(std::move(*row.mutable_key())) {
  if (key_.has_expire_time()) end_nanos_ = absl::ToUnixNanos(FromProto(key_.expire_time()));
  if (key_.has_last_use_time()) last_use_hour_ = HourOf(FromProto(key_.last_use_time()));
}

bool ServedKey::IsSecret(std::string_view secret) const {
  const Sha256Digest digest = Sha256(secret);
  return AreEqualSecrets({reinterpret_cast<const char*>(digest.data()), digest.size()},
                         secret_sha256_);
}

absl::Status ServedKey::CheckHolds() const {
  if (revoked_.load(std::memory_order_acquire)) return Ended("KEY_REVOKED", id_, "was revoked");
  const int64_t end = end_nanos_.load(std::memory_order_acquire);
  if (end == kNever || absl::ToUnixNanos(clock_->Now()) < end) return absl::OkStatus();
  return Ended("KEY_EXPIRED", id_,
               "expired at " + absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixNanos(end),
                                                absl::UTCTimeZone()));
}

absl::Status ServedKey::Check(Right right, const Scope& scope) const {
  RETURN_IF_ERROR(CheckHolds());
  return CheckGranted(grants_.grants(), caller(), right, scope);
}

absl::Status ServedKey::CheckSome(Right right, std::string_view repository) const {
  RETURN_IF_ERROR(CheckHolds());
  return CheckSomeGranted(grants_.grants(), caller(), right, repository);
}

// The generic cell rate algorithm: a time instead of a bucket.
absl::Status ServedKey::TakeTurn() const {
  if (grants_.requests_per_minute() == 0) return absl::OkStatus();
  const int64_t step = absl::ToInt64Nanoseconds(absl::Minutes(1)) / grants_.requests_per_minute();
  const int64_t ahead = std::max(step, absl::ToInt64Nanoseconds(kBurst));
  const int64_t now = absl::ToInt64Nanoseconds(clock_->Steady());
  int64_t through = through_nanos_.load();
  while (true) {
    const int64_t next = std::max(through, now) + step;
    if (next - now > ahead) {
      return WithRetryDelay(
          ResourceExhausted("RATE_LIMITED",
                            fmt::format("{} may make {} requests a minute with its key, and has; "
                                        "try again a little later",
                                        caller(), grants_.requests_per_minute())),
          absl::Nanoseconds(next - now - ahead));
    }
    if (through_nanos_.compare_exchange_weak(through, next)) return absl::OkStatus();
  }
}

store::v1::KeyRow ServedKey::row() const {
  store::v1::KeyRow row;
  row.set_secret_sha256(secret_sha256_);
  std::lock_guard lock(mu_);
  *row.mutable_key() = key_;
  return row;
}

void ServedKey::EndAt(absl::Time time) {
  const int64_t nanos = absl::ToUnixNanos(time);
  std::lock_guard lock(mu_);
  if (nanos >= end_nanos_.load()) return;
  end_nanos_ = nanos;
  *key_.mutable_expire_time() = ToProto(time);
}

void ServedKey::Revoke(absl::Time time) {
  std::lock_guard lock(mu_);
  if (revoked_.exchange(true)) return;
  *key_.mutable_revoke_time() = ToProto(time);
}

bool ServedKey::NoteUse(absl::Time now) {
  const int64_t hour = HourOf(now);
  int64_t last = last_use_hour_.load(std::memory_order_relaxed);
  if (hour <= last || !last_use_hour_.compare_exchange_strong(last, hour)) return false;
  std::lock_guard lock(mu_);
  *key_.mutable_last_use_time() = ToProto(absl::FromUnixSeconds(hour * 3'600));
  return true;
}

}  // namespace colophon
