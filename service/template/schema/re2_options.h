#pragma once

#include <cstdint>

#include "re2/re2.h"

namespace colophon::schema {

// How RE2 runs schemas' patterns: silent, without captures, in so many bytes.
inline re2::RE2::Options Re2Options(int64_t memory) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  options.set_max_mem(memory);
  return options;
}

}  // namespace colophon::schema
