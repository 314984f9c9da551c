#pragma once

#include <string>
#include <vector>

#include "service/git/objects.h"

namespace colophon {

inline constexpr int kMaxPushedCommits = 10'000;
inline constexpr size_t kMaxPushedBytes = 64 << 20;

// Commits that somebody made with git and wants to be main, or a draft.
struct PushedCommits {
  std::string repository;
  ObjectId tip;  // Where the branch is to stand.
  // What the repository may lack; more does no harm.
  std::vector<SharedObject> objects;
  std::string branch;  // Of a draft; empty: main.
  // Of a draft: where it must stand before; zero: it must not be there.
  ObjectId expected;
};

}  // namespace colophon
