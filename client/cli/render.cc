// render

#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "client/cli/arguments.h"
#include "client/cli/commands.h"
#include "client/cli/dotprompt_json.h"
#include "client/cli/file_reference.h"
#include "client/cli/local_file.h"
#include "client/cli/local_prompt.h"
#include "client/cli/message_text.h"
#include "client/cli/prompt_input.h"
#include "client/cli/split_label.h"
#include "client/cli/table.h"
#include "client/cli/text.h"
#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/prompt/closure.h"
#include "service/template/prompt/front_matter_check.h"
#include "service/template/prompt/plan.h"
#include "service/template/render/renderer.h"
#include "service/template/syntax/diagnostics.h"

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

// What --options says, as front matter.
absl::StatusOr<prompt::FrontMatter> ReadOptions(const Output& out, const std::string& file) {
  if (file.empty()) return prompt::FrontMatter();
  ASSIGN_OR_RETURN(const std::string text, ReadInput(file));
  ASSIGN_OR_RETURN(const json::object options, ParseJsonObject(text, "\"" + file + "\""));
  // Front matter has no such key; the reference's metadata has.
  json::object checked = options;
  checked.erase("metadata");
  std::vector<v1::Diagnostic> diagnostics;
  DiagnosticSink sink(file, &diagnostics);
  prompt::FrontMatter matter = prompt::CheckFrontMatter({checked, {}}, &sink);
  if (sink.has_errors()) return DiagnosticsToStatus(diagnostics);
  for (const v1::Diagnostic& diagnostic : diagnostics) out.Warning(FormatDiagnostic(diagnostic));
  matter.raw = AsInJavaScript(options).get_object();
  return matter;
}

absl::StatusOr<std::shared_ptr<const prompt::Closure>> LoadFile(const Output& out,
                                                                const RenderOptions& options) {
  ASSIGN_OR_RETURN(const LocalPath path, FindLocalPath(options.name, options.root));
  ASSIGN_OR_RETURN(const prompt::FrontMatter added, ReadOptions(out, options.metadata));
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

void WarnOfViolations(const Output& out, const schema::JsonSchema& schema,
                      const json::object& variables) {
  for (const schema::Violation& violation : schema.Check(variables).violations) {
    out.Warning("by input.schema a call is refused: " +
                schema::FormatViolation(violation, "the variables"));
  }
}

using Messages = google::protobuf::RepeatedPtrField<v1::Message>;

// A line for each piece of text: whose it is, and from where.
void PrintSpans(const Output& out, const Messages& messages,
                const google::protobuf::RepeatedPtrField<v1::Span>& spans) {
  Table table({"MESSAGE", "BYTES", "PLACE", "VALUE OF", "TEXT"});
  table.SetStyle(3, Style::kBold);
  for (const v1::Span& span : spans) {
    const std::string& text = messages[span.message()].parts(span.part()).text();
    table.Add({fmt::format("{}.{}", span.message(), span.part()),
               fmt::format("{}-{}", span.start_byte(), span.end_byte()),
               fmt::format("{}:{}:{}", span.path(), span.line(), span.column()), span.expression(),
               WriteJson(json::string(
                   text.substr(span.start_byte(), span.end_byte() - span.start_byte())))});
  }
  table.Print(out);
}

absl::Status RenderFile(const Output& out, const RenderOptions& options) {
  ASSIGN_OR_RETURN(const DataArgument data, options.input.Data());
  ASSIGN_OR_RETURN(const auto closure, LoadFile(out, options));
  ASSIGN_OR_RETURN(render::Input input, InputFromDotprompt(*closure, data));
  input.spans = options.spans;
  // The reference doesn't look at the schema's other rules: neither stop there.
  prompt::Plan plan = *closure->plan;
  if (plan.input_schema != nullptr) {
    WarnOfViolations(out, *std::exchange(plan.input_schema, nullptr), input.variables);
  }
  ASSIGN_OR_RETURN(const render::RenderedMessages messages,
                   render::RenderMessages(*closure, plan, input));
  if (out.json() && options.spans) {
    v1::RenderResponse response;
    *response.mutable_rendered()->mutable_messages() = messages.messages;
    *response.mutable_spans() = messages.spans;
    out.Json(response);
    return absl::OkStatus();
  }
  if (out.json()) {
    // To the reference no message is an answer too.
    if (messages.messages.empty()) out.Warning(MessageOf(render::EmptyPromptError(*closure)));
    out.Line(WriteJson(RenderedToDotprompt(*closure, data, messages)));
    return absl::OkStatus();
  }
  if (messages.messages.empty()) return render::EmptyPromptError(*closure);
  if (options.spans) {
    PrintSpans(out, messages.messages, messages.spans);
    return absl::OkStatus();
  }
  v1::Rendered rendered = closure->plan->rendered;
  *rendered.mutable_messages() = messages.messages;
  Print(out, rendered, /*version=*/"");
  return absl::OkStatus();
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
  const Client client = session.NewClient();
  ASSIGN_OR_RETURN(const v1::RenderResponse response, client.Render(request));
  if (session.output().json()) {
    session.output().Json(response);
  } else if (options.spans) {
    PrintSpans(session.output(), response.rendered().messages(), response.spans());
  } else {
    Print(session.output(), response.rendered(), response.version());
    if (request.subject().empty()) {
      NoteSplit(session.output(), client, request.name(), response.version());
    }
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
                    "Which place of which file wrote each piece of the text");
  command
      ->add_option("--root", options->root,
                   "Folder where the search for partials ends; else the working folder, or the one "
                   "with .git")
      ->type_name("DIR");
  command->footer(
      "With --json a REF prints the API's RenderResponse. A FILE prints what\n"
      "Dotprompt's render() returns: {\"ext\", \"metadata\", \"config\", \"model\", …,\n"
      "\"input\", \"output\", \"raw\", \"messages\": [{\"role\": \"user\", \"content\":\n"
      "[{\"text\": …}]}]}. Of a FILE, a partial NAME is _NAME.prompt and a schema\n"
      "NAME.schema.json, beside the file or in a folder above it.");
}

}  // namespace colophon
