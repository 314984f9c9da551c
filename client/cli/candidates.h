#pragma once

#include <string>
#include <vector>

#include "client/cli/usage.h"

namespace colophon {

// What may stand where someone is typing.
struct Candidates {
  std::vector<Term> words;
  bool files = false;  // The name of a file or folder.
};

// `line`: the words after "colophon"; the last, perhaps empty, is the one being typed.
Candidates FindCandidates(const CLI::App& program, const std::vector<std::string>& line);

// As the shells' scripts read them: "WORD<tab>MEANING" a line, or ":files".
std::string FormatCandidates(const Candidates& candidates);

}  // namespace colophon
