#include "service/template/schema/cache.h"

#include <utility>

#include "service/base/hash.h"
#include "service/base/json.h"

namespace colophon::schema {
namespace {

constexpr int64_t kSharedBytes = 64 << 20;

int64_t BytesOf(const CachedSchema& compiled) {
  constexpr int64_t kOfEntry = 512;
  int64_t bytes = kOfEntry;
  if (compiled.schema != nullptr) bytes += compiled.schema->memory();
  for (const Problem& problem : compiled.problems) {
    bytes +=
        static_cast<int64_t>(sizeof(problem) + problem.pointer.size() + problem.message.size());
  }
  return bytes;
}

}  // namespace

Cache& Cache::Shared() {
  static auto* const cache = new Cache(kSharedBytes);
  return *cache;
}

std::shared_ptr<const CachedSchema> Cache::Compile(const json::value& schema, Work* work) {
  // To write it and to hash that.
  if (!SpendOnCopy(schema, work)) return nullptr;
  std::string digest = Sha256Hex(WriteJson(schema));
  if (auto known = Find(digest)) return known;
  auto compiled = std::make_shared<CachedSchema>();
  compiled->schema = JsonSchema::Compile(schema, &compiled->problems, work);
  if (!work->ok()) return nullptr;
  Add({std::move(digest), compiled, BytesOf(*compiled)});
  return compiled;
}

std::shared_ptr<const CachedSchema> Cache::Find(const std::string& digest) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = by_digest_.find(digest);
  if (found == by_digest_.end()) {
    ++misses_;
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->compiled;
}

void Cache::Add(Entry entry) {
  if (entry.bytes > most_bytes_) return;
  Entries old;  // Destroyed outside of the lock.
  const std::lock_guard<std::mutex> lock(mutex_);
  if (by_digest_.contains(entry.digest)) return;  // Another thread was faster.
  bytes_ += entry.bytes;
  entries_.push_front(std::move(entry));
  by_digest_[entries_.front().digest] = entries_.begin();
  while (bytes_ > most_bytes_) {
    bytes_ -= entries_.back().bytes;
    by_digest_.erase(entries_.back().digest);
    old.splice(old.begin(), entries_, std::prev(entries_.end()));
  }
}

int64_t Cache::bytes() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return bytes_;
}

int64_t Cache::misses() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return misses_;
}

}  // namespace colophon::schema
