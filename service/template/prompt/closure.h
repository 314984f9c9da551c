#pragma once

// A prompt and every file that its meaning depends on.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "colophon/v1/completion.pb.h"
#include "service/template/prompt/plan.h"
#include "service/template/prompt/prompt_file.h"

namespace colophon::prompt {

struct ClosureFile {
  std::string path;
  std::string content;
  std::string sha256;  // 64 hex digits.
};

// Immutable, so it may be shared by threads.
struct Closure {
  std::string path;                // Of the prompt's own file.
  std::vector<ClosureFile> files;  // Sorted by path; the prompt's own among them.
  // SHA-256, 64 hex digits, of one line a file, sorted by path:
  //   line = sha256 "  " path "\n"
  // which is what `sha256sum FILE...` prints.
  std::string digest;
  // Every name looked up, found or not, sorted: "partial:tone",
  // "schema:ticket", "tool:get_order".
  std::vector<std::string> names;

  std::shared_ptr<const PromptFile> prompt;
  // Every partial by the name it is included with: the nearest `_NAME.prompt`,
  // from the prompt's own folder towards the root.
  std::map<std::string, std::shared_ptr<const PromptFile>> partials;
  // Schema and tool files by name, their JSON text.
  std::map<std::string, std::string> schemas;
  std::map<std::string, v1::Tool> tools;

  // What every rendering of it has in common. LoadClosure makes it; a closure
  // put together by hand may leave it null, and renders more slowly.
  std::shared_ptr<const Plan> plan;
};

// The digest of files that are sorted by path.
std::string ClosureDigest(const std::vector<ClosureFile>& files);

}  // namespace colophon::prompt
