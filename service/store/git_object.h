#pragma once

// The few facts about git objects that a store has to know: their hash and
// what they refer to. Read by hand, so that the store doesn't need libgit2.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/store/store.h"

namespace colophon {

// "commit", "tree", "blob", "tag".
std::string_view ObjectTypeName(ObjectType type);

// SHA-1 of git's header and `data`.
ObjectId HashObject(ObjectType type, std::string_view data);

// An object that another one names. Of submodules there is none.
struct ObjectLink {
  ObjectId id;
  ObjectType type = ObjectType::kBlob;
  std::string name;  // A tree entry's; else "tree", "parent", "object".
};

// What a commit, tree or tag names; nullopt when it is malformed. A blob names
// nothing.
std::optional<std::vector<ObjectLink>> LinksOf(const Object& object);

}  // namespace colophon
