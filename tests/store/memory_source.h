#pragma once

#include <optional>
#include <string>
#include <utility>

#include "service/store/checker.h"
#include "tests/store/memory_rows.h"

namespace colophon {

// Where the rules of a whole store look things up.
//
// Thread-compatible.
class MemorySource : public CheckSource {
 public:
  explicit MemorySource(const MemoryRows* rows) : rows_(*rows) {}

  absl::StatusOr<std::optional<Object>> FindObject(std::string_view repository,
                                                   const ObjectId& id) override {
    return FindIn(rows_.Find(repository)->objects, id.hex());
  }
  absl::StatusOr<std::optional<v1::Version>> FindVersion(std::string_view repository,
                                                         std::string_view prompt,
                                                         uint32_t version) override {
    return FindIn(rows_.Find(repository)->versions, std::pair(std::string(prompt), version));
  }
  absl::StatusOr<std::optional<PromptRow>> FindPrompt(std::string_view repository,
                                                      std::string_view prompt) override {
    return FindIn(rows_.Find(repository)->prompts, prompt);
  }

 private:
  template <class Map, class Key>
  static std::optional<typename Map::mapped_type> FindIn(const Map& map, const Key& key) {
    const auto found = map.find(key);
    if (found == map.end()) return std::nullopt;
    return found->second;
  }

  const MemoryRows& rows_;
};

}  // namespace colophon
