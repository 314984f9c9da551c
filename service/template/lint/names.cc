#include "service/template/lint/names.h"

#include "fmt/format.h"

namespace colophon::lint {
namespace {

std::string_view TextAt(const boost::json::object& matter, boost::json::string_view key) {
  const boost::json::value* const value = matter.if_contains(key);
  if (value == nullptr || !value->is_string()) return "";
  return {value->get_string().data(), value->get_string().size()};
}

// Where the tree begins isn't known here: "support/triage" is right for
// "prompts/support/triage" too.
bool EndsWithSegments(std::string_view path, std::string_view end) {
  if (!path.ends_with(end)) return false;
  return path.size() == end.size() || path[path.size() - end.size() - 1] == '/';
}

}  // namespace

void LintNames(const prompt::PromptFile& file, DiagnosticSink* sink) {
  constexpr std::string_view kEnding = ".prompt";
  std::string_view path = file.path();
  if (path.ends_with(kEnding)) path.remove_suffix(kEnding.size());
  const size_t base = path.rfind('/') + 1;  // 0 when there is no folder.
  const size_t dot = path.find('.', base);
  const std::string_view name = path.substr(0, dot);
  const std::string_view variant = dot == path.npos ? "" : path.substr(dot + 1);

  const prompt::FrontMatter& matter = file.front_matter();
  const std::string_view written = TextAt(matter.raw, "name");
  const bool is_name = EndsWithSegments(name, written) || EndsWithSegments(path, written);
  if (!written.empty() && !is_name) {
    sink->Warning(syntax::FindPosition(matter.positions, "/name"), "NAME_MISMATCH",
                  fmt::format("the file's path says that this is {}: the name {} has no effect",
                              Quote(path), Quote(written)));
  }
  if (!matter.variant.empty() && matter.variant != variant) {
    sink->Warning(syntax::FindPosition(matter.positions, "/variant"), "NAME_MISMATCH",
                  fmt::format("the file's name says the variant ({}), so {} has no effect: name "
                              "the file \"{}.{}.prompt\" if it is that variant",
                              variant.empty() ? "none" : Quote(variant), Quote(matter.variant),
                              name.substr(base), matter.variant));
  }
}

}  // namespace colophon::lint
