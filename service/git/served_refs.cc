#include "service/git/served_refs.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "fmt/format.h"
#include "service/store/change_pages.h"

namespace colophon {
namespace {

constexpr char kMain[] = "refs/heads/main";
constexpr int kChangesAtOnce = 500;

// Git can't hold the refs a/v1 and a/v1/v1 side by side: of a prompt "a" and a prompt
// "a/v1" the latter goes without tags.
bool IsBelowATag(const std::map<std::string, ObjectId>& tags, const std::string& name) {
  for (size_t slash = name.rfind('/'); slash != std::string::npos && slash > 0;
       slash = name.rfind('/', slash - 1)) {
    const bool after_number = std::isdigit(static_cast<unsigned char>(name[slash - 1])) != 0;
    if (after_number && tags.count(name.substr(0, slash)) > 0) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<bool> ServedRefs::Update(Store* store, const std::string& repository) {
  // Before the changes: those up to main's head are then there.
  ASSIGN_OR_RETURN(std::vector<Ref> branches, store->ListRefs(repository, ""));
  const auto same = [](const Ref& a, const Ref& b) {
    return a.name == b.name && a.target == b.target;
  };
  if (std::equal(branches.begin(), branches.end(), branches_.begin(), branches_.end(), same)) {
    return false;
  }
  for (const Ref& ref : branches) {
    if (ref.name != kMain) continue;
    ASSIGN_OR_RETURN(const int64_t sequence, store->FindSequence(repository, ref.target));
    RETURN_IF_ERROR(AddVersions(store, repository, sequence));
  }
  branches_ = std::move(branches);  // Last: what failed is tried again.
  return true;
}

absl::Status ServedRefs::AddVersions(Store* store, const std::string& repository,
                                     int64_t sequence) {
  while (sequence_ < sequence) {
    ASSIGN_OR_RETURN(const std::vector<v1::Change> changes,
                     store->ListChanges(repository, sequence_ + 1, +1, kChangesAtOnce));
    if (changes.empty()) {
      return DataLoss("SEQUENCE_GAP",
                      fmt::format("change {} of {} isn't there", sequence_ + 1, repository));
    }
    for (const v1::Change& first : changes) {
      if (first.sequence() > sequence) return absl::OkStatus();
      const auto commit = ObjectId::FromHex(first.commit());
      const auto add = [&](const v1::Change& page) {
        for (const v1::PublishedVersion& version : page.versions()) {
          // Names that are good here are good in git.
          std::string name = fmt::format("refs/tags/{}/v{}", version.prompt(), version.version());
          if (commit) tags_.emplace(std::move(name), *commit);
        }
        return true;
      };
      add(first);
      RETURN_IF_ERROR(ReadPagesAfter(store, first, add));
      sequence_ = first.sequence();
    }
  }
  return absl::OkStatus();
}

std::string ServedRefs::PackedRefs() const {
  std::string text = "# pack-refs with: peeled fully-peeled sorted \n";
  const auto add = [&text](const std::string& name, const ObjectId& id) {
    text += id.hex();
    text += ' ';
    text += name;
    text += '\n';
  };
  // By name, and all branches' come before all tags'.
  for (const Ref& ref : branches_) add(ref.name, ref.target);
  for (const auto& [name, id] : tags_) {
    if (!IsBelowATag(tags_, name)) add(name, id);
  }
  return text;
}

absl::Status WritePackedRefs(const std::string& packed_refs, const std::string& directory) {
  const std::string path = directory + "/packed-refs";
  const std::string next = path + ".next";
  {
    std::ofstream file(next, std::ios::binary | std::ios::trunc);
    file << packed_refs;
    file.flush();
    if (!file) return Internal(fmt::format("can't write {}: {}", next, std::strerror(errno)));
  }
  if (std::rename(next.c_str(), path.c_str()) == 0) return absl::OkStatus();
  return Internal(fmt::format("can't replace {}: {}", path, std::strerror(errno)));
}

}  // namespace colophon
