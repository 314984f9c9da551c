#pragma once

#include <string>

namespace colophon {

// An empty folder that is removed with everything in it at the end.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  // path() + "/" + name
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

void WriteFile(const std::string& path, const std::string& content);
std::string ReadFileOrDie(const std::string& path);

struct ShellResult {
  int exit_code = -1;
  std::string output;  // Standard output and error.
};

// Runs a command with /bin/sh; for `git` and other programs in tests.
ShellResult Shell(const std::string& command);

}  // namespace colophon
