#pragma once

#include <map>
#include <string>
#include <vector>

#include "service/base/status.h"
#include "service/registry/change_base.h"
#include "service/registry/change_request.h"
#include "service/registry/changed_files.h"
#include "service/registry/workspace.h"

namespace colophon {

// What is kept of a prompt's closure: the files' contents and the parsed templates of
// all prompts that one partial is in would be more than memory holds.
struct CheckedPrompt {
  struct File {
    std::string path;
    std::string sha256;
    ObjectId blob;
  };
  std::string digest;
  std::vector<File> files;         // Sorted by path.
  std::vector<std::string> names;  // As in PromptRow.
};

struct CheckedPrompts {
  std::map<std::string, CheckedPrompt> by_name;
  std::vector<v1::Diagnostic> warnings;  // Of the files that were edited.
};

// Parses every prompt whose closure the change may alter, and looks for what is seldom
// meant in it. INVALID_ARGUMENT BAD_FILE; CANCELLED as soon as nobody waits for it any
// more, for it takes as long as there are prompts.
absl::StatusOr<CheckedPrompts> CheckPrompts(const Workspace& workspace,
                                            const ChangeRequest& request,
                                            const ChangeProposal& proposal, const ChangeBase& base,
                                            ChangedFiles* files);

}  // namespace colophon
