#pragma once

// What every implementation refuses whatever is stored: INVALID_ARGUMENT.

#include <optional>
#include <string_view>
#include <vector>

#include "service/store/store.h"

namespace colophon {

struct LabelNameParts {
  std::string_view prompt;
  std::string_view label;
};

// "acme/support/triage@production" in repository "acme".
std::optional<LabelNameParts> SplitLabelName(std::string_view repository, std::string_view name);

// BAD_TRANSACTION: it contradicts itself, or an object isn't what its id says.
absl::Status CheckTransaction(const ChangeTransaction& transaction);
// Each of them, and that each stands on the one before it.
absl::Status CheckTransactions(const std::vector<ChangeTransaction>& transactions);

// BAD_RECORD_ID: not a UUID in its canonical form. The 16 bytes.
absl::StatusOr<std::string> CheckRecordId(std::string_view id);

// BAD_OBJECT_ID: doesn't begin an object's id in hex. The bytes of its whole pairs of
// digits.
absl::StatusOr<std::string> CheckObjectPrefix(std::string_view hex_prefix);

// BAD_RECORD: no repository, a status that can't be.
absl::Status CheckIntent(const v1::Intent& intent);
absl::Status CheckOutcome(const v1::Outcome& outcome);

// BAD_QUERY: what the kind of query needs is missing.
absl::Status CheckQuery(const RecordQuery& query);

}  // namespace colophon
