#pragma once

// Texts for JSON Schema's messages. Internal to this room.

#include <string>
#include <string_view>
#include <vector>

#include "boost/json/value.hpp"
#include "service/template/syntax/diagnostics.h"

namespace colophon::schema {

// A value for a message: `"text"`, cut; 5; null; "an array of 3", "an object of 2".
std::string Preview(const boost::json::value& value);
// "a string", "an integer", "an array", …
std::string KindOf(const boost::json::value& value);
// `"a", "b" and 7 more`
std::string PreviewList(const std::vector<boost::json::value>& values);

// "1 item", "2 items"
std::string Count(size_t number, std::string_view noun);

}  // namespace colophon::schema
