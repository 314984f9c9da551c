#pragma once

// Cases from the field: a folder of inputs, each with what should become of it, that
// the environment variable COLOPHON_CASES names. They aren't part of this tree; what
// they taught is tested next to each mechanism.
//
//   openai/NAME.http, anthropic/NAME.http      a raw HTTP answer
//   import/NAME, prompt/NAME, request/NAME     inputs; of a folder all its files
//   …/NAME.expect.json                         what should become of it

#include <string>
#include <string_view>
#include <vector>

#include "service/base/json.h"

namespace colophon {

struct FieldCase {
  std::string name;   // "tool-index-reused"
  std::string input;  // Path of the input; empty: the test makes it.
  json::object expect;
};

// Those below COLOPHON_CASES/`folder`, by name; none when the variable isn't set.
std::vector<FieldCase> CasesIn(const std::string& folder);

// A member; null when there is none.
const json::value& At(const json::object& object, std::string_view key);
std::string TextAt(const json::object& object, std::string_view key);
std::vector<std::string> TextsAt(const json::object& object, std::string_view key);

// Fails the test with each of `wrong`, and says how many cases it was about.
void Report(std::string_view folder, size_t count, const std::vector<std::string>& wrong);

}  // namespace colophon
