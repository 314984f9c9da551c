#pragma once

// Picoschema, the short form of JSON Schema that front matter uses
// (https://google.github.io/dotprompt/reference/picoschema/).
//
//   name: string, who asks          required; a type and a description
//   age?: integer                   not required, and may be null
//   tags(array, list of tags): string
//   address(object):
//     city: string
//   color?(enum, the colour): [RED, BLUE]
//   (*): any                        other properties
//   ticket: Ticket                  the schema of that name
//
// What is JSON Schema already passes through. Stricter or better than the
// reference: a description may hold "(", a top-level `any` is {}, the type of
// `name?: null` is "null" (there a list that has it twice), what is neither a type
// name nor an object is an error, and a named schema that refers to places in
// itself ("#/$defs/x") stands in the whole one's $defs, so that it still does.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "boost/json/value.hpp"
#include "service/template/schema/problem.h"

namespace colophon::schema {

// The JSON Schema of a name; nullopt: there is none.
using Resolver = std::function<std::optional<boost::json::value>(std::string_view name)>;

// The JSON Schema of `schema`; null for null. A name that nothing defines is a
// warning and becomes {}, or null when it is all there is.
boost::json::value ToJsonSchema(const boost::json::value& schema, const Resolver& resolve,
                                std::vector<Problem>* problems);

// "string", "object" and so on: JSON Schema's, and "any".
bool IsTypeName(std::string_view name);

// The names of schemas in `schema`, sorted, each once.
std::vector<std::string> SchemaNames(const boost::json::value& schema);

// The properties that a JSON Schema requires, in its order.
std::vector<std::string> RequiredProperties(const boost::json::value& json_schema);

}  // namespace colophon::schema
