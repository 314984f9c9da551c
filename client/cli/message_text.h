#pragma once

#include "client/cli/output.h"
#include "colophon/v1/completion.pb.h"

namespace colophon {

// A part on one line but for its own line ends: text as it is, of other kinds what it is.
std::string PartText(const v1::Part& part);

// Every message under a line that says whose it is.
void PrintRendered(const Output& output, const v1::Rendered& rendered);

// The model's text as it is, then what it asked of tools. Ends the last line
// on a terminal; in a pipe a text is its bytes and no more.
void PrintCompletion(const Output& output, const v1::Completion& completion);

// "get_order {"id": 7}", one a line, for each tool that a message asks for.
void PrintToolRequests(const Output& output, const v1::Message& message);

}  // namespace colophon
