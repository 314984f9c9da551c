#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace colophon::schema {

// The pointers ("/properties/a") of the members whose key stands more than once in
// one object; readers take the last one, and say nothing. The first few of them.
// `text` is JSON that ParseJson takes.
std::vector<std::string> FindDuplicateKeys(std::string_view text);

}  // namespace colophon::schema
