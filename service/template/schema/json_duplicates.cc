#include "service/template/schema/json_duplicates.h"

#include <cstdint>

#include "absl/container/flat_hash_set.h"
#include "boost/json/basic_parser_impl.hpp"
#include "service/base/json.h"
#include "service/template/syntax/pointer.h"

namespace colophon::schema {
namespace {

constexpr size_t kMost = 20;

// What boost::json::basic_parser asks of whoever takes what it reads. Keeps where it
// is, and the keys of the objects that it is in.
class KeyWatcher {
 public:
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  using Error = boost::system::error_code;
  using Text = json::string_view;

  std::vector<std::string> TakeFound() { return std::move(found_); }

  bool on_document_begin(Error&) { return true; }
  bool on_document_end(Error&) { return true; }
  bool on_object_begin(Error&) { return Open(/*is_object=*/true); }
  bool on_object_end(std::size_t, Error&) { return Close(); }
  bool on_array_begin(Error&) { return Open(/*is_object=*/false); }
  bool on_array_end(std::size_t, Error&) { return Close(); }
  bool on_key_part(Text text, std::size_t, Error&) {
    key_.append(text.data(), text.size());
    return true;
  }
  bool on_key(Text text, std::size_t, Error&) {
    key_.append(text.data(), text.size());
    Level& level = levels_.back();
    if (!level.keys.insert(key_).second && found_.size() < kMost) {
      found_.push_back(syntax::ChildPointer(level.pointer, key_));
    }
    level.key = std::move(key_);
    key_.clear();
    return true;
  }
  bool on_string_part(Text, std::size_t, Error&) { return true; }
  bool on_string(Text, std::size_t, Error&) { return Value(); }
  bool on_number_part(Text, Error&) { return true; }
  bool on_int64(std::int64_t, Text, Error&) { return Value(); }
  bool on_uint64(std::uint64_t, Text, Error&) { return Value(); }
  bool on_double(double, Text, Error&) { return Value(); }
  bool on_bool(bool, Error&) { return Value(); }
  bool on_null(Error&) { return Value(); }
  bool on_comment_part(Text, Error&) { return true; }
  bool on_comment(Text, Error&) { return true; }

 private:
  struct Level {
    bool is_object;
    std::string pointer;
    std::string key;   // Of the member that is read.
    size_t index = 0;  // Of the element.
    absl::flat_hash_set<std::string> keys;
  };

  bool Open(bool is_object) {
    std::string pointer;
    if (!levels_.empty()) {
      const Level& outer = levels_.back();
      pointer = syntax::ChildPointer(outer.pointer,
                                     outer.is_object ? outer.key : std::to_string(outer.index));
    }
    levels_.push_back({is_object, std::move(pointer), "", 0, {}});
    return true;
  }
  bool Close() {
    levels_.pop_back();
    return Value();
  }
  bool Value() {
    if (!levels_.empty()) ++levels_.back().index;
    return true;
  }

  std::vector<Level> levels_;
  std::string key_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> FindDuplicateKeys(std::string_view text) {
  json::parse_options options;
  options.max_depth = 512;
  json::basic_parser<KeyWatcher> parser(options);
  boost::system::error_code error;
  parser.write_some(/*more=*/true, text.data(), text.size(), error);
  return parser.handler().TakeFound();
}

}  // namespace colophon::schema
