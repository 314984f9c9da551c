#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/model/repository_model.h"

namespace colophon {

struct RandomChange {
  std::string description;  // "rename a/_tone.prompt"
  ModelEdits edits;
  ModelLabelMoves label_moves;
};

// Makes up changes of a repository, few names in few folders, so that they meet:
// partials that shadow others, chains and circles of includes, schemas and tools
// that come and go, prompts that are archived and come back. Some are to be
// refused and some alter nothing.
//
// Not thread-safe.
class RandomChanges {
 public:
  explicit RandomChanges(uint64_t seed) : random_(seed) {}

  // Of a repository that is empty: some of everything.
  RandomChange First();
  RandomChange Next(const RepositoryModel& model);

 private:
  void EditPrompt(const RepositoryModel& model, RandomChange* change);
  void ArchivePrompt(const RepositoryModel& model, RandomChange* change);
  void WritePartial(RandomChange* change);
  void DeleteFile(const RepositoryModel& model, RandomChange* change);
  void RenamePartial(const RepositoryModel& model, RandomChange* change);
  void WriteSchema(RandomChange* change);
  void WriteTool(RandomChange* change);
  void WriteTheSame(const RepositoryModel& model, RandomChange* change);
  void MoveLabel(const RepositoryModel& model, RandomChange* change);

  ModelFile NewPrompt();
  ModelFile NewPartial(const std::string& name);
  ModelFile NewSchema();
  ModelFile NewTool();
  // Something that no other file says.
  std::string Words() { return "Words " + std::to_string(++count_) + ".\n"; }
  std::vector<std::string> Some(const std::vector<std::string>& names, uint64_t at_most);
  const std::string& One(const std::vector<std::string>& names) {
    return names[Below(names.size())];
  }
  uint64_t Below(uint64_t bound) { return random_() % bound; }

  std::mt19937_64 random_;
  int count_ = 0;
  ModelTree archived_;  // Prompts as they were last when they were to go.
};

}  // namespace colophon
