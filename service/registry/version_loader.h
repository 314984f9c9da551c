#pragma once

#include <memory>
#include <string>

#include "service/git/objects.h"
#include "service/registry/loaded_version.h"
#include "service/store/store.h"

namespace colophon {

// Reads versions from the store and checks them against their hashes.
//
// Thread-safe.
class VersionLoader {
 public:
  explicit VersionLoader(Store* store) : store_(store) {}

  // NOT_FOUND VERSION_NOT_FOUND; DATA_LOSS CORRUPT_VERSION.
  absl::StatusOr<std::shared_ptr<const LoadedVersion>> LoadNumbered(const std::string& repository,
                                                                    const std::string& prompt,
                                                                    uint32_t version);
  // The prompt as that commit of a draft has it. NOT_FOUND PROMPT_NOT_FOUND.
  absl::StatusOr<std::shared_ptr<const LoadedVersion>> LoadDraft(const std::string& repository,
                                                                 const std::string& prompt,
                                                                 const ObjectId& commit);

  // Whether the tree of this commit has the prompt's file.
  absl::StatusOr<bool> CommitHasPrompt(const std::string& repository, const std::string& prompt,
                                       const ObjectId& commit);

 private:
  Store* const store_;
};

}  // namespace colophon
