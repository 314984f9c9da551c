#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "service/provider/provider.h"

namespace colophon {

// Answers with the text of the last user message, word for word; of the last
// message when no user speaks. A stream comes a word a piece. It counts a word
// as a token. For demos and tests: no network, no key, any model name.
//
// Thread-safe.
class EchoProvider : public Provider {
 public:
  absl::StatusOr<std::string> Encode(const v1::Rendered& rendered, std::string_view model,
                                     bool stream) const override;
  std::unique_ptr<ProviderCall> Start(Loop& loop, ProviderRequest request) override;
};

}  // namespace colophon
