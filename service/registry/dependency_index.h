#pragma once

#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace colophon {

// Which prompts an edit of a partial, schema or tool file may alter: those
// whose closure has the file, and those that look its name up from a folder
// where they would find it.
//
// Not thread-safe.
class DependencyIndex {
 public:
  // `paths` and `names` as in PromptRow; empty ones take the prompt out.
  void Set(const std::string& prompt, const std::vector<std::string>& paths,
           const std::vector<std::string>& names);

  // May name a prompt too many, never one too few.
  std::set<std::string> PromptsThatMayUse(std::string_view path) const;

 private:
  using Users = std::unordered_map<std::string, std::set<std::string>>;
  struct Entry {
    std::vector<std::string> paths;
    std::vector<std::string> names;
  };

  static void Update(Users& users, const std::string& prompt,
                     const std::vector<std::string>& before, const std::vector<std::string>& after);

  std::unordered_map<std::string, Entry> entries_;
  Users by_path_;
  Users by_name_;
};

}  // namespace colophon
