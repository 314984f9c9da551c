#include "service/registry/diagnostic_list.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "service/template/syntax/diagnostics.h"

namespace colophon {
namespace {

constexpr size_t kMostDiagnostics = 1000;
constexpr size_t kMaxErrorsTold = 20;
constexpr size_t kMaxWarningBytes = 1 << 20;

void SortDiagnostics(std::vector<v1::Diagnostic>* diagnostics) {
  const auto key = [](const v1::Diagnostic& d) {
    return std::tuple(std::string_view(d.path()), d.line(), d.column(), std::string_view(d.code()),
                      std::string_view(d.message()));
  };
  std::sort(diagnostics->begin(), diagnostics->end(),
            [&](const auto& a, const auto& b) { return key(a) < key(b); });
  diagnostics->erase(std::unique(diagnostics->begin(), diagnostics->end(),
                                 [&](const auto& a, const auto& b) { return key(a) == key(b); }),
                     diagnostics->end());
}

}  // namespace

absl::Status RefuseFiles(std::vector<v1::Diagnostic> diagnostics) {
  std::erase_if(diagnostics,
                [](const auto& d) { return d.severity() != v1::Diagnostic::SEVERITY_ERROR; });
  SortDiagnostics(&diagnostics);
  if (diagnostics.size() > kMaxErrorsTold) diagnostics.resize(kMaxErrorsTold);
  return DiagnosticsToStatus(diagnostics);
}

void AddWarnings(std::vector<v1::Diagnostic> warnings, v1::PublishResponse* response) {
  SortDiagnostics(&warnings);
  size_t bytes = 0;
  for (v1::Diagnostic& warning : warnings) {
    bytes += warning.ByteSizeLong();
    if (bytes > kMaxWarningBytes) break;  // A megabyte of warnings says enough.
    *response->add_diagnostics() = std::move(warning);
  }
}

void DiagnosticList::Take(std::vector<v1::Diagnostic> found) {
  for (v1::Diagnostic& diagnostic : found) {
    if (diagnostic.severity() != v1::Diagnostic::SEVERITY_ERROR) {
      if (edits_.count(diagnostic.path()) == 0 || warnings_.size() >= kMostDiagnostics) continue;
      if (!warnings_.insert(diagnostic.SerializeAsString()).second) continue;
    }
    diagnostics_.push_back(std::move(diagnostic));
  }
}

bool DiagnosticList::is_full() const { return diagnostics_.size() >= kMostDiagnostics; }

std::vector<v1::Diagnostic> DiagnosticList::Warnings() && {
  std::erase_if(diagnostics_, [this](const v1::Diagnostic& diagnostic) {
    return edits_.count(diagnostic.path()) == 0;
  });
  return std::move(diagnostics_);
}

}  // namespace colophon
