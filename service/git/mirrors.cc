#include "service/git/mirrors.h"

#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "service/git/bare_repository.h"

namespace colophon {
namespace {

namespace fs = std::filesystem;

// Every change that is fetched adds a pack, and git looks into each.
constexpr int kMaxPacks = 32;

absl::Status Failed(const std::string& doing, const std::error_code& error) {
  return Internal(fmt::format("can't {}: {}", doing, error.message()));
}

std::vector<ObjectId> TargetsOf(const std::vector<Ref>& refs) {
  std::vector<ObjectId> targets;
  for (const Ref& ref : refs) targets.push_back(ref.target);
  return targets;
}

}  // namespace

Mirror::~Mirror() {
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

absl::StatusOr<std::unique_ptr<Mirrors>> Mirrors::Open(Store* store, std::string directory) {
  std::error_code error;
  fs::remove_all(directory, error);
  if (error) return Failed(fmt::format("empty the folder {}", directory), error);
  fs::create_directories(directory, error);
  if (error) return Failed(fmt::format("make the folder {}", directory), error);
  return std::unique_ptr<Mirrors>(new Mirrors(store, std::move(directory)));
}

std::shared_ptr<Mirrors::Entry> Mirrors::EntryOf(const std::string& repository) {
  std::lock_guard lock(mu_);
  std::shared_ptr<Entry>& entry = entries_[repository];
  if (entry == nullptr) entry = std::make_shared<Entry>();
  return entry;
}

absl::StatusOr<std::string> Mirrors::MakeFolder(const std::string& purpose) {
  std::string folder;
  {
    std::lock_guard lock(mu_);
    folder = fmt::format("{}/{}-{}", directory_, purpose, next_folder_++);
  }
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return Failed(fmt::format("make the folder {}", folder), error);
  return folder;
}

absl::StatusOr<std::shared_ptr<const Mirror>> Mirrors::Get(const std::string& repository) {
  // Of repositories that exist, so that their number is bounded.
  RETURN_IF_ERROR(store_->ListRefs(repository, "refs/heads/main").status());
  const std::shared_ptr<Entry> entry = EntryOf(repository);
  std::lock_guard lock(entry->mu);
  const absl::Status refreshed = Refresh(repository, *entry);
  if (!refreshed.ok()) {
    entry->mirror = nullptr;
    return refreshed;
  }
  return entry->mirror;
}

absl::Status Mirrors::Refresh(const std::string& repository, Entry& entry) {
  if (entry.mirror != nullptr && entry.packs >= kMaxPacks) entry.mirror = nullptr;
  const bool is_new = entry.mirror == nullptr;
  std::vector<ObjectId> known;
  if (!is_new) {
    known = TargetsOf(entry.refs.branches());
  } else {
    ASSIGN_OR_RETURN(const std::string folder, MakeFolder("mirror"));
    entry.mirror = std::make_shared<Mirror>(folder);
    RETURN_IF_ERROR(InitBareRepository(folder).status());
    entry.packs = 0;
  }
  ASSIGN_OR_RETURN(const bool changed, entry.refs.Update(store_, repository));
  if (!changed && !is_new) return absl::OkStatus();
  const std::string& directory = entry.mirror->directory();
  ASSIGN_OR_RETURN(
      const bool is_written,
      WritePack(store_, repository, TargetsOf(entry.refs.branches()), known, directory));
  if (is_written) ++entry.packs;
  return WritePackedRefs(entry.refs.PackedRefs(), directory);
}

void Mirrors::Discard(const std::string& repository, const std::shared_ptr<const Mirror>& mirror) {
  const std::shared_ptr<Entry> entry = EntryOf(repository);
  std::lock_guard lock(entry->mu);
  if (entry->mirror == mirror) entry->mirror = nullptr;
}

}  // namespace colophon
