#include "service/registry/version_diff.h"

#include <map>
#include <set>

#include "fmt/format.h"
#include "git2.h"
#include "service/base/json.h"
#include "service/registry/libgit2.h"
#include "service/template/prompt_file.h"

namespace colophon {
namespace {

// Path → content; null when there is no such file.
using Files = std::map<std::string, const v1::File*>;

Files FilesOf(const v1::Version& version) {
  Files files;
  for (const v1::File& file : version.files()) files[file.path()] = &file;
  return files;
}

absl::StatusOr<std::string> DiffFile(const std::string& path, const v1::File* from,
                                     const v1::File* to) {
  git_diff_options options = GIT_DIFF_OPTIONS_INIT;
  options.flags = GIT_DIFF_INDENT_HEURISTIC;  // As git does since 2.14.
  options.id_abbrev = 7;
  const auto data = [](const v1::File* file) {
    return file == nullptr ? nullptr : file->content().data();
  };
  const auto size = [](const v1::File* file) {
    return file == nullptr ? 0 : file->content().size();
  };
  git_patch* raw = nullptr;
  RETURN_IF_ERROR(FromLibgit2(git_patch_from_buffers(&raw, data(from), size(from), path.c_str(),
                                                     data(to), size(to), path.c_str(), &options),
                              "compare two files"));
  const GitPatch patch(raw);
  git_buf buffer = GIT_BUF_INIT;
  RETURN_IF_ERROR(FromLibgit2(git_patch_to_buf(&buffer, patch.get()), "print a difference"));
  std::string text(buffer.ptr, buffer.size);
  git_buf_dispose(&buffer);
  return text;
}

// {"config":{"temperature":1}} → config.temperature = 1. An empty object or
// array is a field of its own.
void Flatten(const std::string& path, const json::value& value,
             std::map<std::string, std::string>* fields) {
  const std::string prefix = path.empty() ? "" : path + ".";
  if (value.is_object() && (!value.get_object().empty() || path.empty())) {
    for (const auto& member : value.get_object()) {
      Flatten(prefix + std::string(member.key()), member.value(), fields);
    }
  } else if (value.is_array() && !value.get_array().empty()) {
    for (size_t i = 0; i < value.get_array().size(); ++i) {
      Flatten(prefix + std::to_string(i), value.get_array()[i], fields);
    }
  } else {
    (*fields)[path] = WriteJson(value);
  }
}

std::map<std::string, std::string> FrontMatterFields(const LoadedVersion& version) {
  std::map<std::string, std::string> fields;
  Flatten("", version.closure->prompt->front_matter().raw, &fields);
  return fields;
}

void DiffFrontMatter(const LoadedVersion& from, const LoadedVersion& to,
                     v1::DiffVersionsResponse* response) {
  const auto before = FrontMatterFields(from), after = FrontMatterFields(to);
  std::set<std::string> paths;
  for (const auto& [path, value] : before) paths.insert(path);
  for (const auto& [path, value] : after) paths.insert(path);
  for (const std::string& path : paths) {
    const auto old_value = before.find(path), new_value = after.find(path);
    const std::string old_text = old_value == before.end() ? "" : old_value->second;
    const std::string new_text = new_value == after.end() ? "" : new_value->second;
    if (old_text == new_text) continue;
    v1::FieldDifference* const difference = response->add_front_matter();
    difference->set_path(path);
    difference->set_from(old_text);
    difference->set_to(new_text);
  }
}

void CopyWithoutContents(const v1::Version& from, v1::Version* to) {
  *to = from;
  for (v1::File& file : *to->mutable_files()) file.clear_content();
}

}  // namespace

absl::StatusOr<v1::DiffVersionsResponse> DiffLoadedVersions(const LoadedVersion& from,
                                                            const LoadedVersion& to) {
  InitLibgit2();
  v1::DiffVersionsResponse response;
  CopyWithoutContents(from.version, response.mutable_from());
  CopyWithoutContents(to.version, response.mutable_to());
  const Files before = FilesOf(from.version), after = FilesOf(to.version);
  Files all = before;
  all.insert(after.begin(), after.end());
  for (const auto& [path, unused] : all) {
    const auto old_file = before.find(path), new_file = after.find(path);
    const v1::File* const a = old_file == before.end() ? nullptr : old_file->second;
    const v1::File* const b = new_file == after.end() ? nullptr : new_file->second;
    if (a != nullptr && b != nullptr && a->content() == b->content()) continue;
    ASSIGN_OR_RETURN(const std::string text, DiffFile(path, a, b));
    response.mutable_unified_diff()->append(text);
  }
  DiffFrontMatter(from, to, &response);
  return response;
}

}  // namespace colophon
