#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "service/base/clock.h"
#include "service/base/tls.h"

namespace colophon {

// The certificates that a server shows, taken anew when their files change, and the log told
// of that and of their end.
//
// Used by one thread at a time; what `get` gives is thread-safe.
class ServedCertificates {
 public:
  // `file`: what the log calls them.
  ServedCertificates(std::shared_ptr<TlsCertificates> certificates, std::string file, Clock* clock)
      : certificates_(std::move(certificates)), file_(std::move(file)), clock_(clock) {}

  const std::shared_ptr<TlsCertificates>& get() const { return certificates_; }

  void Refresh();
  // Once a day, from two weeks before it.
  void TellOfExpiry();

 private:
  const std::shared_ptr<TlsCertificates> certificates_;
  const std::string file_;
  Clock* const clock_;
  absl::Time told_at_ = absl::InfinitePast();
};

}  // namespace colophon
