#pragma once

#include <optional>
#include <vector>

#include "colophon/v1/registry.pb.h"
#include "service/git/objects.h"
#include "service/registry/catalog.h"
#include "service/store/change_store.h"

namespace colophon {

// A change that was built and checked, ready for the store.
struct BuiltChange {
  // Without refs: the request alters nothing. Without objects, which are shared below.
  ChangeTransaction transaction;
  std::vector<SharedObject> objects;  // The transaction's.
  ObjectId root;                      // The commit's tree.
  CatalogUpdate update;
  // As the caller is told it; absent when nothing is altered.
  std::optional<v1::Change> told;
  std::vector<v1::Diagnostic> warnings;

  bool alters_nothing() const { return transaction.refs.empty(); }
};

}  // namespace colophon
