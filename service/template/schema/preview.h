#pragma once

// Texts for JSON Schema's messages. Internal to json_schema*.cc.

#include <string>
#include <string_view>
#include <vector>

#include "boost/json/value.hpp"
#include "service/template/syntax/diagnostics.h"

namespace colophon {

inline std::string_view View(boost::json::string_view text) { return {text.data(), text.size()}; }
inline std::string_view View(const boost::json::string& text) { return {text.data(), text.size()}; }

// A value for a message: `"text"`, cut; 5; null; "an array of 3", "an object of 2".
std::string Preview(const boost::json::value& value);
// "a string", "an integer", "an array", …
std::string KindOf(const boost::json::value& value);
// `"a", "b" and 7 more`
std::string PreviewList(const std::vector<boost::json::value>& values);

// "1 item", "2 items"
std::string Count(size_t number, std::string_view noun);

}  // namespace colophon
