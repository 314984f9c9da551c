#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace colophon {

// A text file of the tree.
struct SourceFile {
  std::string path;  // From the root, "service/base/clock.h".
  std::string text;
  bool executable = false;

  std::vector<std::string_view> Lines() const;
  std::string_view Folder() const;  // "service/base"
  std::string_view Name() const;    // "clock.h"
};

// Something found wrong: "service/base/clock.h:3: …". Line 0: the whole file.
std::string Finding(const SourceFile& file, size_t line, std::string_view message);

// Every file under `root`'s folders of source (service, client, tests, proto,
// deploy, cmake, .ci) and every one right in `root`, sorted by path.
std::vector<SourceFile> ReadTree(const std::string& root);

bool IsCode(const SourceFile& file);    // .h or .cc
bool IsScript(const SourceFile& file);  // Begins with "#!".

}  // namespace colophon
