#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "colophon/v1/registry.pb.h"
#include "service/registry/built_change.h"
#include "service/registry/dependency_index.h"
#include "service/registry/pending_objects.h"
#include "service/store/store.h"

namespace colophon {

// What the next change of a repository is built on: the durable state and the
// changes that are on their way to the disk.
//
// Not thread-safe; belongs to the repository's one writer.
class Workspace {
 public:
  struct Prompt {
    PromptRow row;
    std::map<std::string, v1::Label, std::less<>> labels;
  };

  static absl::StatusOr<std::unique_ptr<Workspace>> Load(Store* store, ObjectCache* cache,
                                                         const std::string& repository);

  // For several changes of which all are made or none.
  std::unique_ptr<Workspace> Copy() const;

  const std::string& repository() const { return repository_; }
  // Of main. The ids are zero before the first change.
  int64_t sequence() const { return sequence_; }
  const ObjectId& head() const { return head_; }
  const ObjectId& root() const { return root_; }
  // When the newest change was made.
  absl::Time change_time() const { return change_time_; }
  std::optional<ObjectId> FindDraft(std::string_view branch) const;

  // Null when there never was one.
  const Prompt* FindPrompt(const std::string& prompt) const;
  const DependencyIndex& dependencies() const { return dependencies_; }
  PendingObjects& objects() { return objects_; }

  // The newest change that touched a file ("support/triage.prompt") or a label
  // ("support/triage@production"), as far as it is newer than `base`; else 0.
  // -1 when there are too many changes since to look through.
  absl::StatusOr<int64_t> FindTouch(const std::string& path_or_label, int64_t base);

  // The change is handed to the store: the next one stands on it.
  void Advance(const BuiltChange& change);
  // The oldest changes that were handed over are durable.
  void MarkDurable(int64_t count) { objects_.MarkDurable(count); }

 private:
  using Touches = std::unordered_map<std::string, int64_t>;

  Workspace(Store* store, ObjectCache* cache, const std::string& repository)
      : store_(store), repository_(repository), objects_(store, cache, repository) {}

  Workspace(const Workspace&) = default;

  absl::Status LoadHead(const std::vector<Ref>& refs);
  absl::Status LoadPrompts();
  static void AddTouches(const v1::Change& change, Touches* touches);

  Store* const store_;
  const std::string repository_;

  PendingObjects objects_;
  int64_t sequence_ = 0;
  ObjectId head_;
  ObjectId root_;
  absl::Time change_time_ = absl::InfinitePast();
  std::map<std::string, ObjectId, std::less<>> drafts_;
  std::unordered_map<std::string, Prompt> prompts_;
  DependencyIndex dependencies_;

  // What the changes after touches_from_ touched. Reaches back as far as
  // somebody asked for.
  int64_t touches_from_ = 0;
  Touches touches_;
};

}  // namespace colophon
