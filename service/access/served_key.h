#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "absl/time/time.h"
#include "colophon/store/v1/rows.pb.h"
#include "service/base/clock.h"
#include "service/base/permissions.h"

namespace colophon {

// A key as it is asked on every call: who holds it, what it grants, and whether it still
// holds. It is what a call may do (Call::permissions), so a call that began with a key that
// is revoked meanwhile finds that out when it asks again.
//
// Thread-safe. Nothing blocks but for a moment.
class ServedKey final : public Permissions {
 public:
  ServedKey(store::v1::KeyRow row, Clock* clock);

  const std::string& id() const { return id_; }
  const std::string& caller() const { return grants_.caller(); }
  bool IsSecret(std::string_view secret) const;
  // Empty: it has a secret.
  const std::string& certificate() const { return grants_.certificate(); }
  // UNAUTHENTICATED KEY_REVOKED, KEY_EXPIRED.
  absl::Status CheckHolds() const;

  absl::Status Check(Right right, const Scope& scope) const override;
  absl::Status CheckSome(Right right, std::string_view repository) const override;

  absl::Status TakeTurn() const override;

  // As it is listed, with its secret's hash.
  store::v1::KeyRow row() const;

  // From now on it ends then; one that ends sooner stays so.
  void EndAt(absl::Time time);
  void Revoke(absl::Time time);
  // True when this is its first use within an hour, which is worth writing down.
  bool NoteUse(absl::Time now);

 private:
  static constexpr int64_t kNever = INT64_MAX;

  Clock* const clock_;
  const std::string id_;
  const v1::Key grants_;  // Caller, grants, certificate and limit, which never change.
  const std::string secret_sha256_;
  std::atomic<bool> revoked_{false};
  std::atomic<int64_t> end_nanos_{kNever};  // When it expires, since 1970.
  std::atomic<int64_t> last_use_hour_{0};   // Since 1970.
  // When all requests so far would be through, were they made one after the other at the
  // rate that is granted; by the steady clock.
  mutable std::atomic<int64_t> through_nanos_{0};

  mutable std::mutex mu_;
  v1::Key key_;  // Guarded by mu_.
};

}  // namespace colophon
