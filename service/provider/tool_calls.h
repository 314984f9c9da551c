#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace colophon {

// Follows a JSON text that comes in pieces, to tell where it is whole.
class JsonEnd {
 public:
  void Feed(std::string_view text);
  // An object or array was begun and all that was begun is closed.
  bool is_whole() const { return begun_ && depth_ == 0; }

 private:
  bool begun_ = false;
  bool in_text_ = false;
  bool escaped_ = false;
  int64_t depth_ = 0;
};

// Tells which of an answer's tool calls a piece of one belongs to, where servers give
// an index, an id, a name, or only some of them:
//
// - a new id begins a new call, also on an index that was used;
// - a known id without an index is the call that has it;
// - without an id an index says it, and without either it is the last call; but who
//   names a function after whole arguments begins a new call.
class ToolCalls {
 public:
  struct Place {
    int call = 0;  // From 0.
    // What the piece adds: empty when it was told before.
    std::string id;
    std::string name;
  };

  // `is_whole`: the piece is a whole call, as in a unary answer.
  Place Add(std::optional<int64_t> index, std::string id, std::string name,
            std::string_view arguments, bool is_whole);

  bool empty() const { return calls_.empty(); }

 private:
  struct Call {
    std::optional<int64_t> index;
    std::string id;
    std::string name;
    JsonEnd arguments;
  };

  int Find(std::optional<int64_t> index, std::string_view id, std::string_view name) const;

  std::vector<Call> calls_;
};

}  // namespace colophon
