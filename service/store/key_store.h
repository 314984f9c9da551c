#pragma once

#include <vector>

#include "colophon/store/v1/rows.pb.h"
#include "service/base/status.h"
#include "service/store/write_done.h"

namespace colophon {

// The part of a store that has callers' keys.
//
// Thread-safe. Reads may block for a disk read.
class KeyStore {
 public:
  virtual ~KeyStore() = default;

  // Writes them all or none, each in place of the one with its id. Also when room is
  // scarce, for a key is to be revoked then too.
  virtual void PutKeys(std::vector<store::v1::KeyRow> keys, Done done) = 0;

  // All there ever were, by id.
  virtual absl::StatusOr<std::vector<store::v1::KeyRow>> ListKeys() = 0;
};

}  // namespace colophon
