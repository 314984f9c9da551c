// render

#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "client/cli/arguments.h"
#include "client/cli/commands.h"
#include "client/cli/dotprompt_json.h"
#include "client/cli/local_file.h"
#include "client/cli/local_prompt.h"
#include "client/cli/message_text.h"
#include "client/cli/prompt_input.h"
#include "client/cli/table.h"
#include "client/cli/text.h"
#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/closure.h"
#include "service/template/diagnostics.h"
#include "service/template/front_matter.h"
#include "service/template/plan.h"
#include "service/template/renderer.h"

namespace colophon {
namespace {

namespace fs = std::filesystem;

struct RenderOptions {
  std::string name;
  std::string root;
  std::string metadata;  // The file that --options names.
  bool spans = false;
  PromptInput input;
};

// A reference never has this ending in practice, and a file always.
bool IsFile(const std::string& name) {
  std::error_code error;
  return fs::is_regular_file(name, error) || name.front() == '/' || name.front() == '.' ||
         fs::path(name).extension() == ".prompt";
}

// What --options says, as front matter.
absl::StatusOr<FrontMatter> ReadOptions(const Output& out, const std::string& file) {
  if (file.empty()) return FrontMatter();
  ASSIGN_OR_RETURN(const std::string text, ReadInput(file));
  ASSIGN_OR_RETURN(const json::object options, ParseJsonObject(text, "\"" + file + "\""));
  // Front matter has no such key; the reference's metadata has.
  json::object checked = options;
  checked.erase("metadata");
  std::vector<v1::Diagnostic> diagnostics;
  DiagnosticSink sink(file, &diagnostics);
  FrontMatter matter = CheckFrontMatter({checked, {}}, &sink);
  if (sink.has_errors()) return DiagnosticsToStatus(diagnostics);
  for (const v1::Diagnostic& diagnostic : diagnostics) out.Warning(FormatDiagnostic(diagnostic));
  matter.raw = AsInJavaScript(options).get_object();
  return matter;
}

absl::StatusOr<std::shared_ptr<const Closure>> LoadFile(const Output& out,
                                                        const RenderOptions& options) {
  ASSIGN_OR_RETURN(const LocalPath path, FindLocalPath(options.name, options.root));
  ASSIGN_OR_RETURN(const FrontMatter added, ReadOptions(out, options.metadata));
  std::vector<v1::Diagnostic> diagnostics;
  ASSIGN_OR_RETURN(auto closure,
                   LoadLocal(path, &diagnostics, options.metadata.empty() ? nullptr : &added));
  if (closure == nullptr) return DiagnosticsToStatus(diagnostics);
  for (const v1::Diagnostic& diagnostic : diagnostics) out.Warning(FormatDiagnostic(diagnostic));
  return closure;
}

// Messages, then what goes with them as a note.
void Print(const Output& out, const v1::Rendered& rendered, const std::string& version) {
  PrintRendered(out, rendered);
  std::string note = version;
  if (!rendered.model().empty()) note += (note.empty() ? "" : " · ") + rendered.model();
  if (rendered.has_config() && !rendered.config().fields().empty()) {
    note += " " + WriteJson(ToJson(rendered.config()));
  }
  if (!note.empty()) out.Note(note);
}

void WarnOfViolations(const Output& out, const JsonSchema& schema, const json::object& variables) {
  for (const SchemaViolation& violation : schema.Check(variables).violations) {
    out.Warning("by input.schema a call is refused: " +
                FormatViolation(violation, "the variables"));
  }
}

absl::Status RenderFile(const Output& out, const RenderOptions& options) {
  if (options.spans) {
    return InvalidArgument("ONLY_FOR_REFERENCES",
                           "--spans is for a reference: publish the file, to a branch perhaps");
  }
  ASSIGN_OR_RETURN(const DataArgument data, options.input.Data());
  ASSIGN_OR_RETURN(const auto closure, LoadFile(out, options));
  ASSIGN_OR_RETURN(const RenderInput input, InputFromDotprompt(*closure, data));
  // The reference doesn't look at the schema's other rules: neither stop there.
  PromptPlan plan = *closure->plan;
  if (plan.input_schema != nullptr) {
    WarnOfViolations(out, *std::exchange(plan.input_schema, nullptr), input.variables);
  }
  ASSIGN_OR_RETURN(const RenderedMessages messages, RenderMessages(*closure, plan, input));
  if (out.json()) {
    // To the reference no message is an answer too.
    if (messages.messages.empty()) out.Warning(MessageOf(EmptyPromptError(*closure)));
    out.Line(WriteJson(RenderedToDotprompt(*closure, data, messages)));
    return absl::OkStatus();
  }
  if (messages.messages.empty()) return EmptyPromptError(*closure);
  v1::Rendered rendered = closure->plan->rendered;
  *rendered.mutable_messages() = messages.messages;
  Print(out, rendered, /*version=*/"");
  return absl::OkStatus();
}

// A line for each piece of text: whose it is, and from where.
void PrintSpans(const Output& out, const v1::RenderResponse& response) {
  Table table({"MESSAGE", "BYTES", "PLACE", "VALUE OF", "TEXT"});
  table.SetStyle(3, Style::kBold);
  for (const v1::Span& span : response.spans()) {
    const std::string& text =
        response.rendered().messages(span.message()).parts(span.part()).text();
    table.Add({fmt::format("{}.{}", span.message(), span.part()),
               fmt::format("{}-{}", span.start_byte(), span.end_byte()),
               fmt::format("{}:{}:{}", span.path(), span.line(), span.column()), span.expression(),
               WriteJson(json::string(
                   text.substr(span.start_byte(), span.end_byte() - span.start_byte())))});
  }
  table.Print(out);
}

absl::Status RenderReference(const Session& session, const RenderOptions& options) {
  if (!options.metadata.empty()) {
    return InvalidArgument("ONLY_FOR_FILES",
                           fmt::format("--options is for a file, and \"{}\" is a reference: a "
                                       "published version is rendered as it is",
                                       options.name));
  }
  v1::RenderRequest request;
  request.set_name(options.name);
  RETURN_IF_ERROR(options.input.Fill(&request));
  request.set_spans(options.spans);
  ASSIGN_OR_RETURN(const v1::RenderResponse response, session.NewClient().Render(request));
  if (session.output().json()) {
    session.output().Json(response);
  } else if (options.spans) {
    PrintSpans(session.output(), response);
  } else {
    Print(session.output(), response.rendered(), response.version());
  }
  return absl::OkStatus();
}

absl::Status RenderCommand(const Session& session, const RenderOptions& options) {
  return IsFile(options.name) ? RenderFile(session.output(), options)
                              : RenderReference(session, options);
}

}  // namespace

void AddRenderCommands(CLI::App* app, Session* session) {
  auto options = std::make_shared<RenderOptions>();
  CLI::App* command =
      session->AddCommand(app, "render", "Show what would be sent; a file renders offline",
                          [=] { return RenderCommand(*session, *options); });
  command->add_option("REF|FILE", options->name, "A reference, or a .prompt file")->required();
  options->input.AddOptions(
      command,
      "Of a REF: JSON object of variables. Of a FILE: Dotprompt's data, {\"input\": {variables}, "
      "\"docs\": […], \"messages\": […], \"context\": {…}}. - is standard input");
  command
      ->add_option("--options", options->metadata,
                   "JSON object that is laid over a FILE's front matter: {\"model\": …, "
                   "\"config\": {…}, \"input\": {\"default\": {…}}}")
      ->type_name("FILE");
  command->add_flag("--spans", options->spans,
                    "Of a REF: which place of which file wrote each piece of the text");
  command
      ->add_option("--root", options->root,
                   "Folder where the search for partials ends; else the one with .git")
      ->type_name("DIR");
  command->footer(
      "With --json a REF prints the API's RenderResponse. A FILE prints what Dotprompt's render()\n"
      "returns: {\"ext\", \"metadata\", \"config\", \"model\", …, \"input\", \"output\", \"raw\",\n"
      "\"messages\": [{\"role\": \"user\", \"content\": [{\"text\": …}]}]}. Of a FILE, a partial "
      "NAME is\n"
      "_NAME.prompt and a schema NAME.schema.json, beside the file or in a folder above it.");
}

}  // namespace colophon
