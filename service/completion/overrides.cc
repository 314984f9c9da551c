#include "service/completion/overrides.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "service/base/field_check.h"
#include "service/base/json.h"
#include "service/base/reference.h"
#include "service/template/prompt/model_parameters.h"
#include "service/template/prompt/named_schemas.h"
#include "service/template/prompt/tool_definition.h"
#include "service/template/schema/cache.h"

namespace colophon {
namespace {

// The name that a parameter has in most prompts: "maxOutputTokens" of "max_tokens",
// "topP" of "top_p". What its author names by another of its names is named all the same.
std::string UsualName(const std::string& name) {
  if (const std::string_view usual = prompt::UsualParameterName(name); !usual.empty()) {
    return std::string(usual);
  }
  std::string usual;
  for (size_t i = 0; i < name.size(); ++i) {
    const bool is_joint = name[i] == '_' && i + 1 < name.size();
    usual += is_joint ? absl::ascii_toupper(name[++i]) : name[i];
  }
  return usual;
}

class Application {
 public:
  Application(Work* work, OverrideTarget target) : work_(*work), target_(target) {}

  absl::Status SetModel(const std::string& model) {
    const std::string& own = target_.rendered->model();
    if (model == own) return absl::OkStatus();
    if (!own.empty() && !model.starts_with("echo/") && !IsAllowed("model")) {
      return NotAllowed("model");
    }
    target_.rendered->set_model(model);
    return absl::OkStatus();
  }

  absl::Status SetParameter(const std::string& key, const google::protobuf::Value& value) {
    auto& config = *target_.rendered->mutable_config()->mutable_fields();
    const json::value given = ToJson(value);
    const std::string usual = UsualName(key);
    const auto own = std::find_if(config.begin(), config.end(), [&](const auto& parameter) {
      return UsualName(parameter.first) == usual;
    });
    if (own != config.end() && ToJson(own->second) == given) return absl::OkStatus();
    if (own != config.end() && !IsAllowed(own->first) && !IsAllowed(key)) return NotAllowed(key);
    if (const auto problem = prompt::ParameterProblem(key, given)) {
      return BadField("BAD_PARAMETER", "overrides.config", Quoted(key), *problem);
    }
    config[own != config.end() ? own->first : key] = value;
    return absl::OkStatus();
  }

  absl::Status SetTools(const google::protobuf::RepeatedPtrField<v1::Tool>& tools) {
    const bool are_free =
        (target_.front_matter.tools.empty() && target_.front_matter.tool_definitions.empty()) ||
        IsAllowed("tools");
    for (int i = 0; i < tools.size(); ++i) {
      const v1::Tool& tool = tools[i];
      RETURN_IF_ERROR(CheckTool(tool, fmt::format("overrides.tools[{}]", i)));
      auto& all = *target_.rendered->mutable_tools();
      const auto own = std::find_if(all.begin(), all.end(), [&](const v1::Tool& other) {
        return other.name() == tool.name();
      });
      if (own != all.end() && IsSame(*own, tool)) continue;
      if (!are_free) return NotAllowed("tools");
      *(own != all.end() ? &*own : all.Add()) = tool;
    }
    return absl::OkStatus();
  }

  absl::Status SetOutput(const v1::Overrides& overrides) {
    const std::string& schema = overrides.output_schema();
    if (schema.empty()) {
      if (overrides.output_strict()) {
        return BadField("BAD_VALUE", "overrides.output_strict", "true",
                        "it holds the model to output_schema: give one");
      }
      return SetOutputFormat(overrides.output_format());
    }
    if (!overrides.output_format().empty()) {
      return BadField("BAD_VALUE", "overrides.output_format", Quoted(overrides.output_format()),
                      "an output that follows output_schema is JSON: leave it out");
    }
    if (!prompt::SpendOnParse(schema, &work_)) return OutOfWork();
    const auto given = ParseJson(schema);
    if (!given.ok() || !given->is_object()) {
      return BadField("BAD_SCHEMA", "overrides.output_schema", Quoted(schema),
                      "it has to be a JSON object");
    }
    v1::Rendered& rendered = *target_.rendered;
    const bool is_same = IsSameJson(rendered.output_schema(), *given);
    const bool is_said = !rendered.output_schema().empty() || !rendered.output_format().empty();
    if (is_said && !is_same && !IsAllowed("output")) return NotAllowed("output");
    rendered.set_output_strict(overrides.output_strict());
    if (is_same) return absl::OkStatus();
    const auto compiled = schema::Cache::Shared().Compile(*given, &work_);
    if (compiled == nullptr) return OutOfWork();
    if (compiled->schema == nullptr) return BadSchema(*compiled);
    rendered.set_output_schema(schema);
    rendered.set_output_format("json");
    *target_.output_schema = compiled->schema;
    return absl::OkStatus();
  }

 private:
  bool IsAllowed(std::string_view what) const {
    const std::vector<std::string>& allowed = target_.front_matter.overrides;
    return std::find(allowed.begin(), allowed.end(), what) != allowed.end();
  }

  absl::Status NotAllowed(std::string_view what) const {
    return FailedPrecondition("OVERRIDE_NOT_ALLOWED",
                              fmt::format("{} says \"{}\" itself and doesn't let a call change it: "
                                          "add it to colophon.overrides in its "
                                          "front matter, or leave it out of the call",
                                          target_.version, what),
                              {{"field", std::string(what)}});
  }

  static absl::Status OutOfWork() { return Internal("the work of the overrides has ended"); }

  // To ask for JSON is no change where it is JSON by a schema.
  absl::Status SetOutputFormat(const std::string& format) {
    if (format.empty()) return absl::OkStatus();
    if (format != "json" && format != "text") {
      return BadField("BAD_VALUE", "overrides.output_format", Quoted(format),
                      "it has to be json or text");
    }
    v1::Rendered& rendered = *target_.rendered;
    const bool is_json = rendered.output_format() == "json" || !rendered.output_schema().empty();
    const std::string own = is_json ? "json" : rendered.output_format();
    if (own == format) return absl::OkStatus();
    if (!own.empty() && !IsAllowed("output")) return NotAllowed("output");
    rendered.set_output_format(format);
    rendered.clear_output_schema();
    *target_.output_schema = nullptr;
    return absl::OkStatus();
  }

  absl::Status CheckTool(const v1::Tool& tool, const std::string& field) {
    if (!prompt::IsToolName(tool.name())) {
      return BadField("BAD_TOOL", field + ".name", Quoted(tool.name()),
                      "it has to be 1 to 64 letters, digits, _ or -");
    }
    if (tool.input_schema().empty()) return absl::OkStatus();
    if (!prompt::SpendOnParse(tool.input_schema(), &work_)) return OutOfWork();
    const auto schema = ParseJson(tool.input_schema());
    if (schema.ok() && schema->is_object()) return absl::OkStatus();
    return BadField("BAD_TOOL", field + ".input_schema", Quoted(tool.input_schema()),
                    "it has to be a JSON object");
  }

  static absl::Status BadSchema(const schema::CachedSchema& compiled) {
    const auto error =
        std::find_if(compiled.problems.begin(), compiled.problems.end(),
                     [](const schema::Problem& problem) { return problem.is_error; });
    return BadField("BAD_SCHEMA", "overrides.output_schema", "wrong at " + Quoted(error->pointer),
                    error->message);
  }

  static bool IsSameJson(const std::string& own, const json::value& given) {
    if (own.empty()) return false;
    const auto parsed = ParseJson(own);
    return parsed.ok() && *parsed == given;
  }

  static bool IsSame(const v1::Tool& own, const v1::Tool& given) {
    if (own.description() != given.description() || own.strict() != given.strict()) return false;
    if (own.input_schema() == given.input_schema()) return true;
    const auto parsed = ParseJson(given.input_schema());
    return parsed.ok() && IsSameJson(own.input_schema(), *parsed);
  }

  Work& work_;
  const OverrideTarget target_;
};

}  // namespace

absl::Status ApplyOverrides(const v1::Overrides& overrides, Work* work, OverrideTarget target) {
  Application application(work, target);
  if (!overrides.model().empty()) RETURN_IF_ERROR(application.SetModel(overrides.model()));
  for (const auto& [key, value] : overrides.config().fields()) {
    RETURN_IF_ERROR(application.SetParameter(key, value));
  }
  RETURN_IF_ERROR(application.SetTools(overrides.tools()));
  return application.SetOutput(overrides);
}

}  // namespace colophon
