#pragma once

#include <optional>
#include <string>
#include <vector>

#include "colophon/v1/registry.pb.h"
#include "service/registry/checked_edit.h"

namespace colophon {

// A commit that somebody made with git: it is stored as it is.
struct GivenCommit {
  ObjectId id;
  ObjectId root;                      // Its tree.
  ObjectId base_root;                 // The tree that the edits change into it.
  std::vector<SharedObject> objects;  // It, and what it has that the repository lacks.
};

// One change as its source has it, before anything is looked up in the repository:
// what somebody asks to publish, or a commit that somebody pushed.
struct ChangeProposal {
  std::string branch;                      // Of a draft; empty: main.
  std::vector<CheckedEdit> edits;          // Sorted by path.
  std::vector<v1::LabelMove> label_moves;  // Targets are normal.
  // What the one label that is moved must point to.
  std::optional<v1::LabelTargets> expected;
  std::string author;
  std::string description;    // Empty: written when the change is known.
  int64_t base_sequence = 0;  // What the edits were made on; 0: not said.
  // A pushed one, whose tree the edits lead to. Without it the commit is to be made.
  std::optional<GivenCommit> commit;
  // Of a pushed draft, and of one that is replaced: where it must stand before; zero: it
  // must not be there.
  std::optional<ObjectId> expected_head;
  bool replaces_draft = false;  // The draft begins again at main.

  bool is_draft() const { return !branch.empty(); }
};

// A draft that is dropped.
struct DraftDeletion {
  std::string branch;
  std::optional<ObjectId> expected;  // Where it must stand.
};

}  // namespace colophon
