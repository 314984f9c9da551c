#include "service/provider/tool_calls.h"

#include <utility>

namespace colophon {

void JsonEnd::Feed(std::string_view text) {
  for (const char c : text) {
    if (in_text_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_text_ = false;
      }
    } else if (c == '"') {
      in_text_ = true;
    } else if (c == '{' || c == '[') {
      begun_ = true;
      ++depth_;
    } else if (c == '}' || c == ']') {
      --depth_;
    }
  }
}

ToolCalls::Place ToolCalls::Add(std::optional<int64_t> index, std::string id, std::string name,
                                std::string_view arguments, bool is_whole) {
  const int found = is_whole ? -1 : Find(index, id, name);
  Place place{.call = found >= 0 ? found : static_cast<int>(calls_.size()), .id = {}, .name = {}};
  if (found < 0) calls_.push_back({.index = index, .id = {}, .name = {}, .arguments = {}});
  Call& call = calls_[place.call];
  call.arguments.Feed(arguments);
  // Some servers repeat both in every piece.
  if (call.id.empty() && !id.empty()) place.id = call.id = std::move(id);
  if (call.name.empty() && !name.empty()) place.name = call.name = std::move(name);
  return place;
}

// The newest call that a piece may belong to; -1: it begins one.
int ToolCalls::Find(std::optional<int64_t> index, std::string_view id,
                    std::string_view name) const {
  for (int i = static_cast<int>(calls_.size()) - 1; i >= 0; --i) {
    const Call& call = calls_[i];
    if (index && call.index && index != call.index) continue;
    if (!id.empty() && !call.id.empty()) {
      if (id == call.id) return i;
      continue;
    }
    // Without an index only the last one is meant.
    if (!index && i + 1 < static_cast<int>(calls_.size())) return -1;
    if (name.empty() || call.name.empty()) return i;
    const bool begins = call.arguments.is_whole() || (!index && name != call.name);
    return begins ? -1 : i;
  }
  return -1;
}

}  // namespace colophon
