#pragma once

// A JSON Schema that becomes a part of another one: its "$ref": "#/…" would lead
// into that one.

#include <string_view>

#include "boost/json/value.hpp"

namespace colophon::schema {

// True when `schema` refers to places in itself, by "#" or "#/…", and has no $id,
// which would say what that is.
bool HasOwnRefs(const boost::json::value& schema);

// Makes those references lead into `place`, "#/$defs/ticket", where `schema` will
// stand.
void MoveOwnRefs(std::string_view place, boost::json::value* schema);

}  // namespace colophon::schema
