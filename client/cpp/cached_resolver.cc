#include "client/cpp/cached_resolver.h"

#include <algorithm>
#include <set>
#include <utility>

#include "client/cpp/cache_state.h"
#include "fmt/format.h"

namespace colophon {
namespace {

constexpr int kFreshHeartbeats = 3;
// How often a label may move while it is fetched before the fetch gives up
// keeping up with it.
constexpr int kMaxRounds = 8;

using Kind = ReferenceParts::Kind;

bool IsMovable(Kind kind) { return kind == Kind::kLabel || kind == Kind::kLatest; }

// The server couldn't be asked, which says nothing about the reference.
bool IsNoAnswer(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status);
}

}  // namespace

CachedResolver::CachedResolver(Client client, CachedResolverOptions options)
    : options_(std::move(options)),
      client_(std::move(client)),
      loader_(client_),
      clock_(options_.clock),
      cache_(options_.max_entries) {
  if (options_.state_file.empty()) return;
  Restore();
  saver_ = std::thread([this] { RunSaver(); });
}

CachedResolver::~CachedResolver() {
  {
    std::lock_guard lock(saver_mu_);
    stopping_ = true;
  }
  saver_wake_.notify_all();
  if (saver_.joinable()) saver_.join();
  std::map<std::string, std::unique_ptr<Repository>> repositories;
  {
    std::lock_guard lock(mu_);
    closing_ = true;
    repositories.swap(repositories_);
  }
  // Their threads are joined without the lock, which they may be waiting for.
}

absl::StatusOr<Resolved> CachedResolver::Resolve(std::string_view reference,
                                                 std::string_view subject) {
  const std::shared_ptr<const CacheEntry> entry = cache_.Find(reference);
  if (entry == nullptr || entry->kind == Kind::kBranch ||
      (entry->watch == nullptr && IsMovable(entry->kind)) ||
      (entry->watch != nullptr && !entry->watch->settled)) {
    return ResolveSlowly(reference, subject);
  }
  return Answer(*entry, subject);
}

Resolved CachedResolver::Answer(const CacheEntry& entry, std::string_view subject) {
  Resolved resolved{entry.Pick(subject), absl::ZeroDuration(), true};
  if (entry.kind == Kind::kFixed) return resolved;
  const absl::Time contact =
      entry.watch == nullptr ? entry.fetch_time : absl::FromUnixNanos(entry.watch->contact_time);
  resolved.age = std::max(clock_.Now() - contact, absl::ZeroDuration());
  resolved.fresh = resolved.age <= options_.heartbeat_interval * kFreshHeartbeats;
  return resolved;
}

absl::StatusOr<Resolved> CachedResolver::ResolveSlowly(std::string_view reference,
                                                       std::string_view subject) {
  const std::shared_ptr<CacheSlot> slot = cache_.Open(reference);
  const ReferenceParts& parts = slot->parts();
  if (Repository* repository = IsMovable(parts.kind) ? Followed(parts.repository) : nullptr) {
    repository->watch->WaitUntilSettled(options_.first_contact_timeout);
  }
  std::unique_lock one_at_a_time(slot->loading(), std::defer_lock);
  if (parts.kind != Kind::kBranch) one_at_a_time.lock();
  const std::shared_ptr<const CacheEntry> last = cache_.Look(*slot, nullptr);
  // Who has something to fall back on doesn't wait long.
  const CallOptions call = last == nullptr ? CallOptions() : ShortCall();
  const LoadedEntry entry =
      IsMovable(parts.kind) ? LoadMovable(*slot, call) : LoadVersion(*slot, call);
  if (entry.ok()) return Answer(**entry, subject);
  if (last == nullptr || !IsNoAnswer(entry.status())) {
    cache_.RemoveIfEmpty(*slot);
    return entry.status();
  }
  Resolved last_known_good = Answer(*last, subject);
  last_known_good.fresh = false;
  return last_known_good;
}

CallOptions CachedResolver::ShortCall() const {
  return {.timeout = options_.ask_timeout, .max_attempts = 1};
}

CachedResolver::LoadedEntry CachedResolver::LoadVersion(CacheSlot& slot, const CallOptions& call) {
  const Kind kind = slot.parts().kind;
  std::shared_ptr<const CacheEntry> last = cache_.Look(slot, nullptr);
  if (last != nullptr && kind == Kind::kFixed) return last;
  auto entry = std::make_shared<CacheEntry>();
  entry->kind = kind;
  entry->fetch_time = clock_.Now();
  ASSIGN_OR_RETURN(auto found, loader_.Get(slot.key(), call));
  entry->sequence = found->sequence;
  entry->shares = {{found->version.version(), 1}};
  entry->versions = {std::move(found)};
  cache_.Publish(slot, entry);
  MarkUnsaved();
  return entry;
}

CachedResolver::LoadedEntry CachedResolver::LoadMovable(CacheSlot& slot, const CallOptions& call) {
  const ReferenceParts& parts = slot.parts();
  std::shared_ptr<const CacheEntry> built;
  for (int round = 0; round < kMaxRounds; ++round) {
    std::optional<Pointing> wanted;
    const std::shared_ptr<const CacheEntry> entry = cache_.Look(slot, &wanted);
    const bool followed = entry != nullptr && entry->watch != nullptr;
    if (followed && wanted && entry->sequence == wanted->sequence) return entry;

    std::vector<std::shared_ptr<const ResolvedVersion>> known;
    if (entry != nullptr) known = entry->versions;
    const absl::Time asked = clock_.Now();
    Repository* repository = Followed(parts.repository);
    if (!wanted || wanted->targets.targets().empty() || !followed) {
      ASSIGN_OR_RETURN(const auto found, loader_.Get(slot.key(), call));
      known.push_back(found);
      repository = Follow(parts.repository, found->sequence, true);
      // Another load began this watch after ours had asked: what happened in
      // between would be missed. The next Resolve asks again.
      if (repository != nullptr && repository->watch->start_sequence() > found->sequence) {
        repository = nullptr;
      }
      ASSIGN_OR_RETURN(const Pointing pointing, loader_.GetPointing(parts, *found, call));
      cache_.Point(slot, pointing);
      cache_.Look(slot, &wanted);
      if (!wanted || wanted->targets.targets().empty()) continue;  // Removed in between.
    }
    ASSIGN_OR_RETURN(const auto made, loader_.MakeEntry(parts, *wanted, known, call));
    made->fetch_time = asked;
    if (repository != nullptr) made->watch = repository->watch->state();
    built = made;
    if (cache_.Publish(slot, made)) {
      MarkUnsaved();
      break;
    }
  }
  if (built == nullptr) {
    return Aborted("LABEL_MOVING", fmt::format("\"{}\" came and went while it was resolved; try "
                                               "again",
                                               slot.key()));
  }
  return built;
}

CachedResolver::Repository* CachedResolver::Followed(const std::string& name) {
  std::lock_guard lock(mu_);
  const auto found = repositories_.find(name);
  return found == repositories_.end() ? nullptr : found->second.get();
}

CachedResolver::Repository* CachedResolver::Follow(const std::string& name, int64_t sequence,
                                                   bool settled) {
  std::lock_guard lock(mu_);
  const auto found = repositories_.find(name);
  if (found != repositories_.end()) return found->second.get();
  if (closing_ || static_cast<int>(repositories_.size()) >= options_.max_repositories) {
    return nullptr;
  }
  auto made = std::make_unique<Repository>();
  Repository* const repository = made.get();
  repository->name = name;
  RepositoryWatch::Options options{.heartbeat_interval = options_.heartbeat_interval,
                                   .reconnect = options_.reconnect,
                                   .clock = &clock_};
  RepositoryWatch::Callbacks callbacks{
      .note = [this, repository](const v1::Change& change) { return Note(*repository, change); },
      .note_all = [this, repository] { NoteAll(*repository); },
      .apply = [this, repository] { return Apply(*repository); }};
  repository->watch = std::make_unique<RepositoryWatch>(client_, name, sequence, settled, options,
                                                        std::move(callbacks));
  repositories_.emplace(name, std::move(made));
  // What a state file has must be there before changes to it are noted; what is
  // loaded now has its slot already.
  if (settled) repository->watch->Start();
  return repository;
}

bool CachedResolver::Note(Repository& repository, const v1::Change& change) {
  for (const v1::LabelMove& move : change.label_moves()) {
    const Pointing pointing{move.targets(), change.sequence()};
    const std::string prompt = repository.name + "/" + move.prompt();
    NoteMove(repository, prompt + "@" + move.label(), pointing);
    if (move.label() == "production") NoteMove(repository, prompt, pointing);
  }
  for (const v1::PublishedVersion& published : change.versions()) {
    Pointing pointing{{}, change.sequence()};
    pointing.targets.add_targets()->set_version(published.version());
    NoteMove(repository, repository.name + "/" + published.prompt() + "@latest", pointing);
  }
  for (const std::string& prompt : change.archived_prompts()) {
    NoteMove(repository, repository.name + "/" + prompt + "@latest", {{}, change.sequence()});
  }
  return !repository.noted.empty();
}

void CachedResolver::NoteMove(Repository& repository, const std::string& key,
                              const Pointing& pointing) {
  std::shared_ptr<CacheSlot> slot = cache_.Point(key, pointing);
  if (slot == nullptr) return;
  if (!pointing.targets.targets().empty()) {
    repository.noted.push_back(std::move(slot));
    return;
  }
  // Removed: the next Resolve asks the server, who says so.
  cache_.Remove(key);
  MarkUnsaved();
}

void CachedResolver::NoteAll(Repository& repository) {
  repository.noted.clear();
  for (std::shared_ptr<CacheSlot>& slot : cache_.Slots()) {
    if (slot->parts().repository != repository.name || !IsMovable(slot->parts().kind)) continue;
    cache_.Unpoint(*slot);
    repository.noted.push_back(std::move(slot));
  }
}

bool CachedResolver::Apply(Repository& repository) {
  std::vector<std::shared_ptr<CacheSlot>> again;
  for (const std::shared_ptr<CacheSlot>& slot : repository.noted) {
    std::lock_guard one_at_a_time(slot->loading());
    const LoadedEntry loaded = LoadMovable(*slot, ShortCall());
    if (loaded.ok()) continue;
    if (absl::IsNotFound(loaded.status())) {
      cache_.Remove(slot->key());
    } else {
      again.push_back(slot);
    }
  }
  repository.noted = std::move(again);
  return repository.noted.empty();
}

void CachedResolver::Restore() {
  absl::StatusOr<CacheState> state = ReadCacheState(options_.state_file, client_.options().address);
  restore_status_ = state.status();
  if (!state.ok()) return;
  std::map<std::string, Repository*> followed;
  for (const CacheState::Repository& saved : state->repositories) {
    Repository* const repository = Follow(saved.name, saved.sequence, false);
    if (repository == nullptr) continue;
    // After now: the clock was wrong then or is now, and how old it is isn't known.
    const bool is_known = absl::FromUnixNanos(saved.contact_time) <= clock_.Now();
    repository->watch->state()->contact_time = is_known ? saved.contact_time : 0;
    followed[saved.name] = repository;
  }
  std::reverse(state->entries.begin(), state->entries.end());  // The oldest first.
  for (const CacheState::Entry& saved : state->entries) {
    const std::shared_ptr<CacheSlot> slot = cache_.Open(saved.key);
    auto entry = std::make_shared<CacheEntry>(*saved.entry);
    if (entry->fetch_time > clock_.Now()) entry->fetch_time = absl::UnixEpoch();
    if (IsMovable(entry->kind)) {
      const auto repository = followed.find(slot->parts().repository);
      if (repository != followed.end()) entry->watch = repository->second->watch->state();
    }
    cache_.Restore(*slot, std::move(entry));
  }
  for (const auto& [name, repository] : followed) repository->watch->Start();
}

absl::Status CachedResolver::Save() {
  if (options_.state_file.empty()) return absl::OkStatus();
  std::lock_guard one_at_a_time(save_mu_);
  CacheState state;
  state.address = client_.options().address;
  {
    // Before the entries: what is applied meanwhile is applied again, never
    // missed.
    std::lock_guard lock(mu_);
    for (const auto& [name, repository] : repositories_) {
      state.repositories.push_back(
          {name, repository->watch->sequence(), repository->watch->state()->contact_time});
    }
  }
  for (const std::shared_ptr<CacheSlot>& slot : cache_.Slots()) {
    std::optional<Pointing> wanted;
    std::shared_ptr<const CacheEntry> entry = cache_.Look(*slot, &wanted);
    if (entry != nullptr) state.entries.push_back({slot->key(), std::move(entry)});
  }
  return WriteCacheState(state, options_.state_file);
}

void CachedResolver::MarkUnsaved() {
  {
    std::lock_guard lock(saver_mu_);
    unsaved_ = true;
  }
  saver_wake_.notify_all();
}

void CachedResolver::RunSaver() {
  std::unique_lock lock(saver_mu_);
  for (bool last = false; !last;) {
    saver_wake_.wait(lock, [this] { return unsaved_ || stopping_; });
    saver_wake_.wait_for(lock, absl::ToChronoNanoseconds(options_.save_interval),
                         [this] { return stopping_; });
    unsaved_ = false;
    last = stopping_;
    lock.unlock();
    const absl::Status saved = Save();
    lock.lock();
    if (!saved.ok()) unsaved_ = true;  // A full disk may get room again.
    save_status_ = saved;
  }
}

absl::Status CachedResolver::save_status() {
  std::lock_guard lock(saver_mu_);
  return save_status_;
}

}  // namespace colophon
