#pragma once

// Remembers what JSON Schemas compiled to, refused ones too, by the SHA-256 of their
// text: files that several prompts name, and what a call brings along each time. So a
// schema is paid for once, by whom comes with it first.

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "boost/json/value.hpp"
#include "service/template/schema/json_schema.h"

namespace colophon::schema {

struct CachedSchema {
  std::shared_ptr<const JsonSchema> schema;  // Null after an error.
  std::vector<Problem> problems;
};

// Holds what was used last, up to a number of bytes. Thread-safe; what it gives may
// be kept.
class Cache {
 public:
  explicit Cache(int64_t most_bytes) : most_bytes_(most_bytes) {}

  // The one of the process: what a schema compiles to depends on nothing else.
  static Cache& Shared();

  // As JsonSchema::Compile. Null when `work` ended, and nothing is remembered then.
  std::shared_ptr<const CachedSchema> Compile(const boost::json::value& schema, Work* work);

  int64_t bytes() const;
  int64_t misses() const;  // So many were compiled.

 private:
  struct Entry {
    std::string digest;
    std::shared_ptr<const CachedSchema> compiled;
    int64_t bytes;
  };
  using Entries = std::list<Entry>;

  std::shared_ptr<const CachedSchema> Find(const std::string& digest);
  void Add(Entry entry);

  const int64_t most_bytes_;
  mutable std::mutex mutex_;
  Entries entries_;  // The last used first.
  absl::flat_hash_map<std::string, Entries::iterator> by_digest_;
  int64_t bytes_ = 0;
  int64_t misses_ = 0;
};

}  // namespace colophon::schema
