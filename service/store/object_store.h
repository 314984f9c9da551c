#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/status.h"
#include "service/store/object_id.h"

namespace colophon {

// Values are git's own. NOTE: they are part of the persistent format.
enum class ObjectType : uint8_t { kCommit = 1, kTree = 2, kBlob = 3, kTag = 4 };

struct Object {
  ObjectId id;
  ObjectType type = ObjectType::kBlob;
  std::string data;  // Without git's header.
};

// The part of a store that has git's objects. Changes write them; here they are read.
//
// Thread-safe. Reads may block for a disk read.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  // NOT_FOUND OBJECT_NOT_FOUND. The hash of what is returned was checked.
  virtual absl::StatusOr<Object> GetObject(std::string_view repository, const ObjectId& id) = 0;
  virtual absl::StatusOr<bool> HasObject(std::string_view repository, const ObjectId& id) = 0;
  // Ids that begin with these hex digits, at most `limit`, sorted.
  virtual absl::StatusOr<std::vector<ObjectId>> FindObjects(std::string_view repository,
                                                            std::string_view hex_prefix,
                                                            int limit) = 0;
};

}  // namespace colophon
