#include "service/template/prompt/field_differences.h"

#include <map>
#include <set>
#include <string>

#include "service/base/json.h"

namespace colophon::prompt {
namespace {

constexpr size_t kMaxFieldBytes = 256 << 10;

// {"config":{"temperature":1}} → config.temperature = 1. An empty object or
// array is a field of its own.
class Fields {
 public:
  // False when they are more than kMaxFieldBytes: a path stands in each of those
  // below it, so they may be far more than the file.
  bool Add(const std::string& path, const json::value& value) {
    const std::string prefix = path.empty() ? "" : path + ".";
    if (value.is_object() && (!value.get_object().empty() || path.empty())) {
      for (const auto& member : value.get_object()) {
        if (!Add(prefix + std::string(member.key()), member.value())) return false;
      }
      return true;
    }
    if (value.is_array() && !value.get_array().empty()) {
      for (size_t i = 0; i < value.get_array().size(); ++i) {
        if (!Add(prefix + std::to_string(i), value.get_array()[i])) return false;
      }
      return true;
    }
    std::string& text = by_path_[path];
    text = WriteJson(value);
    bytes_ += path.size() + text.size();
    return bytes_ <= kMaxFieldBytes;
  }

  // Empty when there is no such field.
  std::string Find(const std::string& path) const {
    const auto found = by_path_.find(path);
    return found == by_path_.end() ? "" : found->second;
  }
  const std::map<std::string, std::string>& by_path() const { return by_path_; }

 private:
  std::map<std::string, std::string> by_path_;
  size_t bytes_ = 0;
};

}  // namespace

std::vector<v1::FieldDifference> FieldDifferences(const json::object& before,
                                                  const json::object& after) {
  Fields old_fields, new_fields;
  if (!old_fields.Add("", before) || !new_fields.Add("", after)) return {};
  std::set<std::string> paths;
  for (const auto& [path, value] : old_fields.by_path()) paths.insert(path);
  for (const auto& [path, value] : new_fields.by_path()) paths.insert(path);
  std::vector<v1::FieldDifference> differences;
  for (const std::string& path : paths) {
    const std::string old_text = old_fields.Find(path), new_text = new_fields.Find(path);
    if (old_text == new_text) continue;
    v1::FieldDifference& difference = differences.emplace_back();
    difference.set_path(path);
    difference.set_before(old_text);
    difference.set_after(new_text);
  }
  return differences;
}

}  // namespace colophon::prompt
