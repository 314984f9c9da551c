#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "service/template/render/value.h"

namespace colophon::render {

// JSON.stringify(value, null, indent): "undefined" for undefined, members in
// JavaScript's order. Stops soon after `most` bytes, or when `work` ends.
std::string Stringify(const Value& value, std::string_view indent, size_t most,
                      std::deque<std::string>* arena, Work* work);

// The indent that JSON.stringify takes from its third argument.
std::string IndentOf(const Value& argument);

}  // namespace colophon::render
