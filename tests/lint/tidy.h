#pragma once

#include <string>
#include <vector>

#include "tests/lint/source_tree.h"

namespace colophon {

// What neither compilers, clang-format, clang-tidy nor buf look at. Each check
// gives its findings, none when all is well.

// At most 450 lines a .cc or .h.
std::vector<std::string> CheckSizes(const std::vector<SourceFile>& files);
// Headers begin with #pragma once, before any other directive.
std::vector<std::string> CheckPragmas(const std::vector<SourceFile>& files);
// No tab, no space at a line's end, a newline at the file's end.
std::vector<std::string> CheckWhiteSpace(const std::vector<SourceFile>& files);
// No word that promises work not done.
std::vector<std::string> CheckPromises(const std::vector<SourceFile>& files);
// Every .cc is named in the CMakeLists.txt of its folder: what is not is
// neither compiled nor, when it is a test, run.
std::vector<std::string> CheckLists(const std::vector<SourceFile>& files);
// No test is disabled, skips itself without a reason, or sleeps but by
// Eventually, which looks for a condition.
std::vector<std::string> CheckTests(const std::vector<SourceFile>& files);
// A comment stands above every rpc.
std::vector<std::string> CheckRpcComments(const std::vector<SourceFile>& files);
// A sanitizer's suppression has its reason above it, and hides one frame only;
// a NOLINT names its check and its reason.
std::vector<std::string> CheckSuppressions(const std::vector<SourceFile>& files);
// A shell script is executable and stops at the first failure.
std::vector<std::string> CheckScripts(const std::vector<SourceFile>& files);
// A name of gRPC's codes outside the files that translate statuses.
std::vector<std::string> CheckStatusCodes(const std::vector<SourceFile>& files);

}  // namespace colophon
