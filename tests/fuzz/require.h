#pragma once

#include <cstdlib>

namespace colophon {

// What must hold of every input.
inline void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace colophon
