#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace colophon {

// So many letters and digits that nobody can guess: 5.95 bits each, from the system's
// source of randomness.
std::string RandomText(size_t length);

// Takes as long whatever they differ in.
bool AreEqualSecrets(std::string_view one, std::string_view other);

}  // namespace colophon
