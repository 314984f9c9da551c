#include "client/cpp/cache_state.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

#include "fmt/format.h"
#include "service/base/hash.h"

namespace colophon {
namespace {

constexpr std::string_view kHeader = "colophon-cache 1\n";
constexpr size_t kDigestSize = 64;

void PutInt(int64_t value, std::string* out) {
  for (int shift = 0; shift < 64; shift += 8) {
    out->push_back(static_cast<char>(static_cast<uint64_t>(value) >> shift));
  }
}

void PutString(std::string_view text, std::string* out) {
  PutInt(static_cast<int64_t>(text.size()), out);
  out->append(text);
}

void PutEntry(const CacheState::Entry& entry, std::string* out) {
  PutString(entry.key, out);
  PutInt(entry.entry->sequence, out);
  PutInt(absl::ToUnixNanos(entry.entry->fetch_time), out);
  PutInt(static_cast<int64_t>(entry.entry->versions.size()), out);
  for (size_t i = 0; i < entry.entry->versions.size(); ++i) {
    const ResolvedVersion& resolved = *entry.entry->versions[i];
    PutInt(entry.entry->shares[i].weight, out);
    PutString(resolved.label, out);
    PutInt(resolved.sequence, out);
    PutString(resolved.version.SerializeAsString(), out);
  }
}

std::string Serialize(const CacheState& state) {
  std::string payload;
  PutString(state.address, &payload);
  PutInt(static_cast<int64_t>(state.repositories.size()), &payload);
  for (const CacheState::Repository& repository : state.repositories) {
    PutString(repository.name, &payload);
    PutInt(repository.sequence, &payload);
    PutInt(repository.contact_time, &payload);
  }
  PutInt(static_cast<int64_t>(state.entries.size()), &payload);
  for (const CacheState::Entry& entry : state.entries) PutEntry(entry, &payload);
  return payload;
}

// Reads from front to back; after a failure everything is empty or 0.
class Reader {
 public:
  explicit Reader(std::string_view rest) : rest_(rest) {}

  bool failed() const { return failed_; }
  bool at_end() const { return rest_.empty(); }

  int64_t Int() {
    if (rest_.size() < 8) return Fail();
    uint64_t value = 0;
    for (int i = 7; i >= 0; --i) value = value << 8 | static_cast<uint8_t>(rest_[i]);
    rest_.remove_prefix(8);
    return static_cast<int64_t>(value);
  }

  std::string String() {
    const int64_t size = Int();
    if (size < 0 || static_cast<uint64_t>(size) > rest_.size()) {
      Fail();
      return "";
    }
    std::string text(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return text;
  }

  // Never more than there are bytes left, so a loop over it ends.
  int64_t Count() {
    const int64_t count = Int();
    return count < 0 || static_cast<uint64_t>(count) > rest_.size() ? Fail() : count;
  }

  int64_t Fail() {
    failed_ = true;
    rest_ = {};
    return 0;
  }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

void TakeTarget(Reader& reader, CacheEntry* entry) {
  auto resolved = std::make_shared<ResolvedVersion>();
  const auto weight = static_cast<uint32_t>(reader.Int());
  resolved->label = reader.String();
  resolved->sequence = reader.Int();
  if (!resolved->version.ParseFromString(reader.String())) reader.Fail();
  entry->shares.push_back({resolved->version.version(), weight});
  entry->versions.push_back(std::move(resolved));
}

CacheState::Entry TakeEntry(Reader& reader) {
  std::string key = reader.String();
  const ReferenceParts parts = ReferenceParts::Of(key);
  auto entry = std::make_shared<CacheEntry>();
  entry->kind = parts.kind;
  entry->label = parts.label;
  entry->sequence = reader.Int();
  entry->fetch_time = absl::FromUnixNanos(reader.Int());
  const int64_t count = reader.Count();
  if (count == 0) reader.Fail();
  for (int64_t i = 0; i < count && !reader.failed(); ++i) TakeTarget(reader, entry.get());
  return {std::move(key), std::move(entry)};
}

std::optional<CacheState> Parse(std::string_view payload) {
  Reader reader(payload);
  CacheState state;
  state.address = reader.String();
  const int64_t repositories = reader.Count();
  for (int64_t i = 0; i < repositories && !reader.failed(); ++i) {
    CacheState::Repository repository;
    repository.name = reader.String();
    repository.sequence = reader.Int();
    repository.contact_time = reader.Int();
    state.repositories.push_back(std::move(repository));
  }
  const int64_t entries = reader.Count();
  for (int64_t i = 0; i < entries && !reader.failed(); ++i) {
    state.entries.push_back(TakeEntry(reader));
  }
  if (reader.failed() || !reader.at_end()) return std::nullopt;
  return state;
}

absl::Status Failed(std::string_view what, const std::string& path) {
  return Error(absl::StatusCode::kUnknown, "CACHE_FILE",
               fmt::format("can't {} \"{}\": {}", what, path, std::strerror(errno)));
}

absl::Status Damaged(const std::string& path, std::string_view how) {
  return DataLoss("BAD_CACHE_FILE",
                  fmt::format("\"{}\" is ignored: {}; it is written anew", path, how));
}

absl::Status WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return Failed("write", "the file");
    if (written > 0) bytes.remove_prefix(written);
  }
  if (fsync(fd) != 0) return Failed("sync", "the file");
  return absl::OkStatus();
}

absl::Status SyncFolder(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const int fd = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Failed("open", folder);
  const bool synced = fsync(fd) == 0;
  close(fd);
  return synced ? absl::OkStatus() : Failed("sync", folder);
}

}  // namespace

absl::Status WriteCacheState(const CacheState& state, const std::string& path) {
  const std::string payload = Serialize(state);
  const std::string temporary = fmt::format("{}.{}.tmp", path, getpid());
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return Failed("create", temporary);
  absl::Status status = WriteAll(fd, fmt::format("{}{}\n{}", kHeader, Sha256Hex(payload), payload));
  close(fd);
  if (status.ok() && rename(temporary.c_str(), path.c_str()) != 0) status = Failed("rename", path);
  if (!status.ok()) {
    unlink(temporary.c_str());
    return status;
  }
  return SyncFolder(path);
}

absl::StatusOr<CacheState> ReadCacheState(const std::string& path, const std::string& address) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    if (!std::filesystem::exists(path)) return CacheState{.address = address};
    return Failed("read", path);
  }
  std::ostringstream content;
  content << file.rdbuf();
  const std::string text = content.str();
  const size_t head = kHeader.size() + kDigestSize + 1;
  if (text.size() < head || text.compare(0, kHeader.size(), kHeader) != 0 ||
      text[head - 1] != '\n') {
    return Damaged(path, "it is not a cache file of this version");
  }
  const std::string_view payload = std::string_view(text).substr(head);
  if (text.substr(kHeader.size(), kDigestSize) != Sha256Hex(payload)) {
    return Damaged(path, "its checksum is wrong");
  }
  std::optional<CacheState> state = Parse(payload);
  if (!state) return Damaged(path, "it is malformed");
  if (state->address != address) {
    return Damaged(path, fmt::format("it is of \"{}\", not \"{}\"", state->address, address));
  }
  return *std::move(state);
}

}  // namespace colophon
