#pragma once

#include <string_view>

namespace colophon::schema {

// A keyword of JSON Schema that rules are made of or that says nothing about values,
// "minLength", "title", "x-anything": any other one isn't enforced.
bool IsKeyword(std::string_view name);

// What to do about a keyword that isn't enforced; "" when only the fact helps.
std::string_view AdviceOnKeyword(std::string_view name);

}  // namespace colophon::schema
