#pragma once

#include <string>

#include "colophon/v1/registry.pb.h"

namespace colophon {

// What a change did, in a line: "published support/triage v12, chat/greet v3,
// support/triage production: v11 → v12". With `prompt`, "support/triage", only
// what it did to that, without its name. A page of a wide change is told by its
// first few and a count.
std::string DescribeChange(const v1::Change& change, const std::string& prompt = "");

// Versions published that this page doesn't have.
int64_t UntoldVersions(const v1::Change& change);

// "production: v11 → v12"
std::string DescribeMove(const v1::LabelMove& move);

}  // namespace colophon
