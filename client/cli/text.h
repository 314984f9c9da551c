#pragma once

// Text for people: what a terminal may be shown, and how things are written.

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "colophon/v1/completion.pb.h"
#include "colophon/v1/record.pb.h"
#include "colophon/v1/registry.pb.h"

namespace colophon {

// Prompts and outputs are anybody's bytes. Written to a terminal as they are
// they could move its cursor, hide text or answer for the user, so control
// characters, marks that change the direction of text, and bytes that are not
// UTF-8 become visible: "\x1b", "\u{202e}". Newlines and tabs stay.
std::string Visible(std::string_view text);

// The first line, with tabs as spaces and "…" when there is more.
std::string FirstLine(std::string_view text);

// All of it on one line: each run of white space is a blank.
std::string FoldWhiteSpace(std::string_view text);

// How many columns a terminal gives it: wide and combining characters count as
// they show, near enough for tables.
int DisplayWidth(std::string_view text);

// At most `width` columns; "…" says that it is cut.
std::string Truncate(std::string_view text, int width);

// "v12", or "v12=90 v13=10"; "none" without targets.
std::string FormatTargets(const v1::LabelTargets& targets);

// The 8 digits that people use.
std::string ShortCommit(std::string_view commit);

// "ok", "timed out"
std::string FormatStatus(v1::RecordStatus status);

// "1,204 in (1,100 cached), 88 out"; empty when nothing is known.
std::string FormatUsage(const v1::Usage& usage);

// "/team: \"c\" is not one of …; …"
std::string FormatViolations(const google::protobuf::RepeatedPtrField<v1::Violation>& violations);

// "812 ms", "4.2 s"
std::string FormatLatency(absl::Duration latency);

// "1 file", "3 files"
std::string Count(int64_t count, std::string_view one, std::string_view many);

}  // namespace colophon
