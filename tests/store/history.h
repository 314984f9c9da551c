#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "service/store/store.h"

namespace colophon {

// Makes the transactions that a registry would: real git objects, a commit a
// change, versions with right digests. Each call goes on from the one before,
// as if that had been committed.
class History {
 public:
  explicit History(std::string repository) : repository_(std::move(repository)) {}

  // Publishes a version of each prompt with this text.
  ChangeTransaction Publish(const std::map<std::string, std::string>& prompts);
  // `version` 0 removes the label.
  ChangeTransaction MoveLabel(const std::string& prompt, const std::string& label,
                              uint32_t version);
  ChangeTransaction Archive(const std::string& prompt);
  // A commit on "refs/heads/NAME" beside main.
  ChangeTransaction Draft(const std::string& branch, const std::string& text);

  const std::string& repository() const { return repository_; }
  int64_t sequence() const { return sequence_; }
  const ObjectId& main() const { return main_; }
  // When the change of a sequence is made.
  static absl::Time TimeOf(int64_t sequence);

 private:
  // Begins a change of main whose files are `files_`.
  ChangeTransaction Begin(std::string_view description);
  ObjectId AddTree(const std::string& folder, std::vector<Object>* objects) const;
  ObjectId AddCommit(const ObjectId& tree, const std::vector<ObjectId>& parents,
                     std::string_view description, std::vector<Object>* objects) const;
  v1::Version MakeVersion(const std::string& prompt, const std::string& text,
                          const ChangeTransaction& transaction);

  std::string repository_;
  int64_t sequence_ = 0;
  ObjectId main_;
  std::map<std::string, std::string> files_;  // Path → content, of main.
  std::map<std::string, PromptRow> prompts_;
};

Object MakeObject(ObjectType type, std::string data);

// A record of this repository, with every field that is looked up.
v1::Intent MakeIntent(const std::string& repository, const std::string& prompt = "support/triage",
                      uint32_t version = 1, const std::string& label = "production",
                      const std::string& caller = "web");
v1::Outcome MakeOutcome(v1::RecordStatus status = v1::RECORD_STATUS_OK,
                        const std::string& text = "Refunded.");
// 64 hex digits of an output's text.
std::string DigestOfText(const std::string& text);

}  // namespace colophon
