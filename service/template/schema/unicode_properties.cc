#include "service/template/schema/unicode_properties.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <utility>

#include "re2/re2.h"
#include "service/template/schema/re2_options.h"

namespace colophon::schema {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 39> kCategories = {{
    {"Letter", "L"},
    {"Cased_Letter", "LC"},
    {"Uppercase_Letter", "Lu"},
    {"Lowercase_Letter", "Ll"},
    {"Titlecase_Letter", "Lt"},
    {"Modifier_Letter", "Lm"},
    {"Other_Letter", "Lo"},
    {"Mark", "M"},
    {"Combining_Mark", "M"},
    {"Nonspacing_Mark", "Mn"},
    {"Spacing_Mark", "Mc"},
    {"Enclosing_Mark", "Me"},
    {"Number", "N"},
    {"Decimal_Number", "Nd"},
    {"digit", "Nd"},
    {"Letter_Number", "Nl"},
    {"Other_Number", "No"},
    {"Punctuation", "P"},
    {"punct", "P"},
    {"Connector_Punctuation", "Pc"},
    {"Dash_Punctuation", "Pd"},
    {"Open_Punctuation", "Ps"},
    {"Close_Punctuation", "Pe"},
    {"Initial_Punctuation", "Pi"},
    {"Final_Punctuation", "Pf"},
    {"Other_Punctuation", "Po"},
    {"Symbol", "S"},
    {"Math_Symbol", "Sm"},
    {"Currency_Symbol", "Sc"},
    {"Modifier_Symbol", "Sk"},
    {"Other_Symbol", "So"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Line_Separator", "Zl"},
    {"Paragraph_Separator", "Zp"},
    {"Other", "C"},
    {"Control", "Cc"},
    {"cntrl", "Cc"},
    {"Format", "Cf"},
}};

}  // namespace

std::string_view ShortNameOfProperty(std::string_view name) {
  const auto known = std::find_if(kCategories.begin(), kCategories.end(),
                                  [&](const auto& category) { return category.first == name; });
  return known == kCategories.end() ? name : known->second;
}

std::optional<int64_t> SizeOfProperty(const std::string& escape) {
  constexpr size_t kMaxName = 64;
  constexpr int64_t kEnoughMemory = 8 << 20;
  if (escape.size() > kMaxName) return std::nullopt;
  static std::mutex mutex;
  static auto* const sizes = new std::map<std::string, int64_t>();  // As many as RE2 has tables.
  {
    const std::lock_guard<std::mutex> lock(mutex);
    if (const auto known = sizes->find(escape); known != sizes->end()) return known->second;
  }
  const re2::RE2 re(escape, Re2Options(kEnoughMemory));
  if (!re.ok()) return std::nullopt;
  const std::lock_guard<std::mutex> lock(mutex);
  return sizes->emplace(escape, re.ProgramSize()).first->second;
}

}  // namespace colophon::schema
