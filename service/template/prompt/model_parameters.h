#pragma once

// The model parameters that every provider knows, by the names of the front matter.

#include <optional>
#include <string>
#include <string_view>

#include "boost/json/value.hpp"

namespace colophon::prompt {

// What is wrong with the value: "temperature is "hot": it has to be a number from 0 to
// 2". Nullopt when nothing is, and for a parameter that isn't known here.
std::optional<std::string> ParameterProblem(std::string_view name, const boost::json::value& value);

// "maxOutputTokens" for "max_tokens", which only some providers know; "" when the name
// is the usual one, or isn't known here.
std::string_view UsualParameterName(std::string_view name);

}  // namespace colophon::prompt
