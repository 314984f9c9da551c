#include "service/store/checker.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/hash.h"
#include "service/store/git_object.h"
#include "service/store/write_check.h"

namespace colophon {
namespace {

constexpr int kMaxProblems = 1000;
constexpr size_t kMaxCached = 200'000;
constexpr char kMain[] = "refs/heads/main";
constexpr std::string_view kHeads = "refs/heads/";

template <class Map>
void Remember(Map* map, const std::string& key, typename Map::mapped_type value) {
  if (map->size() >= kMaxCached) map->clear();
  (*map)[key] = std::move(value);
}

}  // namespace

void Problems::Add(std::string_view repository, std::string message) {
  if (response_->problems_size() >= kMaxProblems) return;
  v1::StoreProblem* const problem = response_->add_problems();
  problem->set_repository(std::string(repository));
  problem->set_message(std::move(message));
}

std::string DigestOfFiles(const v1::Version& version) {
  std::vector<std::pair<std::string_view, std::string_view>> files;
  for (const v1::File& file : version.files()) files.emplace_back(file.path(), file.sha256());
  std::sort(files.begin(), files.end());
  std::string lines;
  for (const auto& [path, sha256] : files) lines += fmt::format("{}  {}\n", sha256, path);
  return Sha256Hex(lines);
}

std::optional<ObjectType> RepositoryChecker::TypeOf(const ObjectId& id, std::string_view named_by) {
  const std::string key(id.bytes());
  std::optional<ObjectType> type;
  if (const auto cached = types_.find(key); cached != types_.end()) {
    type = cached->second;
  } else {
    const auto object = source_.FindObject(repository_, id);
    if (object.ok() && *object) type = (*object)->type;
    Remember(&types_, key, type);
  }
  if (!type) {
    Add(fmt::format("object {}, named by {}, is missing or damaged", id.hex(), named_by));
  }
  return type;
}

void RepositoryChecker::Expect(const ObjectId& id, ObjectType type, std::string_view named_by) {
  const std::optional<ObjectType> found = TypeOf(id, named_by);
  if (found && *found != type) {
    Add(fmt::format("object {}, named by {}, is a {}, not a {}", id.hex(), named_by,
                    ObjectTypeName(*found), ObjectTypeName(type)));
  }
}

void RepositoryChecker::CheckChange(const v1::Change& change, bool stepped_back) {
  const std::string name = fmt::format("change {}", change.sequence());
  if (change.sequence() != sequence_ + 1) {
    Add(fmt::format("{} follows change {}: those between are missing", name, sequence_));
  }
  sequence_ = change.sequence();
  newest_commit_ = change.commit();
  if (change.repository() != repository_) {
    Add(fmt::format("{} says it is of \"{}\"", name, change.repository()));
  }
  const absl::Time time = FromProto(change.change_time());
  const bool steps_back = time < std::exchange(change_time_, time);
  if (steps_back != stepped_back) {
    Add(fmt::format("{}: {}", name,
                    steps_back ? "its time is before that of the change before it, and the row "
                                 "that says so is missing or damaged"
                               : "a row says that its time is before that of the change before "
                                 "it, which it isn't"));
  }
  const std::optional<ObjectId> commit = ObjectId::FromHex(change.commit());
  if (!commit) {
    Add(fmt::format("{} has commit \"{}\", not 40 hex digits", name, change.commit()));
    return;
  }
  Expect(*commit, ObjectType::kCommit, name);
}

void RepositoryChecker::CheckRef(const Ref& ref) {
  if (ref.name == kMain) main_ = ref.target;
  const std::string name = fmt::format("ref {}", ref.name);
  if (std::string_view(ref.name).starts_with(kHeads)) {
    Expect(ref.target, ObjectType::kCommit, name);
    return;
  }
  const std::optional<ObjectType> type = TypeOf(ref.target, name);
  if (type && *type != ObjectType::kCommit && *type != ObjectType::kTag) {
    Add(fmt::format("{} points to a {}, not to a commit", name, ObjectTypeName(*type)));
  }
}

void RepositoryChecker::CheckObject(const Object& object) {
  const std::string name = fmt::format("{} {}", ObjectTypeName(object.type), object.id.hex());
  const auto links = LinksOf(object);
  if (!links) {
    Add(fmt::format("{} is malformed", name));
    return;
  }
  for (const ObjectLink& link : *links) {
    Expect(link.id, link.type, fmt::format("{} as \"{}\"", name, link.name));
  }
}

std::string RepositoryChecker::HashOfBlob(const ObjectId& id, std::string_view named_by) {
  const std::string key(id.bytes());
  if (const auto cached = blob_hashes_.find(key); cached != blob_hashes_.end()) {
    return cached->second;
  }
  const auto object = source_.FindObject(repository_, id);
  std::string hash;
  if (!object.ok() || !*object || (*object)->type != ObjectType::kBlob) {
    Add(fmt::format("object {}, named by {}, is missing, damaged or not a blob", id.hex(),
                    named_by));
  } else {
    hash = Sha256Hex((*object)->data);
  }
  Remember(&blob_hashes_, key, hash);
  return hash;
}

void RepositoryChecker::CheckFile(const v1::Version& version, const v1::File& file) {
  const std::string name =
      fmt::format("version {} of {}, file {}", version.version(), version.prompt(), file.path());
  const std::optional<ObjectId> blob = ObjectId::FromHex(file.blob());
  if (!blob) {
    Add(fmt::format("{}: blob \"{}\" is not 40 hex digits", name, file.blob()));
    return;
  }
  const std::string hash = HashOfBlob(*blob, name);
  if (hash != file.sha256()) {
    Add(fmt::format("{}: blob {} has SHA-256 \"{}\", not {}", name, blob->hex(), hash,
                    file.sha256()));
  }
}

void RepositoryChecker::CheckVersion(const v1::Version& version) {
  const std::string name = fmt::format("version {} of {}", version.version(), version.prompt());
  const bool new_prompt = version.prompt() != version_prompt_;
  const uint32_t expected = new_prompt ? 1 : version_number_ + 1;
  if (version.version() != expected) {
    Add(fmt::format("{} stands where version {} should", name, expected));
  }
  if (new_prompt) {
    const auto row = source_.FindPrompt(repository_, version.prompt());
    if (!row.ok() || !*row) Add(fmt::format("{} has no prompt row, or a damaged one", name));
  }
  version_prompt_ = version.prompt();
  version_number_ = version.version();

  if (version.repository() != repository_) {
    Add(fmt::format("{} says it is of \"{}\"", name, version.repository()));
  }
  if (version.sequence() < 1 || version.sequence() > sequence_) {
    Add(fmt::format("{} says change {} published it; there are {}", name, version.sequence(),
                    sequence_));
  }
  const std::optional<ObjectId> commit = ObjectId::FromHex(version.commit());
  if (!commit) {
    Add(fmt::format("{} has commit \"{}\", not 40 hex digits", name, version.commit()));
  } else {
    Expect(*commit, ObjectType::kCommit, name);
  }
  for (const v1::File& file : version.files()) CheckFile(version, file);
  const std::string digest = DigestOfFiles(version);
  if (digest != version.digest()) {
    Add(fmt::format("{} has digest {}, its files give {}", name, version.digest(), digest));
  }
}

void RepositoryChecker::CheckPrompt(const PromptRow& row) {
  const std::string name = fmt::format("prompt {}", row.prompt);
  if (row.latest_version == 0) return;
  const auto latest = source_.FindVersion(repository_, row.prompt, row.latest_version);
  if (!latest.ok() || !*latest) {
    Add(fmt::format("{} says its latest version is {}, which is missing or damaged", name,
                    row.latest_version));
    return;
  }
  if ((*latest)->digest() != row.digest) {
    Add(fmt::format("{} says its latest version has digest {}, it has {}", name, row.digest,
                    (*latest)->digest()));
  }
  const auto next = source_.FindVersion(repository_, row.prompt, row.latest_version + 1);
  if (!next.ok() || *next) {
    Add(fmt::format("{} says its latest version is {}, there are newer ones", name,
                    row.latest_version));
  }
}

void RepositoryChecker::CheckLabel(const v1::Label& label) {
  const std::string name = fmt::format("label {} of change {}", label.name(), label.sequence());
  const std::optional<LabelNameParts> parts = SplitLabelName(repository_, label.name());
  if (!parts) {
    Add(fmt::format("{} has a name that is not one of this repository", name));
    return;
  }
  if (label.sequence() < 1 || label.sequence() > sequence_) {
    Add(fmt::format("{}: there are {} changes", name, sequence_));
  }
  for (const v1::LabelTarget& target : label.targets().targets()) {
    const auto version = source_.FindVersion(repository_, parts->prompt, target.version());
    if (!version.ok() || !*version) {
      Add(fmt::format("{} points to version {}, which is missing or damaged", name,
                      target.version()));
    }
  }
}

void RepositoryChecker::Finish() {
  const std::string main = main_ ? main_->hex() : "";
  if (main != newest_commit_) {
    Add(fmt::format("{} is at \"{}\", the newest change ({}) made commit \"{}\"", kMain, main,
                    sequence_, newest_commit_));
  }
}

void RecordChecker::Check(const v1::Record& record) {
  const v1::Intent& intent = record.intent();
  if (intent.commit().empty()) return;  // It names no more than a number.
  // Most records follow another one of their version.
  std::string version = fmt::format("{}/{}@v{} {} {}", intent.repository(), intent.prompt(),
                                    intent.version(), intent.commit(), intent.digest());
  if (version == last_version_) return;
  const absl::StatusOr<bool> has_version = HasVersion(intent);
  if (has_version.ok() && *has_version) {
    last_version_ = std::move(version);
    return;
  }
  problems_.Add(intent.repository(),
                fmt::format("record {} is of {}/{}@v{} at commit {} with digest {}, which isn't "
                            "there",
                            record.id(), intent.repository(), intent.prompt(), intent.version(),
                            intent.commit(), intent.digest()));
}

absl::StatusOr<bool> RecordChecker::HasVersion(const v1::Intent& intent) {
  if (intent.version() == 0) {  // A draft.
    const std::optional<ObjectId> commit = ObjectId::FromHex(intent.commit());
    if (!commit) return false;
    ASSIGN_OR_RETURN(const std::optional<Object> object,
                     source_.FindObject(intent.repository(), *commit));
    return object.has_value();
  }
  ASSIGN_OR_RETURN(const std::optional<v1::Version> version,
                   source_.FindVersion(intent.repository(), intent.prompt(), intent.version()));
  return version && version->commit() == intent.commit() && version->digest() == intent.digest();
}

}  // namespace colophon
