#include "tests/lint/source_tree.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "fmt/format.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 7> kFolders = {"service", "client", "tests", "proto",
                                                      "deploy",  "cmake",  ".ci"};

SourceFile ReadSource(const fs::path& root, const fs::directory_entry& entry) {
  SourceFile file;
  file.path = fs::relative(entry.path(), root).generic_string();
  file.text = ReadFileOrDie(entry.path().string());
  file.executable = (entry.status().permissions() & fs::perms::owner_exec) != fs::perms::none;
  return file;
}

}  // namespace

std::vector<std::string_view> SourceFile::Lines() const {
  std::vector<std::string_view> lines;
  std::string_view rest = text;
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    lines.push_back(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  return lines;
}

std::string_view SourceFile::Folder() const {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string_view() : std::string_view(path).substr(0, slash);
}

std::string_view SourceFile::Name() const {
  const size_t slash = path.rfind('/');
  return std::string_view(path).substr(slash == std::string::npos ? 0 : slash + 1);
}

std::string Finding(const SourceFile& file, size_t line, std::string_view message) {
  if (line == 0) return fmt::format("{}: {}", file.path, message);
  return fmt::format("{}:{}: {}", file.path, line, message);
}

std::vector<SourceFile> ReadTree(const std::string& root) {
  std::vector<SourceFile> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(root)) {
    if (entry.is_regular_file()) files.push_back(ReadSource(root, entry));
  }
  for (std::string_view folder : kFolders) {
    const fs::path path = fs::path(root) / folder;
    if (!fs::exists(path)) continue;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_regular_file()) files.push_back(ReadSource(root, entry));
    }
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

bool IsCode(const SourceFile& file) {
  return file.path.ends_with(".h") || file.path.ends_with(".cc");
}

bool IsScript(const SourceFile& file) { return file.text.starts_with("#!"); }

}  // namespace colophon
