#include "tests/model/repository_model.h"

#include <openssl/sha.h>

#include <algorithm>
#include <set>

#include "fmt/format.h"

namespace colophon {
namespace {

// "a/b/", "a/", "" for "a/b/p1".
std::vector<std::string> FoldersAbove(std::string path) {
  std::vector<std::string> folders;
  while (path.find('/') != path.npos) {
    path = path.substr(0, path.rfind('/'));
    folders.push_back(path + "/");
  }
  folders.emplace_back();
  return folders;
}

// The first file that is there: in the nearest folder, of the names in their
// order; empty: none.
std::string FindNearest(const ModelTree& tree, const std::string& prompt,
                        const std::vector<std::string>& names) {
  for (const std::string& folder : FoldersAbove(prompt)) {
    for (const std::string& name : names) {
      if (tree.contains(folder + name)) return folder + name;
    }
  }
  return "";
}

std::string PartialFileName(const std::string& name) {
  const size_t slash = name.rfind('/');
  if (slash == name.npos) return "_" + name + ".prompt";
  return name.substr(0, slash + 1) + "_" + name.substr(slash + 1) + ".prompt";
}

// Adds the partials that `path` includes, and what they include. False: one is
// missing, or `path` includes itself that way.
bool AddPartials(const ModelTree& tree, const std::string& prompt, const std::string& path,
                 std::set<std::string> above, std::set<std::string>* paths) {
  above.insert(path);
  for (const std::string& name : tree.at(path).partials) {
    const std::string partial = FindNearest(tree, prompt, {PartialFileName(name)});
    if (partial.empty() || above.contains(partial)) return false;
    paths->insert(partial);
    if (!AddPartials(tree, prompt, partial, above, paths)) return false;
  }
  return true;
}

void AddSchemas(const ModelTree& tree, const std::string& prompt, const ModelFile& file,
                std::set<std::string>* paths) {
  for (const std::string& name : file.schemas) {
    const std::string schema = FindNearest(tree, prompt, {name + ".schema.json"});
    if (!schema.empty()) paths->insert(schema);
  }
}

}  // namespace

std::string PromptOfModelPath(const std::string& path) {
  constexpr std::string_view kEnding = ".prompt";
  if (!path.ends_with(kEnding)) return "";
  const size_t name = path.rfind('/') == path.npos ? 0 : path.rfind('/') + 1;
  if (path[name] == '_') return "";
  return path.substr(0, path.size() - kEnding.size());
}

std::string ModelDigest(const std::map<std::string, std::string>& files) {
  const auto sha256 = [](const std::string& bytes) {
    unsigned char hash[SHA256_DIGEST_LENGTH];
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), hash);
    std::string hex;
    for (const unsigned char byte : hash) hex += fmt::format("{:02x}", byte);
    return hex;
  };
  std::string printed;
  for (const auto& [path, content] : files) printed += sha256(content) + "  " + path + "\n";
  return sha256(printed);
}

std::optional<std::map<std::string, std::string>> ModelClosure(const ModelTree& tree,
                                                               const std::string& prompt) {
  const std::string own = prompt + ".prompt";
  const ModelFile& file = tree.at(own);
  std::set<std::string> paths = {own};
  if (!AddPartials(tree, prompt, own, {}, &paths)) return std::nullopt;
  AddSchemas(tree, prompt, file, &paths);
  for (const std::string& name : file.tools) {
    const std::string tool =
        FindNearest(tree, prompt, {name + ".tool.json", "tools/" + name + ".tool.json"});
    if (tool.empty()) continue;
    paths.insert(tool);
    AddSchemas(tree, prompt, tree.at(tool), &paths);
  }
  std::map<std::string, std::string> files;
  for (const std::string& path : paths) files[path] = tree.at(path).content;
  return files;
}

ModelChange RepositoryModel::Apply(const ModelEdits& edits, const ModelLabelMoves& moves) {
  ModelTree tree = tree_;
  for (const auto& [path, file] : edits) {
    if (file) {
      tree[path] = *file;
    } else {
      tree.erase(path);
    }
  }
  std::map<std::string, ModelPrompt> prompts = prompts_;
  ModelChange change;

  // Whatever was edited: every prompt is looked at anew.
  for (const auto& [path, file] : tree) {
    const std::string prompt = PromptOfModelPath(path);
    if (prompt.empty()) continue;
    auto files = ModelClosure(tree, prompt);
    if (!files) return {.refused = true};
    ModelPrompt& known = prompts[prompt];
    std::string digest = ModelDigest(*files);
    const bool is_back = known.versions.empty() || known.archived;
    if (!is_back && known.versions.back().digest == digest) continue;
    const auto number = static_cast<uint32_t>(known.versions.size() + 1);
    known.versions.push_back({number, sequence_ + 1, std::move(digest), *std::move(files)});
    known.archived = false;
    change.published[prompt] = number;
  }
  for (auto& [prompt, known] : prompts) {
    if (tree.contains(prompt + ".prompt") || known.archived) continue;
    known.archived = true;
    change.archived.push_back(prompt);
  }

  bool moved = false;
  for (const auto& [label, number] : moves) {
    ModelPrompt& prompt = prompts.at(label.substr(0, label.find('@')));
    uint32_t& now = prompt.labels[label.substr(label.find('@') + 1)];
    moved |= now != number;
    now = number;
  }
  for (auto& [name, prompt] : prompts) {
    std::erase_if(prompt.labels, [](const auto& entry) { return entry.second == 0; });
    // A label of what isn't there any more would point into the void.
    if (prompt.archived && !prompt.labels.empty()) return {.refused = true};
  }

  change.made = moved || tree != tree_;
  if (!change.made) return change;
  ++sequence_;
  for (const auto& [prompt, number] : change.published) {
    numbers_[prompt].push_back({sequence_, number});
  }
  for (const std::string& prompt : change.archived) numbers_[prompt].push_back({sequence_, 0});
  for (const auto& [label, number] : moves) labels_[label].push_back({sequence_, number});
  tree_ = std::move(tree);
  prompts_ = std::move(prompts);
  return change;
}

const ModelVersion* RepositoryModel::VersionAt(const std::string& prompt, int64_t sequence) const {
  uint32_t number = 0;
  const auto moments = numbers_.find(prompt);
  if (moments == numbers_.end()) return nullptr;
  for (const Moment& moment : moments->second) {
    if (moment.sequence <= sequence) number = moment.value;
  }
  return number == 0 ? nullptr : &prompts_.at(prompt).versions[number - 1];
}

uint32_t RepositoryModel::LabelAt(const std::string& label, int64_t sequence) const {
  uint32_t number = 0;
  const auto moments = labels_.find(label);
  if (moments == labels_.end()) return 0;
  for (const Moment& moment : moments->second) {
    if (moment.sequence <= sequence) number = moment.value;
  }
  return number;
}

}  // namespace colophon
