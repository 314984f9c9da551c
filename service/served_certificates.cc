#include "service/served_certificates.h"

#include "service/base/log.h"

namespace colophon {
namespace {

// An operator is told of a certificate's end from so long before it, and how often.
constexpr absl::Duration kExpiryNear = absl::Hours(24 * 14);
constexpr absl::Duration kExpiryPause = absl::Hours(24);

}  // namespace

void ServedCertificates::Refresh() {
  const absl::StatusOr<bool> changed = certificates_->Refresh();
  if (!changed.ok()) {
    LogLine line("event", "certificates_refused");
    line.Add("message", MessageOf(changed.status()) + "; what was read before goes on");
    Log(LogLevel::kError, line);
  } else if (*changed) {
    told_at_ = absl::InfinitePast();
    LogLine line("event", "certificates_taken");
    line.Add("expires", absl::FormatTime(certificates_->current()->not_after));
    Log(LogLevel::kInfo, line);
  }
  TellOfExpiry();
}

void ServedCertificates::TellOfExpiry() {
  const absl::Time now = clock_->Now();
  const absl::Time end = certificates_->current()->not_after;
  if (end - now > kExpiryNear || now - told_at_ < kExpiryPause) return;
  told_at_ = now;
  LogLine line("event", end < now ? "certificate_expired" : "certificate_expires");
  line.Add("file", file_).Add("at", absl::FormatTime(end));
  line.Add("message", "replace the files; the server takes them as they change");
  Log(LogLevel::kWarning, line);
}

}  // namespace colophon
