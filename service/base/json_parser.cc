// ParseJson. Boost's own parser puts a number together from its digits and a
// power of ten, which may be one step off: 123456789012345680000 would come out
// as …670000. So the numbers are read here, and the rest is left to it.

#include <charconv>
#include <string>

#include "boost/json/basic_parser_impl.hpp"
#include "boost/json/value_stack.hpp"
#include "fmt/format.h"
#include "service/base/json.h"

namespace colophon {
namespace {

// What boost::json::basic_parser asks of whoever takes what it reads.
class Handler {
 public:
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  using Error = boost::system::error_code;
  using Text = json::string_view;

  Handler() { stack_.reset(); }
  json::value Release() { return stack_.release(); }

  bool on_document_begin(Error&) { return true; }
  bool on_document_end(Error&) { return true; }
  bool on_object_begin(Error&) { return true; }
  bool on_object_end(std::size_t n, Error&) {
    stack_.push_object(n);
    return true;
  }
  bool on_array_begin(Error&) { return true; }
  bool on_array_end(std::size_t n, Error&) {
    stack_.push_array(n);
    return true;
  }
  bool on_key_part(Text text, std::size_t, Error&) {
    stack_.push_chars(text);
    return true;
  }
  bool on_key(Text text, std::size_t, Error&) {
    stack_.push_key(text);
    return true;
  }
  bool on_string_part(Text text, std::size_t, Error&) {
    stack_.push_chars(text);
    return true;
  }
  bool on_string(Text text, std::size_t, Error&) {
    stack_.push_string(text);
    return true;
  }
  bool on_number_part(Text text, Error&) {
    number_.append(text.data(), text.size());
    return true;
  }
  bool on_int64(std::int64_t number, Text, Error&) {
    number_.clear();
    stack_.push_int64(number);
    return true;
  }
  bool on_uint64(std::uint64_t number, Text, Error&) {
    number_.clear();
    stack_.push_uint64(number);
    return true;
  }
  bool on_double(double nearly, Text text, Error&) {
    number_.append(text.data(), text.size());
    double number = 0;
    const auto result = std::from_chars(number_.data(), number_.data() + number_.size(), number);
    // Too large or too small for a double: infinite or 0, and that it knows.
    stack_.push_double(result.ec == std::errc() ? number : nearly);
    number_.clear();
    return true;
  }
  bool on_bool(bool value, Error&) {
    stack_.push_bool(value);
    return true;
  }
  bool on_null(Error&) {
    stack_.push_null();
    return true;
  }
  bool on_comment_part(Text, Error&) { return true; }
  bool on_comment(Text, Error&) { return true; }

 private:
  json::value_stack stack_;
  std::string number_;  // What there is of a number so far.
};

}  // namespace

absl::StatusOr<json::value> ParseJson(std::string_view text) {
  constexpr size_t kMaxBytes = 64 << 20;
  constexpr size_t kMaxDepth = 512;
  if (text.size() > kMaxBytes) {
    return InvalidArgument(
        "BAD_JSON", fmt::format("JSON of {} bytes: at most {} are taken", text.size(), kMaxBytes));
  }
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::basic_parser<Handler> parser(options);
  boost::system::error_code error;
  const size_t read = parser.write_some(/*more=*/true, text.data(), text.size(), error);
  if (!error) parser.write_some(/*more=*/false, nullptr, 0, error);
  if (!error && text.substr(read).find_first_not_of(" \t\r\n") != text.npos) {
    error = json::error::extra_data;
  }
  if (error == json::error::too_deep) {
    return InvalidArgument(
        "BAD_JSON", fmt::format("JSON nested deeper than {} levels, at byte {}", kMaxDepth, read));
  }
  if (error) {
    return InvalidArgument("BAD_JSON",
                           fmt::format("not JSON at byte {}: {}", read, error.message()));
  }
  return parser.handler().Release();
}

}  // namespace colophon
