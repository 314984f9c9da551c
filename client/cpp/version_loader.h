#pragma once

#include <memory>
#include <optional>
#include <string>

#include "client/cpp/client.h"
#include "client/cpp/resolver_cache.h"

namespace colophon {

// What a CachedResolver asks the server.
//
// Thread-safe. Calls block.
class VersionLoader {
 public:
  explicit VersionLoader(Client client) : client_(std::move(client)) {}

  absl::StatusOr<std::shared_ptr<const ResolvedVersion>> Get(const std::string& reference,
                                                             const CallOptions& call = {}) const;

  // What the label or `latest` of these parts points to; `found` is what the
  // reference resolved to just before. No targets: there is no such label.
  absl::StatusOr<Pointing> GetPointing(const ReferenceParts& parts, const ResolvedVersion& found,
                                       const CallOptions& call = {}) const;

  // The versions a label points to, taken from `known` or else fetched.
  absl::StatusOr<std::shared_ptr<CacheEntry>> MakeEntry(
      const ReferenceParts& parts, const Pointing& pointing,
      const std::vector<std::shared_ptr<const ResolvedVersion>>& known,
      const CallOptions& call = {}) const;

 private:
  const Client client_;
};

}  // namespace colophon
