// `colophon`: the command line.

#include "client/cli/program.h"

int main(int argc, char** argv) { return colophon::RunProgram(argc, argv); }
