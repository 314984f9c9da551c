#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace colophon::schema {

// "Lu" for "Uppercase_Letter": RE2 knows general categories by their short names only.
// Another name, of a script, is as it was.
std::string_view ShortNameOfProperty(std::string_view name);

// RE2's instructions for "\p{Lu}" or "\P{Lu}", which differ by a factor of a thousand;
// nullopt: RE2 has no such table. Each is compiled once, to see. Thread-safe.
std::optional<int64_t> SizeOfProperty(const std::string& escape);

}  // namespace colophon::schema
