#include "service/registry/git_format.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstring>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/base/reference.h"

namespace colophon {
namespace {

constexpr size_t kIdSize = 20;

absl::Status CorruptTree() {
  return DataLoss("CORRUPT_TREE", "a git tree in the store is damaged; restore from a backup");
}
absl::Status CorruptCommit() {
  return DataLoss("CORRUPT_COMMIT", "a git commit in the store is damaged; restore from a backup");
}

// Takes the first entry off `tree`; false when the bytes aren't one.
bool NextEntry(std::string_view* tree, TreeEntry* entry) {
  const auto [space, error] =
      std::from_chars(tree->data(), tree->data() + tree->size(), entry->mode, 8);
  if (error != std::errc() || space == tree->data() + tree->size() || *space != ' ') return false;
  tree->remove_prefix(space + 1 - tree->data());
  const size_t nul = tree->find('\0');
  if (nul == tree->npos || nul == 0 || tree->size() < nul + 1 + kIdSize) return false;
  entry->name = tree->substr(0, nul);
  entry->id = *ObjectId::FromBytes(tree->substr(nul + 1, kIdSize));
  tree->remove_prefix(nul + 1 + kIdSize);
  return true;
}

std::string WritePerson(std::string_view person, absl::Time time) {
  return fmt::format("{}{} {} +0000", person, person.ends_with('>') ? "" : " <>",
                     absl::ToUnixSeconds(time));
}

// "Ada <ada@example.com> 1700000000 +0000"
bool ParsePerson(std::string_view line, std::string* person, absl::Time* time) {
  const size_t end = line.rfind('>');
  if (end == line.npos || end + 2 > line.size()) return false;
  *person = std::string(line.substr(0, end + 1));
  if (person->ends_with(" <>")) person->resize(person->size() - 3);
  int64_t seconds = 0;
  const auto [rest, error] =
      std::from_chars(line.data() + end + 2, line.data() + line.size(), seconds);
  *time = absl::FromUnixSeconds(seconds);
  return error == std::errc();
}

}  // namespace

absl::StatusOr<std::vector<TreeEntry>> ParseTree(std::string_view tree) {
  std::vector<TreeEntry> entries;
  entries.reserve(tree.size() / 32);
  while (!tree.empty()) {
    if (!NextEntry(&tree, &entries.emplace_back())) return CorruptTree();
  }
  return entries;
}

bool PrecedesInTree(const TreeEntry& a, const TreeEntry& b) {
  const size_t common = std::min(a.name.size(), b.name.size());
  if (const int order = std::memcmp(a.name.data(), b.name.data(), common)) return order < 0;
  const auto next = [common](const TreeEntry& entry) -> int {
    if (entry.name.size() > common) return static_cast<unsigned char>(entry.name[common]);
    return entry.is_folder() ? '/' : -1;
  };
  return next(a) < next(b);
}

std::string WriteTree(const std::vector<TreeEntry>& entries) {
  std::string tree;
  size_t size = 0;
  for (const TreeEntry& entry : entries) size += entry.name.size() + 8 + kIdSize;
  tree.reserve(size);
  for (const TreeEntry& entry : entries) {
    assert(entry.mode == kFileMode || entry.mode == kFolderMode || entry.mode == 0100755);
    char mode[8];
    tree.append(mode, std::to_chars(mode, mode + sizeof(mode), entry.mode, 8).ptr);
    tree += ' ';
    tree += entry.name;
    tree += '\0';
    tree += entry.id.bytes();
  }
  return tree;
}

std::string WriteCommit(const CommitFields& commit) {
  std::string text = fmt::format("tree {}\n", commit.tree.hex());
  for (const ObjectId& parent : commit.parents) text += fmt::format("parent {}\n", parent.hex());
  text += fmt::format("author {}\ncommitter {}\n\n{}", WritePerson(commit.author, commit.time),
                      WritePerson(commit.committer, commit.time), commit.message);
  if (!commit.message.ends_with('\n')) text += '\n';
  return text;
}

absl::StatusOr<CommitFields> ParseCommit(std::string_view text) {
  CommitFields commit;
  absl::Time author_time;
  bool has_tree = false, has_author = false, has_committer = false;
  while (!text.empty() && text[0] != '\n') {
    const size_t end = text.find('\n');
    if (end == text.npos) return CorruptCommit();
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const size_t space = line.find(' ');
    if (space == line.npos || space == 0) continue;  // A long header goes on.
    const std::string_view key = line.substr(0, space), value = line.substr(space + 1);
    if (key == "tree" || key == "parent") {
      const auto id = ObjectId::FromHex(value);
      if (!id) return CorruptCommit();
      if (key == "parent") {
        commit.parents.push_back(*id);
      } else {
        commit.tree = *id;
        has_tree = true;
      }
    } else if (key == "author") {
      has_author = ParsePerson(value, &commit.author, &author_time);
    } else if (key == "committer") {
      has_committer = ParsePerson(value, &commit.committer, &commit.time);
    }
  }
  if (!has_tree || !has_author || !has_committer || text.empty()) return CorruptCommit();
  text.remove_prefix(1);
  if (text.ends_with('\n')) text.remove_suffix(1);
  commit.message = std::string(text);
  return commit;
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
