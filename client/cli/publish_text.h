#pragma once

// What `publish`, `rm` and the like say of the change they made.

#include <map>
#include <string>
#include <vector>

#include "client/cli/output.h"
#include "client/cpp/client.h"

namespace colophon {

// A change needs a description, as `given`; a dry run may have none, and then says that it
// is one. INVALID_ARGUMENT NO_DESCRIPTION.
absl::StatusOr<std::string> DescriptionOf(const std::string& given, bool dry_run);

// Warnings about files, as compilers write them.
void PrintDiagnostics(const Output& out, const v1::PublishResponse& response);

// Of each version published, by its name, what else is to be known: that the prompt is new
// and which one has the same text, or that it goes back to the text of an older version.
// What can't be found out is left out.
// `written` are the SHA-256 of the files sent, by their path.
std::map<std::string, std::string> RemarksOn(const Client& client, const v1::Change& change,
                                             const std::map<std::string, std::string>& written);

// The change, its versions with `remarks`, its labels and every path.
void PrintChange(const Output& out, const v1::Change& change,
                 const std::map<std::string, std::string>& remarks, bool dry_run);

// All of it, or "nothing changed"; with --json the response.
void PrintResponse(const Output& out, const Client& client, const v1::PublishResponse& response,
                   const std::map<std::string, std::string>& written, bool dry_run);

}  // namespace colophon
