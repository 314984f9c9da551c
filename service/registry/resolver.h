#pragma once

// Reference → version. Labels and latest versions of every prompt are held in
// memory, so a resolution by label is a hash look-up; parsed closures are
// kept in a cache that is never stale, because a version never changes.

#include <memory>
#include <optional>
#include <string>

#include "colophon/v1/registry.pb.h"
#include "service/base/clock.h"
#include "service/base/reference.h"
#include "service/base/status.h"
#include "service/registry/catalog.h"
#include "service/registry/loaded_version.h"
#include "service/store/store.h"

namespace colophon {

// What a commit means for a prompt.
struct CommitVersion {
  uint32_t version = 0;  // The one in force then; 0: a draft.
  ObjectId commit;       // Whole.
};

struct Resolution {
  std::shared_ptr<const LoadedVersion> loaded;
  // The label it was found by, `latest` too; empty by another selector.
  std::string label;
  int64_t sequence = 0;  // Of the repository when it was resolved.
};

// Who asks, and as of which moment.
struct ResolveOptions {
  std::string subject;  // Picks the target of a weighted label.
  // Labels and `latest` as they stood; at most one of the two.
  int64_t at_sequence = -1;  // -1: now.
  absl::Time at_time = absl::InfiniteFuture();
};

class VersionCache;
class VersionLoader;

// Finds the one version that a reference means.
//
// NOT_FOUND with REPOSITORY_NOT_FOUND, PROMPT_NOT_FOUND, LABEL_NOT_FOUND,
// VERSION_NOT_FOUND, COMMIT_NOT_FOUND or BRANCH_NOT_FOUND; FAILED_PRECONDITION
// PROMPT_ARCHIVED for a label or `latest` of an archived prompt;
// INVALID_ARGUMENT AMBIGUOUS_COMMIT, or BAD_MOMENT when a past moment is
// combined with another selector; OUT_OF_RANGE BEYOND_SEQUENCE for a moment
// that isn't past; DATA_LOSS CORRUPT_VERSION.
//
// Thread-safe. Blocks for disk reads, but for ResolveInMemory.
class Resolver {
 public:
  Resolver(Store* store, Clock* clock, const Catalog* catalog, int64_t cache_bytes);
  ~Resolver();

  absl::StatusOr<Resolution> Resolve(const ReferenceView& reference, const ResolveOptions& options);
  // The same if nothing has to be read for it; else nullopt.
  std::optional<absl::StatusOr<Resolution>> ResolveInMemory(const ReferenceView& reference,
                                                            const ResolveOptions& options);
  // By number, or by commit when it is 0.
  absl::StatusOr<std::shared_ptr<const LoadedVersion>> Load(const std::string& repository,
                                                            const std::string& prompt,
                                                            uint32_t version,
                                                            const std::string& commit);
  // What the commit that begins with these hex digits means, without a read of
  // the version.
  absl::StatusOr<CommitVersion> FindCommitVersion(const std::string& repository,
                                                  const std::string& prompt, std::string_view hex);

 private:
  using LoadResult = absl::StatusOr<std::shared_ptr<const LoadedVersion>>;

  // Which version it is, by number; nullopt for a commit or a branch, which have to be
  // looked up. The resolution has all but the version itself.
  struct Picked {
    Resolution resolution;
    uint32_t version = 0;
  };
  std::optional<absl::StatusOr<Picked>> Pick(const ReferenceView& reference,
                                             const std::string& subject);
  absl::StatusOr<Resolution> ResolveCommit(const ReferenceView& reference);
  absl::StatusOr<Resolution> ResolveAt(const ReferenceView& reference,
                                       const ResolveOptions& options);
  absl::StatusOr<int64_t> FindMoment(const std::string& repository, const ResolveOptions& options);
  absl::StatusOr<uint32_t> PickLabelAt(const std::string& repository, const std::string& prompt,
                                       const ReferenceView& reference,
                                       const ResolveOptions& options, int64_t moment);
  absl::StatusOr<uint32_t> PickLatestAt(const std::string& repository, const std::string& prompt,
                                        int64_t moment);
  LoadResult LoadVersion(std::string_view repository, std::string_view prompt, uint32_t version);
  LoadResult LoadCommit(const std::string& repository, const std::string& prompt,
                        const ObjectId& commit);
  absl::StatusOr<uint32_t> NumberAt(const std::string& repository, const std::string& prompt,
                                    const ObjectId& commit);
  absl::StatusOr<ObjectId> FindCommit(const std::string& repository, std::string_view hex);

  Store* const store_;
  Clock* const clock_;
  const Catalog* const catalog_;
  const std::unique_ptr<VersionLoader> loader_;
  const std::unique_ptr<VersionCache> cache_;
};

}  // namespace colophon
