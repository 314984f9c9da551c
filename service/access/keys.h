#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>

#include "colophon/v1/admin.pb.h"
#include "service/access/secret_text.h"
#include "service/access/served_key.h"
#include "service/base/call.h"
#include "service/base/clock.h"
#include "service/store/key_store.h"

namespace colophon {

// Who may come in: the keys of this server, all in memory.
//
// Thread-safe. Only what changes keys blocks.
class Keys {
 public:
  // `required`: nobody is let in without a key.
  static absl::StatusOr<std::unique_ptr<Keys>> Open(KeyStore* store, Clock* clock, bool required);

  // The key of who comes with these; null for who comes without one and may.
  // UNAUTHENTICATED KEY_REQUIRED, KEY_UNKNOWN, KEY_REVOKED, KEY_EXPIRED. Where keys aren't
  // required, what doesn't look like one is taken for a key of somebody else's, as an SDK
  // sends that was made for another API.
  absl::StatusOr<std::shared_ptr<const ServedKey>> Authenticate(const Credentials& credentials);

  // Where keys are required and there is none that holds: makes one for an administrator of
  // everything. `keep` is called with its secret before the key holds, and whoever fails to
  // keep it has made none.
  absl::Status MakeFirstKey(const std::function<absl::Status(const std::string&)>& keep);

  // --- The methods of AdminService that are about keys.

  // INVALID_ARGUMENT BAD_GRANT, BAD_CALLER, BAD_TIME, BAD_DURATION, BAD_DESCRIPTION;
  // NOT_FOUND KEY_NOT_FOUND; what Permissions answers who doesn't administer what is
  // granted.
  absl::StatusOr<v1::CreateKeyResponse> CreateKey(const v1::CreateKeyRequest& request,
                                                  const Call& call);
  absl::StatusOr<v1::ListKeysResponse> ListKeys(const v1::ListKeysRequest& request,
                                                const Call& call);
  absl::StatusOr<v1::RevokeKeyResponse> RevokeKey(const v1::RevokeKeyRequest& request,
                                                  const Call& call);
  absl::StatusOr<v1::GetCallerResponse> GetCaller(const Call& call);

 private:
  using KeyPtr = std::shared_ptr<ServedKey>;

  Keys(KeyStore* store, Clock* clock, bool required)
      : store_(store), clock_(clock), required_(required) {}

  KeyPtr Find(std::string_view id);
  KeyPtr FindByCertificate(std::string_view name);
  void Serve(const KeyPtr& key);
  void NoteUse(ServedKey& key);
  // Of one that the caller administers; NOT_FOUND KEY_NOT_FOUND for any other.
  absl::StatusOr<KeyPtr> FindAdministered(const std::string& id, const Call& call);
  absl::StatusOr<v1::Key> NewKey(const v1::CreateKeyRequest& request, const Call& call,
                                 const ServedKey* replaced);
  // Gives it an id and a secret, and writes it.
  absl::StatusOr<v1::CreateKeyResponse> Make(
      v1::Key key, const KeyPtr& replaced, absl::Duration overlap,
      const std::function<absl::Status(const std::string&)>& keep);
  // Writes them and waits until they are durable.
  absl::Status Write(std::vector<store::v1::KeyRow> rows);

  KeyStore* const store_;
  Clock* const clock_;
  const bool required_;

  // Held while keys change, so that what is written last is what is in memory.
  std::mutex changing_;

  std::shared_mutex mu_;
  // Guarded by mu_.
  std::map<std::string, KeyPtr, std::less<>> keys_;            // By id.
  std::map<std::string, KeyPtr, std::less<>> by_certificate_;  // The newest of each.
};

}  // namespace colophon
