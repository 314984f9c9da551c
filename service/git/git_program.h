#pragma once

// The `git` program, run over a mirror.

#include <memory>
#include <string>

#include "service/base/child_process.h"
#include "service/git/mirrors.h"

namespace colophon {

// What git's upload-pack is to do: say what there is, or send what a request asks for.
struct UploadPackOptions {
  bool is_advertisement = false;
  std::string protocol;  // As the client says in `Git-Protocol`: "version=2".
  std::string request;   // What it sent, when that isn't an advertisement.
};

// Begins it; what it writes is the answer as the client takes it.
absl::StatusOr<std::unique_ptr<ChildProcess>> StartUploadPack(const Mirror& mirror,
                                                              const UploadPackOptions& options);

}  // namespace colophon
