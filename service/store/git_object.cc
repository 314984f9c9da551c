#include "service/store/git_object.h"

#include <openssl/evp.h>

#include <array>
#include <memory>

#include "fmt/format.h"

namespace colophon {
namespace {

constexpr std::string_view kSubmoduleMode = "160000";
constexpr std::string_view kTreeMode = "40000";

// Takes "NAME 40-hex-digits\n" off the front.
std::optional<ObjectId> TakeIdLine(std::string_view name, std::string_view* text) {
  const size_t size = name.size() + 1 + 40 + 1;
  if (text->size() < size || !text->starts_with(name) || (*text)[name.size()] != ' ' ||
      (*text)[size - 1] != '\n') {
    return std::nullopt;
  }
  auto id = ObjectId::FromHex(text->substr(name.size() + 1, 40));
  if (id) text->remove_prefix(size);
  return id;
}

std::optional<std::vector<ObjectLink>> LinksOfCommit(std::string_view text) {
  std::vector<ObjectLink> links;
  auto tree = TakeIdLine("tree", &text);
  if (!tree) return std::nullopt;
  links.push_back({*tree, ObjectType::kTree, "tree"});
  while (text.starts_with("parent ")) {
    auto parent = TakeIdLine("parent", &text);
    if (!parent) return std::nullopt;
    links.push_back({*parent, ObjectType::kCommit, "parent"});
  }
  if (!text.starts_with("author ")) return std::nullopt;
  return links;
}

std::optional<ObjectType> TypeByName(std::string_view name) {
  for (const ObjectType type :
       {ObjectType::kCommit, ObjectType::kTree, ObjectType::kBlob, ObjectType::kTag}) {
    if (name == ObjectTypeName(type)) return type;
  }
  return std::nullopt;
}

std::optional<std::vector<ObjectLink>> LinksOfTag(std::string_view text) {
  auto target = TakeIdLine("object", &text);
  if (!target || !text.starts_with("type ")) return std::nullopt;
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto type = TypeByName(text.substr(5, end - 5));
  if (!type) return std::nullopt;
  return std::vector<ObjectLink>{{*target, *type, "object"}};
}

// MODE " " NAME NUL id[20] ...
std::optional<std::vector<ObjectLink>> LinksOfTree(std::string_view bytes) {
  std::vector<ObjectLink> links;
  while (!bytes.empty()) {
    const size_t space = bytes.find(' ');
    const size_t end = bytes.find('\0');
    if (space == std::string_view::npos || end == std::string_view::npos || space > end ||
        bytes.size() < end + 1 + 20) {
      return std::nullopt;
    }
    const std::string_view mode = bytes.substr(0, space);
    const std::string_view name = bytes.substr(space + 1, end - space - 1);
    const auto id = ObjectId::FromBytes(bytes.substr(end + 1, 20));
    if (mode.empty() || name.empty() || !id) return std::nullopt;
    if (mode != kSubmoduleMode) {
      links.push_back(
          {*id, mode == kTreeMode ? ObjectType::kTree : ObjectType::kBlob, std::string(name)});
    }
    bytes.remove_prefix(end + 1 + 20);
  }
  return links;
}

}  // namespace

std::string_view ObjectTypeName(ObjectType type) {
  switch (type) {
    case ObjectType::kCommit:
      return "commit";
    case ObjectType::kTree:
      return "tree";
    case ObjectType::kBlob:
      return "blob";
    case ObjectType::kTag:
      return "tag";
  }
  return "object";
}

ObjectId HashObject(ObjectType type, std::string_view data) {
  std::string header = fmt::format("{} {}", ObjectTypeName(type), data.size());
  header += '\0';
  std::array<uint8_t, 20> digest{};
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha1(), nullptr);
  EVP_DigestUpdate(context.get(), header.data(), header.size());
  EVP_DigestUpdate(context.get(), data.data(), data.size());
  EVP_DigestFinal_ex(context.get(), digest.data(), nullptr);
  return ObjectId(digest);
}

std::optional<std::vector<ObjectLink>> LinksOf(const Object& object) {
  switch (object.type) {
    case ObjectType::kCommit:
      return LinksOfCommit(object.data);
    case ObjectType::kTree:
      return LinksOfTree(object.data);
    case ObjectType::kTag:
      return LinksOfTag(object.data);
    case ObjectType::kBlob:
      break;
  }
  return std::vector<ObjectLink>();
}

}  // namespace colophon
