#pragma once

// The values of JSON Schema's `format` that are checked:
//
//   date-time date time duration      RFC 3339, and its appendix A
//   email hostname                    RFC 5321, RFC 1123
//   uri uri-reference                 RFC 3986
//   uuid ipv4 ipv6 json-pointer       RFC 4122, 2673, 4291, 6901
//   regex                             ECMA-262; see pattern.h

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace colophon::schema {

struct Format {
  std::string_view name;
  // For messages.
  std::string_view example;
  bool (*matches)(std::string_view text);
  int64_t steps_per_byte_eighths = 1;

  // The steps that `matches` takes.
  int64_t CostOf(size_t bytes) const {
    constexpr int64_t kAtLeast = 20;
    return kAtLeast + static_cast<int64_t>(bytes) * steps_per_byte_eighths / 8;
  }
};

// nullptr: not one of these.
const Format* FindFormat(std::string_view name);

// "date-time, date, …": for messages.
std::string_view FormatNames();

}  // namespace colophon::schema
