#include "service/template/prompt/named_schemas.h"

#include <utility>

#include "fmt/format.h"
#include "service/base/json.h"

namespace colophon::prompt {

schema::Resolver NamedSchemas::resolver() {
  return [this](std::string_view name) { return Find(name); };
}

std::string NamedSchemas::TooLargeMessage() {
  return fmt::format(
      "put in all the places that name them, the schemas have more than {} bytes: "
      "name each once, and refer to it by $ref",
      kMaxBytes);
}

std::optional<json::value> NamedSchemas::Find(std::string_view name) {
  for (const Texts* texts : texts_) {
    if (texts == nullptr) continue;
    const auto text = texts->find(std::string(name));
    if (text == texts->end()) continue;
    bytes_ += static_cast<int64_t>(text->second.size());
    if (work_ != nullptr && !SpendOnParse(text->second, work_)) bytes_ += kMaxBytes;
    if (too_large()) return json::object();
    const auto known = read_.find(name);
    if (known != read_.end()) return known->second;
    auto value = ParseJson(text->second);
    if (!value.ok()) return std::nullopt;
    return read_.emplace(name, *std::move(value)).first->second;
  }
  return std::nullopt;
}

bool SpendOnParse(std::string_view text, Work* work) {
  constexpr size_t kPasses = 6;
  return work->Spend(1) && work->SpendBytes(kPasses * text.size());
}

}  // namespace colophon::prompt
