#pragma once

// A record as it is read: pure, but for the time zone.

#include <string>
#include <vector>

#include "client/cli/output.h"
#include "client/cli/read/styled_text.h"
#include "colophon/v1/record.pb.h"

namespace colophon {

struct ViewOptions {
  bool prompt_open = false;  // Else one line says what there is.
  bool blind = false;        // Nothing says which version it is.
  std::string found;         // Marked in the output and the prompt; empty: nothing.
  std::string caller;        // Whose scores are shown when it is blind.
};

// "support/triage@v12 · ok · 1.2 s · …" for the head of the screen.
std::string DescribeRecord(const Output& out, const v1::Record& record, bool blind);

// The prompt, the output and what was said of it.
std::vector<Piece> ViewRecord(const v1::GetRecordResponse& response, const ViewOptions& options);

}  // namespace colophon
