#include "tests/store/history.h"

#include <set>
#include <utility>

#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/hash.h"
#include "service/store/checker.h"
#include "service/store/git_object.h"

namespace colophon {
namespace {

constexpr char kMain[] = "refs/heads/main";
constexpr char kAuthor[] = "Ada <ada@example.com>";

std::optional<ObjectId> OrAbsent(const ObjectId& id) {
  if (id.is_zero()) return std::nullopt;
  return id;
}

}  // namespace

Object MakeObject(ObjectType type, std::string data) {
  const ObjectId id = HashObject(type, data);
  return {.id = id, .type = type, .data = std::move(data)};
}

absl::Time History::TimeOf(int64_t sequence) {
  return absl::FromUnixSeconds(1'800'000'000 + 60 * sequence);
}

ObjectId History::AddTree(const std::string& folder, std::vector<Object>* objects) const {
  std::map<std::string, std::string> entries;  // As git sorts them: folders as "name/".
  std::set<std::string> folders;
  for (const auto& [path, content] : files_) {
    if (!path.starts_with(folder)) continue;
    const std::string name = path.substr(folder.size());
    const size_t slash = name.find('/');
    if (slash == std::string::npos) {
      Object blob = MakeObject(ObjectType::kBlob, content);
      entries[name] = fmt::format("100644 {}", name) + '\0' + std::string(blob.id.bytes());
      objects->push_back(std::move(blob));
    } else if (folders.insert(name.substr(0, slash)).second) {
      const std::string child = name.substr(0, slash);
      const ObjectId id = AddTree(folder + child + "/", objects);
      entries[child + "/"] = fmt::format("40000 {}", child) + '\0' + std::string(id.bytes());
    }
  }
  std::string data;
  for (const auto& [name, entry] : entries) data += entry;
  objects->push_back(MakeObject(ObjectType::kTree, data));
  return objects->back().id;
}

ObjectId History::AddCommit(const ObjectId& tree, const std::vector<ObjectId>& parents,
                            std::string_view description, std::vector<Object>* objects) const {
  const int64_t seconds = absl::ToUnixSeconds(TimeOf(sequence_));
  std::string data = fmt::format("tree {}\n", tree.hex());
  for (const ObjectId& parent : parents) data += fmt::format("parent {}\n", parent.hex());
  data += fmt::format("author {0} {1} +0000\ncommitter {0} {1} +0000\n\n{2}\n", kAuthor, seconds,
                      description);
  objects->push_back(MakeObject(ObjectType::kCommit, data));
  return objects->back().id;
}

ChangeTransaction History::Begin(std::string_view description) {
  ChangeTransaction transaction;
  transaction.repository = repository_;
  ++sequence_;
  const ObjectId tree = AddTree("", &transaction.objects);
  std::vector<ObjectId> parents;
  if (!main_.is_zero()) parents.push_back(main_);
  const ObjectId commit = AddCommit(tree, parents, description, &transaction.objects);
  transaction.refs.push_back({kMain, OrAbsent(main_), commit});
  main_ = commit;

  v1::Change& change = transaction.change.emplace();
  change.set_repository(repository_);
  change.set_sequence(sequence_);
  change.set_commit(commit.hex());
  change.set_author(kAuthor);
  change.set_description(std::string(description));
  *change.mutable_change_time() = ToProto(TimeOf(sequence_));
  return transaction;
}

v1::Version History::MakeVersion(const std::string& prompt, const std::string& text,
                                 const ChangeTransaction& transaction) {
  v1::Version version;
  version.set_version(prompts_[prompt].latest_version + 1);
  version.set_name(fmt::format("{}/{}@v{}", repository_, prompt, version.version()));
  version.set_repository(repository_);
  version.set_prompt(prompt);
  version.set_commit(transaction.change->commit());
  version.set_sequence(transaction.change->sequence());
  version.set_author(kAuthor);
  *version.mutable_publish_time() = transaction.change->change_time();
  v1::File* const file = version.add_files();
  file->set_path(prompt + ".prompt");
  file->set_sha256(Sha256Hex(text));
  file->set_blob(HashObject(ObjectType::kBlob, text).hex());
  version.set_digest(DigestOfFiles(version));
  return version;
}

ChangeTransaction History::Publish(const std::map<std::string, std::string>& prompts) {
  for (const auto& [prompt, text] : prompts) files_[prompt + ".prompt"] = text;
  ChangeTransaction transaction = Begin("Publish");
  for (const auto& [prompt, text] : prompts) {
    const v1::Version version = MakeVersion(prompt, text, transaction);
    v1::PublishedVersion* const published = transaction.change->add_versions();
    published->set_name(version.name());
    published->set_prompt(prompt);
    published->set_version(version.version());
    published->set_digest(version.digest());
    PromptRow& row = prompts_[prompt];
    row.prompt = prompt;
    row.latest_version = version.version();
    row.archived = false;
    row.digest = version.digest();
    row.update_time = TimeOf(sequence_);
    row.dependencies = {"support/_tone.prompt"};
    row.names = {"partial:tone", "schema:ticket"};
    transaction.prompts.push_back(row);
    transaction.versions.push_back(version);
  }
  return transaction;
}

ChangeTransaction History::MoveLabel(const std::string& prompt, const std::string& label,
                                     uint32_t version) {
  files_[prompt + ".labels.yaml"] = fmt::format("{}: v{} # {}\n", label, version, sequence_);
  ChangeTransaction transaction = Begin("Move a label");
  v1::Label row;
  row.set_name(fmt::format("{}/{}@{}", repository_, prompt, label));
  row.set_sequence(sequence_);
  *row.mutable_update_time() = ToProto(TimeOf(sequence_));
  row.set_author(kAuthor);
  if (version > 0) row.mutable_targets()->add_targets()->set_version(version);
  v1::LabelMove* const move = transaction.change->add_label_moves();
  move->set_prompt(prompt);
  move->set_label(label);
  *move->mutable_targets() = row.targets();
  transaction.labels.push_back(std::move(row));
  return transaction;
}

ChangeTransaction History::Archive(const std::string& prompt) {
  files_.erase(prompt + ".prompt");
  ChangeTransaction transaction = Begin("Archive");
  transaction.change->add_archived_prompts(prompt);
  PromptRow& row = prompts_[prompt];
  row.archived = true;
  row.update_time = TimeOf(sequence_);
  transaction.prompts.push_back(row);
  return transaction;
}

ChangeTransaction History::Draft(const std::string& branch, const std::string& text) {
  ChangeTransaction transaction;
  transaction.repository = repository_;
  const std::map<std::string, std::string> files_of_main = files_;
  files_["draft.prompt"] = text;
  const ObjectId tree = AddTree("", &transaction.objects);
  files_ = files_of_main;
  const ObjectId commit = AddCommit(tree, {}, "Draft", &transaction.objects);
  transaction.refs.push_back({"refs/heads/" + branch, std::nullopt, commit});
  return transaction;
}

v1::Intent MakeIntent(const std::string& repository, const std::string& prompt, uint32_t version,
                      const std::string& label, const std::string& caller) {
  v1::Intent intent;
  intent.set_repository(repository);
  intent.set_prompt(prompt);
  intent.set_version(version);
  intent.set_label(label);
  intent.set_caller(caller);
  intent.set_reference(fmt::format("{}/{}@{}", repository, prompt, label));
  intent.set_variables_json(R"({"ticket":"My order has not come."})");
  intent.set_model("echo/echo");
  return intent;
}

v1::Outcome MakeOutcome(v1::RecordStatus status, const std::string& text) {
  v1::Outcome outcome;
  outcome.set_status(status);
  outcome.set_piece_count(3);
  outcome.set_model("echo/echo");
  if (!text.empty()) {
    outcome.mutable_completion()->mutable_message()->add_parts()->set_text(text);
    outcome.set_output_digest(DigestOfText(text));
  }
  return outcome;
}

std::string DigestOfText(const std::string& text) { return Sha256Hex(text); }

}  // namespace colophon
