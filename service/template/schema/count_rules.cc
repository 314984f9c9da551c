#include "service/template/schema/count_rules.h"

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/schema/preview.h"

namespace colophon::schema {

void AddCountRules(const Keywords& keywords, std::string_view least, std::string_view most,
                   std::string_view noun, CountOf count, Compiler* compiler, Rules* rules) {
  for (const std::string_view name : {least, most}) {
    const std::optional<size_t> limit = compiler->SizeOf(keywords, name);
    if (!limit) continue;
    const bool is_least = name == least;
    rules->push_back(MakeRule(keywords.At(name), [=, limit = *limit](const Rule& rule,
                                                                     const json::value& value,
                                                                     Run* run) {
      // Characters have to be counted.
      if (value.is_string() && !run->SpendBytes(value.get_string().size())) return false;
      const std::optional<size_t> number = count(value);
      if (!number || (is_least ? *number >= limit : *number <= limit)) return true;
      return run->Fail(rule, [&] {
        return fmt::format("{} has {}; at {} {} {}",
                           value.is_string() ? Preview(value) : KindOf(value), Count(*number, noun),
                           is_least ? "least" : "most", limit, is_least ? "needed" : "allowed");
      });
    }));
  }
}

}  // namespace colophon::schema
