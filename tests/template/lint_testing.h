#pragma once

// What Lint says of a prompt, for tests.

#include <string>

#include "tests/template/template_testing.h"

namespace colophon {

// "3:7 CODE" a line, of the one file p.prompt; of other files
// "_tone.prompt:3:7 CODE". Fails the test when the tree doesn't load.
std::string LintTree(const Tree& tree);
std::string LintPrompt(std::string_view text);

// The messages, one a line.
std::string LintMessages(const Tree& tree);

}  // namespace colophon
