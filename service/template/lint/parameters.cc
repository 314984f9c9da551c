#include "service/template/lint/parameters.h"

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/prompt/model_parameters.h"
#include "service/template/syntax/pointer.h"

namespace colophon::lint {

void LintParameters(const prompt::FrontMatter& matter, DiagnosticSink* sink) {
  for (const auto& member : matter.config) {
    const std::string_view name = View(member.key());
    const Position position =
        syntax::FindPosition(matter.positions, syntax::ChildPointer("/config", name));
    if (const auto problem = prompt::ParameterProblem(name, member.value())) {
      sink->Error(position, "BAD_PARAMETER", *problem);
    }
    const std::string_view usual = prompt::UsualParameterName(name);
    if (usual.empty()) continue;
    const bool twice = matter.config.contains({usual.data(), usual.size()});
    sink->Warning(
        position, "PARAMETER_NAME",
        fmt::format("{} is meant? Every provider knows it by that name, {} only some{}", usual,
                    name, twice ? "; both are given, and a call with both is refused" : ""));
  }
}

}  // namespace colophon::lint
