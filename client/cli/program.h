#pragma once

#include "client/cli/session.h"

namespace colophon {

// Adds the global options and every command to `program`, which `session` then runs.
void DefineProgram(CLI::App* program, Session* session);

// A command line from its parsing to its exit code.
int RunProgram(int argc, const char* const* argv);

}  // namespace colophon
