#pragma once

// What a record is found by: the same in every implementation.

#include <cstdint>
#include <string_view>

#include "colophon/v1/record.pb.h"
#include "service/store/record_store.h"

namespace colophon {

// One thing a record can be looked up by. Views into the intent, the outcome
// or the query it was made of.
struct RecordIndex {
  RecordQuery::By by = RecordQuery::By::kRepository;
  std::string_view repository;
  std::string_view prompt;                                  // kPrompt, kVersion, kLabel.
  uint32_t version = 0;                                     // kVersion.
  std::string_view label;                                   // kLabel.
  std::string_view caller;                                  // kCaller.
  v1::RecordStatus status = v1::RECORD_STATUS_UNSPECIFIED;  // kStatus.
  std::string_view output_digest;                           // kOutput: 64 hex digits.
};

// What the intent alone is found by, but for RECORD_STATUS_OPEN. Calls
// visit(const RecordIndex&).
template <class Visit>
void ForEachIndexOfIntent(const v1::Intent& intent, const Visit& visit) {
  using By = RecordQuery::By;
  RecordIndex index{.by = By::kRepository, .repository = intent.repository()};
  visit(index);
  index.prompt = intent.prompt();
  index.by = By::kPrompt;
  visit(index);
  index.by = By::kVersion;
  index.version = intent.version();
  visit(index);
  if (!intent.label().empty()) {
    index.by = By::kLabel;
    index.label = intent.label();
    visit(index);
  }
  if (!intent.caller().empty()) {
    index.by = By::kCaller;
    index.caller = intent.caller();
    visit(index);
  }
}

// What a record is found by while it has no outcome: goes when one comes.
inline RecordIndex OpenIndex(std::string_view repository) {
  return {
      .by = RecordQuery::By::kStatus, .repository = repository, .status = v1::RECORD_STATUS_OPEN};
}

// What the outcome adds.
template <class Visit>
void ForEachIndexOfOutcome(std::string_view repository, v1::RecordStatus status,
                           std::string_view output_digest, const Visit& visit) {
  using By = RecordQuery::By;
  visit(RecordIndex{.by = By::kStatus, .repository = repository, .status = status});
  if (!output_digest.empty()) {
    visit(RecordIndex{.by = By::kOutput, .repository = repository, .output_digest = output_digest});
  }
}

// All of a stored record.
template <class Visit>
void ForEachIndexOfRecord(const v1::Record& record, const Visit& visit) {
  ForEachIndexOfIntent(record.intent(), visit);
  if (record.has_outcome()) {
    ForEachIndexOfOutcome(record.intent().repository(), record.outcome().status(),
                          record.outcome().output_digest(), visit);
  } else {
    visit(OpenIndex(record.intent().repository()));
  }
}

// The index that answers a query.
inline RecordIndex IndexOf(const RecordQuery& query) {
  return {.by = query.by,
          .repository = query.repository,
          .prompt = query.prompt,
          .version = query.version,
          .label = query.label,
          .caller = query.caller,
          .status = query.status,
          .output_digest = query.output_digest};
}

}  // namespace colophon
