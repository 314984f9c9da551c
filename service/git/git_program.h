#pragma once

// The `git` program, run over a mirror.

#include <memory>
#include <string>
#include <string_view>

#include "service/base/running_program.h"
#include "service/base/stop_flag.h"
#include "service/git/mirrors.h"

namespace colophon {

// What git's upload-pack is to do: say what there is, or send what a request asks for.
struct UploadPackOptions {
  bool is_advertisement = false;
  std::string protocol;  // As the client says in `Git-Protocol`: "version=2".
  std::string request;   // What it sent, when that isn't an advertisement.
};

// Begins it; what it writes is the answer as the client takes it.
absl::StatusOr<std::unique_ptr<RunningProgram>> StartUploadPack(const Mirror& mirror,
                                                                const UploadPackOptions& options);

// Lets git check and index a pack that was pushed onto what the mirror has, into
// `folder`/objects. INVALID_ARGUMENT BAD_PACK with git's own words; CANCELLED when it is
// stopped; DEADLINE_EXCEEDED PROGRAM_TIMEOUT. Blocks.
absl::Status IndexPack(const Mirror& mirror, const std::string& folder, std::string_view pack,
                       const StopFlag* stop);

}  // namespace colophon
