#include "client/cli/annotations.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "client/cli/text.h"
#include "fmt/format.h"
#include "service/base/hash.h"
#include "service/base/json.h"

namespace colophon {
namespace {

bool IsWarning(const v1::Diagnostic& diagnostic) {
  return diagnostic.severity() == v1::Diagnostic::SEVERITY_WARNING;
}

// With these bytes as "%" and two hex digits.
std::string Escaped(std::string_view text, std::string_view bytes) {
  std::string escaped;
  for (const char c : text) {
    if (bytes.find(c) == bytes.npos) {
      escaped += c;
    } else {
      escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return escaped;
}

std::string Message(std::string_view text) { return Escaped(text, "%\r\n"); }
std::string Property(std::string_view text) { return Escaped(text, "%\r\n:,"); }

// A file's name may be any bytes, and JSON is UTF-8.
std::string Text(const std::string& text) { return IsUtf8(text) ? text : Visible(text); }

}  // namespace

std::string GithubAnnotation(const v1::Diagnostic& diagnostic) {
  std::string place = "file=" + Property(diagnostic.path());
  if (diagnostic.line() > 0) place += fmt::format(",line={}", diagnostic.line());
  if (diagnostic.line() > 0 && diagnostic.column() > 0) {
    place += fmt::format(",col={}", diagnostic.column());
  }
  return fmt::format("::{} {},title={}::{}", IsWarning(diagnostic) ? "warning" : "error", place,
                     Property(diagnostic.code()), Message(diagnostic.message()));
}

std::string GitlabReport(const std::vector<v1::Diagnostic>& diagnostics) {
  json::array report;
  std::map<std::string, int> seen;  // How often what says the same was there.
  for (const v1::Diagnostic& diagnostic : diagnostics) {
    const std::string finding =
        fmt::format("{}\n{}\n{}", diagnostic.path(), diagnostic.code(), diagnostic.message());
    const std::string fingerprint = Sha256Hex(fmt::format("{}\n{}", finding, seen[finding]++));
    report.push_back(json::object{
        {"description", Text(diagnostic.message())},
        {"check_name", diagnostic.code()},
        {"fingerprint", fingerprint},
        {"severity", IsWarning(diagnostic) ? "minor" : "major"},
        {"location",
         json::object{{"path", Text(diagnostic.path())},
                      {"lines", json::object{{"begin", std::max(diagnostic.line(), 1)}}}}}});
  }
  return WriteJson(report);
}

}  // namespace colophon
