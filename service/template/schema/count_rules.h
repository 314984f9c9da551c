#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "boost/json/value.hpp"
#include "service/template/schema/compiler.h"

namespace colophon::schema {

// minItems and maxItems, minProperties and maxProperties. `count` gives what is
// counted of a value, nullopt when the keywords say nothing about it.
using CountOf = std::optional<size_t> (*)(const boost::json::value& value);
void AddCountRules(const Keywords& keywords, std::string_view least, std::string_view most,
                   std::string_view noun, CountOf count, Compiler* compiler, Rules* rules);

}  // namespace colophon::schema
