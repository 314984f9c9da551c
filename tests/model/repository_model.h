#pragma once

// What a repository of prompts is, said a second time and as plainly as it can
// be: maps and loops over everything, no git, no store, no index, nothing of the
// service. It doesn't read templates: whoever makes a file says what it names.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace colophon {

// A file's bytes and what it names, in whatever file that is.
struct ModelFile {
  std::string content;
  std::vector<std::string> partials;  // {{> tone}}: "tone"
  std::vector<std::string> schemas;   // "ticket"
  std::vector<std::string> tools;     // "get_order"

  bool operator==(const ModelFile& other) const { return content == other.content; }
};

// By path from the root.
using ModelTree = std::map<std::string, ModelFile>;
// What a change does to files; nullopt: delete.
using ModelEdits = std::map<std::string, std::optional<ModelFile>>;
// A label moved, by "a/p1@production"; 0: removed.
using ModelLabelMoves = std::map<std::string, uint32_t>;

struct ModelVersion {
  uint32_t number = 0;
  int64_t sequence = 0;  // Of the change that published it.
  std::string digest;
  std::map<std::string, std::string> files;  // The closure, path to content.
};

struct ModelPrompt {
  std::vector<ModelVersion> versions;  // Number n is at n - 1.
  bool archived = false;
  std::map<std::string, uint32_t> labels;
};

// What one change did.
struct ModelChange {
  bool refused = false;                       // Then nothing else is said.
  bool made = false;                          // False: it altered nothing.
  std::map<std::string, uint32_t> published;  // Prompt to number.
  std::vector<std::string> archived;
};

// Not thread-safe.
class RepositoryModel {
 public:
  // Makes the change, all of it or nothing.
  ModelChange Apply(const ModelEdits& edits, const ModelLabelMoves& moves);

  const ModelTree& tree() const { return tree_; }
  const std::map<std::string, ModelPrompt>& prompts() const { return prompts_; }
  int64_t sequence() const { return sequence_; }

  // The version a prompt had after the change `sequence`, null: none, or its
  // file wasn't there.
  const ModelVersion* VersionAt(const std::string& prompt, int64_t sequence) const;
  // Where "a/p1@production" pointed after the change; 0: nowhere.
  uint32_t LabelAt(const std::string& label, int64_t sequence) const;

 private:
  struct Moment {
    int64_t sequence;
    uint32_t value;
  };

  ModelTree tree_;
  std::map<std::string, ModelPrompt> prompts_;
  int64_t sequence_ = 0;
  std::map<std::string, std::vector<Moment>> numbers_;  // By prompt; 0: archived.
  std::map<std::string, std::vector<Moment>> labels_;   // By "a/p1@production".
};

// The closure of the prompt "a/p1" in a tree; nullopt: a partial is missing, or
// partials include one another in a circle.
std::optional<std::map<std::string, std::string>> ModelClosure(const ModelTree& tree,
                                                               const std::string& prompt);

// SHA-256 of what `sha256sum FILE...` prints, in hex.
std::string ModelDigest(const std::map<std::string, std::string>& files);

// "a/p1" of "a/p1.prompt"; empty for other files and for partials.
std::string PromptOfModelPath(const std::string& path);

}  // namespace colophon
