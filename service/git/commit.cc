#include "service/git/commit.h"

#include "fmt/format.h"
#include "git2.h"
#include "git2/sys/commit.h"
#include "service/base/json.h"
#include "service/base/reference.h"
#include "service/git/libgit2.h"
#include "service/git/odb_backend.h"

namespace colophon {
namespace {

// A person as libgit2 takes one: views into the strings, which it doesn't alter. (Its
// own git_signature_new would leave out a full stop at a name's end.)
class Signature {
 public:
  Signature(std::string_view person, absl::Time time) : name_(person) {
    if (const size_t open = person.find(" <"); open != person.npos && person.ends_with('>')) {
      name_ = std::string(person.substr(0, open));
      email_ = std::string(person.substr(open + 2, person.size() - open - 3));
    }
    signature_.name = name_.data();
    signature_.email = email_.data();
    signature_.when = {absl::ToUnixSeconds(time), 0, '+'};
  }
  Signature(const Signature&) = delete;
  Signature& operator=(const Signature&) = delete;

  const git_signature* get() const { return &signature_; }

 private:
  std::string name_;
  std::string email_;
  git_signature signature_{};
};

// The person of a header as it stands there, "Ada <ada@example.com>": git_commit_author
// leaves a full stop out, too.
absl::StatusOr<std::string> ReadPerson(const OdbRepository& repository, const git_commit* commit,
                                       const char* header) {
  git_buf buffer = GIT_BUF_INIT;
  RETURN_IF_ERROR(
      repository.Check(git_commit_header_field(&buffer, commit, header), "read a commit's person"));
  std::string person(buffer.ptr, buffer.size);
  git_buf_dispose(&buffer);
  person.resize(person.rfind('>') + 1);  // The time follows; libgit2 has parsed it.
  if (person.ends_with(" <>")) person.resize(person.size() - 3);
  return person;
}

}  // namespace

absl::StatusOr<ObjectId> WriteCommit(ObjectStage& stage, const CommitFields& commit) {
  ASSIGN_OR_RETURN(const OdbRepository repository, OdbRepository::Open(&stage));
  const Signature author(commit.author, commit.time), committer(commit.committer, commit.time);
  std::string message = commit.message;
  if (!message.ends_with('\n')) message += '\n';
  const git_oid tree = ToOid(commit.tree);
  std::vector<git_oid> parents;
  for (const ObjectId& parent : commit.parents) parents.push_back(ToOid(parent));
  std::vector<const git_oid*> pointers;
  for (const git_oid& parent : parents) pointers.push_back(&parent);
  git_oid id;
  RETURN_IF_ERROR(repository.Check(
      git_commit_create_from_ids(&id, repository.get(), nullptr, author.get(), committer.get(),
                                 nullptr, message.c_str(), &tree, pointers.size(), pointers.data()),
      "write a commit"));
  return FromOid(id);
}

absl::StatusOr<CommitFields> ReadCommit(ObjectReader& objects, const ObjectId& id) {
  RETURN_IF_ERROR(objects.Get(id, ObjectType::kCommit).status());
  ASSIGN_OR_RETURN(const OdbRepository repository, OdbRepository::Open(&objects));
  const git_oid oid = ToOid(id);
  git_commit* raw = nullptr;
  if (git_commit_lookup(&raw, repository.get(), &oid) != 0) {
    return DataLoss("CORRUPT_COMMIT",
                    fmt::format("git commit {} is damaged: {}; restore from a backup", id.hex(),
                                MessageOf(repository.Check(GIT_ERROR, "read it"))));
  }
  const GitCommit commit(raw);
  CommitFields fields;
  fields.tree = FromOid(*git_commit_tree_id(raw));
  for (unsigned int i = 0; i < git_commit_parentcount(raw); ++i) {
    fields.parents.push_back(FromOid(*git_commit_parent_id(raw, i)));
  }
  ASSIGN_OR_RETURN(fields.author, ReadPerson(repository, raw, "author"));
  ASSIGN_OR_RETURN(fields.committer, ReadPerson(repository, raw, "committer"));
  fields.time = absl::FromUnixSeconds(git_commit_time(raw));
  fields.message = git_commit_message(raw);
  if (fields.message.ends_with('\n')) fields.message.pop_back();
  return fields;
}

absl::Status CheckAuthor(std::string_view author) {
  const auto bad = [author](std::string_view rule) {
    return InvalidArgument(
        "BAD_AUTHOR",
        fmt::format("bad author {}: {}; write \"Ada <ada@example.com>\"", Quoted(author), rule));
  };
  if (author.empty() || author.size() > 256) return bad("it must have 1 to 256 bytes");
  if (!IsUtf8(author)) return bad("it is not UTF-8");
  for (const char c : author) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return bad("it has a control character");
  }
  std::string_view name = author;
  if (const size_t open = author.find('<'); open != author.npos) {
    if (open < 2 || author[open - 1] != ' ') return bad("a name and a space stand before \"<\"");
    if (!author.ends_with('>')) return bad("it must end with \">\"");
    const std::string_view address = author.substr(open + 1, author.size() - open - 2);
    if (address.empty() || address.find_first_of("<> ") != address.npos) {
      return bad("the address has no spaces and no \"<\" or \">\"");
    }
    name = author.substr(0, open - 1);
  }
  if (name.find('>') != name.npos) return bad("\">\" stands outside of the address");
  if (name.front() == ' ' || name.back() == ' ') return bad("spaces stand around the name");
  return absl::OkStatus();
}

}  // namespace colophon
