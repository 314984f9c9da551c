#include "tests/lint/reasons.h"

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <string_view>

#include "fmt/format.h"

namespace colophon {
namespace {

constexpr std::string_view kCatalogue = "service/base/reasons.cc";

// What makes an error of its first argument, and the code of that error.
const std::map<std::string, absl::StatusCode>& Makers() {
  using Code = absl::StatusCode;
  static const std::map<std::string, Code> makers = {
      {"InvalidArgument", Code::kInvalidArgument},
      {"NotFound", Code::kNotFound},
      {"Aborted", Code::kAborted},
      {"FailedPrecondition", Code::kFailedPrecondition},
      {"ResourceExhausted", Code::kResourceExhausted},
      {"Unavailable", Code::kUnavailable},
      {"DataLoss", Code::kDataLoss},
      {"BadField", Code::kInvalidArgument},
      {"CheckLine", Code::kInvalidArgument},
      {"CheckEnum", Code::kInvalidArgument},
      {"ReadTime", Code::kInvalidArgument},
      {"ReadDuration", Code::kInvalidArgument},
  };
  return makers;
}

absl::StatusCode CodeOf(std::string_view name) {
  for (int code = 0; code <= static_cast<int>(absl::StatusCode::kUnauthenticated); ++code) {
    std::string spelt = absl::StatusCodeToString(static_cast<absl::StatusCode>(code));
    spelt.erase(std::remove(spelt.begin(), spelt.end(), '_'), spelt.end());
    const auto same = [](char a, char b) { return std::toupper(a) == std::toupper(b); };
    if (std::equal(spelt.begin(), spelt.end(), name.begin(), name.end(), same)) {
      return static_cast<absl::StatusCode>(code);
    }
  }
  return absl::StatusCode::kUnknown;
}

// Errors as they are made: `NotFound("PROMPT_NOT_FOUND"`, or
// `Error(absl::StatusCode::kOutOfRange, "BEYOND_SEQUENCE"`.
const std::regex& MadeErrors() {
  static const std::regex pattern(
      R"re(\b(\w+)\(\s*(?:absl::StatusCode::k(\w+),\s*)?"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)")re");
  return pattern;
}

}  // namespace

std::vector<std::string> CheckReasons(const std::vector<SourceFile>& files,
                                      const std::vector<Reason>& catalogue) {
  std::map<std::string_view, const Reason*> known;
  for (const Reason& reason : catalogue) known[reason.name] = &reason;
  std::vector<std::string> findings;
  std::set<std::string_view> used;
  for (const SourceFile& file : files) {
    if (!IsCode(file) || !file.path.starts_with("service/") || file.path == kCatalogue) continue;
    const auto end = std::sregex_iterator();
    for (auto made = std::sregex_iterator(file.text.begin(), file.text.end(), MadeErrors());
         made != end; ++made) {
      const auto maker = Makers().find((*made)[1]);
      const bool names_code = (*made)[2].matched;
      if (maker == Makers().end() && !names_code) continue;
      const absl::StatusCode code = names_code ? CodeOf((*made)[2].str()) : maker->second;
      const auto reason = known.find((*made)[3].str());
      const size_t line = 1 + static_cast<size_t>(std::count(
                                  file.text.begin(), file.text.begin() + made->position(), '\n'));
      if (reason == known.end()) {
        findings.push_back(Finding(
            file, line,
            fmt::format("{} is no reason of {}: add it with its code and meaning, or use one that "
                        "is there",
                        (*made)[3].str(), kCatalogue)));
      } else if (reason->second->code != code) {
        findings.push_back(Finding(file, line,
                                   fmt::format("{} is {} in {}, not {}", reason->first,
                                               absl::StatusCodeToString(reason->second->code),
                                               kCatalogue, absl::StatusCodeToString(code))));
      }
    }
    for (const Reason& reason : catalogue) {
      if (file.text.find(fmt::format("\"{}\"", reason.name)) != std::string::npos) {
        used.insert(reason.name);
      }
    }
  }
  for (const Reason& reason : catalogue) {
    if (used.count(reason.name) > 0) continue;
    findings.push_back(fmt::format("{}: nothing gives {}", kCatalogue, reason.name));
  }
  return findings;
}

}  // namespace colophon
