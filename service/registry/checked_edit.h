#pragma once

#include <string>
#include <vector>

#include "colophon/v1/registry.pb.h"
#include "service/base/status.h"
#include "service/git/objects.h"
#include "service/git/tree.h"
#include "service/template/prompt/labels_file.h"

namespace colophon {

inline constexpr size_t kMaxFileBytes = 1 << 20;

// One file of a change, checked as far as that is possible without looking at others.
struct CheckedEdit {
  std::string path;
  TreeFile file;            // What is to stand there; nothing: the file is deleted.
  SharedObject blob;        // Its content. Null when it is deleted, or a submodule.
  prompt::LabelMap labels;  // What a labels file says.
};

// Checks the name and the size: INVALID_ARGUMENT BAD_PATH, FILE_TOO_LARGE. Of a file
// that Colophon reads also the mode, FAILED_PRECONDITION FILE_MODE, and the content:
// what is wrong in it goes to `diagnostics`.
absl::Status CheckEdit(CheckedEdit* edit, std::vector<v1::Diagnostic>* diagnostics);

}  // namespace colophon
