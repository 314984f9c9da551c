#pragma once

// What was found in files, as the hosts of pull requests show it beside the lines.

#include <string>
#include <vector>

#include "colophon/v1/registry.pb.h"

namespace colophon {

// A workflow command of GitHub Actions, which becomes a mark on the line:
//
//   command  = "::" ( "error" | "warning" ) " file=" value [ ",line=" N [ ",col=" N ] ]
//              ",title=" value "::" message
//
// "%", CR and LF are written %25, %0D and %0A; in a value ":" and "," too, %3A and %2C.
std::string GithubAnnotation(const v1::Diagnostic& diagnostic);

// The artifact that GitLab calls Code Quality, a JSON array. What is meant for a whole file
// stands at its first line, because GitLab wants one. A finding's fingerprint doesn't
// depend on its line: one that only moved is none that is new.
std::string GitlabReport(const std::vector<v1::Diagnostic>& diagnostics);

}  // namespace colophon
