#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "boost/json/value.hpp"
#include "service/base/work.h"
#include "service/template/schema/picoschema.h"

namespace colophon::prompt {

// Schemas by name, from their texts, which have been checked. Each text is read once.
//
// A prompt of 64 KiB could put a large schema into itself thousands of times, so
// what is given out is counted.
class NamedSchemas {
 public:
  using Texts = std::map<std::string, std::string>;
  static constexpr int64_t kMaxBytes = 8 << 20;

  // The price is taken from `work`, unless null. `texts` stay alive, and may grow.
  explicit NamedSchemas(const Texts& texts, const Texts* more = nullptr, Work* work = nullptr)
      : texts_{&texts, more}, work_(work) {}
  NamedSchemas(const NamedSchemas&) = delete;
  NamedSchemas& operator=(const NamedSchemas&) = delete;

  // Points to this.
  schema::Resolver resolver();
  // More was asked for than is given out, or `work` ended; what came after that is
  // {}, so all that was made of it is to be thrown away.
  bool too_large() const { return bytes_ > kMaxBytes; }
  static std::string TooLargeMessage();

 private:
  std::optional<boost::json::value> Find(std::string_view name);

  const Texts* const texts_[2];
  Work* const work_;
  std::map<std::string, boost::json::value, std::less<>> read_;
  int64_t bytes_ = 0;
};

// The price of ParseJson, and of what becomes of the values.
bool SpendOnParse(std::string_view text, Work* work);

}  // namespace colophon::prompt
