#pragma once

// JSON values. boost::json::value is the value type of templates, front matter
// and provider bodies; its objects keep the order they were written in.

#include <optional>
#include <string>
#include <string_view>

#include "boost/json/value.hpp"
#include "google/protobuf/struct.pb.h"
#include "service/base/status.h"

namespace colophon {

namespace json = boost::json;

// A Struct has no order, so members come out sorted by key, bytewise: what is
// made from one Struct is always the same.
json::object ToJson(const google::protobuf::Struct& from);
json::value ToJson(const google::protobuf::Value& from);
// The text of it, members sorted by key.
std::string WriteJson(const google::protobuf::Struct& from);
void FromJson(const json::object& from, google::protobuf::Struct* to);
void FromJson(const json::value& from, google::protobuf::Value* to);

// As JavaScript's JSON.stringify writes it: no spaces for indent 0, numbers by
// FormatNumber, only what must be escaped is escaped.
std::string WriteJson(const json::value& value, int indent = 0);

// The same with the members of every object sorted by key, bytewise.
std::string WriteCanonicalJson(const json::value& value);

// As JavaScript's Number::toString: 1 for 1.0, 1e+21, 0 for -0, NaN, Infinity.
std::string FormatNumber(double number);
// 64-bit integers print all their digits.
std::string FormatNumber(const json::value& number);

// At most 64 MiB and 512 levels. INVALID_ARGUMENT BAD_JSON with the offset.
absl::StatusOr<json::value> ParseJson(std::string_view text);

// The first number of a JSON text that a value doesn't hold: a whole one that needs
// more than 64 bits, or one that is no finite double. REQUIRES: JSON.
std::optional<std::string_view> FindUnheldNumber(std::string_view text);

// True for well-formed UTF-8 without surrogates.
bool IsUtf8(std::string_view text);

}  // namespace colophon
