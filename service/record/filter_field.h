#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "colophon/v1/record.pb.h"

namespace colophon {

// A field that a filter may name, and how it is read of a record. One of the readers is
// there, as `type` says; each gives nullopt when the record doesn't have it.
struct FilterField {
  enum class Type {
    kText,
    kPrompt,  // Text whose `:` is a beginning.
    kCommit,  // Text of which the first digits do.
    kWords,   // Text that may be long; only `:`.
    kNumber,
    kVersion,  // A number that may be written v12.
    kDuration,
    kTime,
    kTruth,
    kStatus,
    kTags,       // tags.NAME
    kVariables,  // variables.PATH
    kScore,      // score.NAME
  };
  using Text = std::optional<std::string>;

  std::string_view name;
  Type type = Type::kText;
  std::string_view example;  // "latency > 2s"
  std::function<Text(const v1::Record&)> text;
  std::function<std::optional<double>(const v1::Record&)> number;
  std::function<std::optional<absl::Duration>(const v1::Record&)> duration;
  std::function<std::optional<bool>(const v1::Record&)> truth;
};

const std::vector<FilterField>& FilterFields();

// Null when there is none of that name.
const FilterField* FindFilterField(std::string_view name);

}  // namespace colophon
