#include "client/cli/record_text.h"

#include "client/cli/text.h"
#include "fmt/format.h"

namespace colophon {

std::string VersionOf(const v1::Intent& intent) {
  const std::string selector =
      intent.version() > 0 ? fmt::format("v{}", intent.version()) : ShortCommit(intent.commit());
  return fmt::format("{}/{}@{}", intent.repository(), intent.prompt(), selector);
}

}  // namespace colophon
