#pragma once

// What people write on a command line, as the API takes it. Every error quotes what
// was written, and is INVALID_ARGUMENT or of a file that can't be read.

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "boost/json/object.hpp"
#include "colophon/v1/completion.pb.h"
#include "colophon/v1/registry.pb.h"
#include "google/protobuf/struct.pb.h"
#include "service/base/status.h"

namespace colophon {

// "30s", "1h30m", "7d", or seconds.
absl::StatusOr<absl::Duration> ParseDuration(std::string_view text);

// A moment: "2h" or "7d" ago, "2026-11-23", "2026-11-23 20:53" (local time),
// or RFC 3339.
absl::StatusOr<absl::Time> ParseTime(std::string_view text, absl::Time now);

// A JSON object, whose members keep their order. INEXACT_NUMBER for a number that
// doesn't fit into 64 bits, here and below.
absl::StatusOr<boost::json::object> ParseJsonObject(std::string_view json, std::string_view what);

// "K=V" for a string, "K:=JSON" for any value; either is a file's content where it is
// "@FILE", and "K=@@V" is the string "@V".
absl::Status AddVariable(std::string_view text, boost::json::object* variables);
// "K=V", where V is JSON if it is JSON and else a string.
absl::Status AddConfig(std::string_view text, google::protobuf::Struct* config);
// "K=V"
absl::StatusOr<std::pair<std::string, std::string>> ParsePair(std::string_view text,
                                                              std::string_view what);

// A JSON array of messages: {"role": "user", "content": "…"}, or the API's own
// form.
absl::StatusOr<std::vector<v1::Message>> ParseHistory(std::string_view json);

// Each "v12", "12", "latest" or "v12=90".
absl::StatusOr<v1::LabelTargets> ParseTargets(const std::vector<std::string>& texts);

}  // namespace colophon
