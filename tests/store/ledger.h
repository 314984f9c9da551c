#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "service/store/store.h"
#include "tests/store/history.h"

namespace colophon {

// What a store says when it is asked for all that it acknowledged.
struct Findings {
  // Silently missing, or other than it was.
  std::vector<std::string> wrong;
  // Reads that ended with an error which says that the store is damaged.
  int told = 0;
};

// Writes to a store, step by step, something of everything it keeps, and remembers
// what was acknowledged. The steps follow from the seed alone, so that one process can
// write them and another one know what they were.
//
// Thread-compatible.
class Ledger {
 public:
  // `payload_bytes`: of the larger texts; a store keeps those of 4 KiB in blobs.
  explicit Ledger(uint64_t seed, size_t payload_bytes = 6000);

  // Writes the next step and waits. When it fails it counts as not acknowledged, and
  // may be there all the same.
  absl::Status Write(Store* store);
  // The next step was acknowledged to somebody else.
  void Acknowledge();
  // Steps acknowledged.
  int size() const { return size_; }

  // Reads everything, in every way it can be asked for. What the next step writes may
  // be there or not.
  Findings Compare(Store* store) const;

 private:
  struct Step {
    enum class Kind { kRepository, kChange, kIntent, kOutcome, kRecord };
    Kind kind = Kind::kRepository;
    ChangeTransaction transaction;
    v1::Record record;  // kOutcome: with its intent, for what is expected then.
  };

  const Step& Next();
  Step MakeStep();
  v1::Record MakeRecord(int number) const;
  std::string Text(int number, size_t bytes) const;
  Findings CompareExactly(Store* store) const;

  const uint64_t seed_;
  const size_t payload_bytes_;
  History history_{"acme"};
  int size_ = 0;
  std::optional<Step> next_;
  int record_number_ = -1;  // Of the intent that waits for its outcome.

  // What is expected.
  bool has_repository_ = false;
  std::vector<v1::Change> changes_;
  std::vector<v1::Version> versions_;
  std::map<ObjectId, Object> objects_;
  std::map<std::string, v1::Label> labels_;
  std::map<std::string, PromptRow> prompts_;
  std::map<std::string, ObjectId> refs_;
  std::map<std::string, RequestRow> requests_;
  std::map<std::string, v1::Record> records_;  // By id, which sorts by time.
};

}  // namespace colophon
