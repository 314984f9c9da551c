#pragma once

#include <string>

#include "service/base/json.h"

namespace colophon::bench {

// What the figures were measured on.
struct Machine {
  int cores = 0;
  std::string cpu;
  std::string kernel;
  std::string build;            // "Release"
  double load = 0;              // Runnable tasks over the last minute, before the start.
  double syncs_per_second = 0;  // Append of 1 KiB and fdatasync in the folder.

  std::string Format() const;
  json::object ToJson() const;
};

Machine LookAtMachine(const std::string& folder);

// True for a file system in memory, where a sync means nothing.
bool IsInMemory(const std::string& folder);

}  // namespace colophon::bench
