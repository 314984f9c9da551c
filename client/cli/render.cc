// render

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include "client/cli/arguments.h"
#include "client/cli/commands.h"
#include "client/cli/message_text.h"
#include "client/cli/prompt_input.h"
#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/closure.h"
#include "service/template/renderer.h"

namespace colophon {
namespace {

namespace fs = std::filesystem;

struct RenderOptions {
  std::string name;
  std::string root;
  PromptInput input;
};

// A reference never has this ending in practice, and a file always.
bool IsFile(const std::string& name) {
  std::error_code error;
  return fs::is_regular_file(name, error) || name.front() == '/' || name.front() == '.' ||
         fs::path(name).extension() == ".prompt";
}

// Where names are looked for in the end: the folder that git has, else the top.
fs::path RootOf(const fs::path& file) {
  for (fs::path folder = file.parent_path();; folder = folder.parent_path()) {
    std::error_code error;
    if (fs::exists(folder / ".git", error) || folder == folder.parent_path()) return folder;
  }
}

absl::StatusOr<std::optional<std::string>> ReadIfThere(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return std::optional<std::string>();
  ASSIGN_OR_RETURN(std::string content, ReadInput(path.string()));
  return std::optional<std::string>(std::move(content));
}

absl::StatusOr<std::shared_ptr<const Closure>> LoadFile(const Output& out,
                                                        const RenderOptions& options) {
  std::error_code error;
  const fs::path file = fs::weakly_canonical(options.name, error);
  if (!fs::is_regular_file(file, error)) {
    return NotFound("NO_FILE", fmt::format("no file \"{}\"", options.name));
  }
  const fs::path root =
      options.root.empty() ? RootOf(file) : fs::weakly_canonical(options.root, error);
  const std::string path = file.lexically_relative(root).generic_string();
  if (path.empty() || path.rfind("..", 0) == 0) {
    return InvalidArgument("OUTSIDE_ROOT", fmt::format("\"{}\" is not below the root \"{}\"",
                                                       options.name, options.root));
  }
  std::vector<v1::Diagnostic> diagnostics;
  ASSIGN_OR_RETURN(
      auto closure,
      LoadClosure(
          path, [&](const std::string& name) { return ReadIfThere(root / name); }, &diagnostics));
  if (closure == nullptr) return DiagnosticsToStatus(diagnostics);
  for (const v1::Diagnostic& diagnostic : diagnostics) out.Warning(FormatDiagnostic(diagnostic));
  return closure;
}

absl::StatusOr<v1::RenderResponse> RenderFile(const Output& out, const RenderOptions& options) {
  v1::RenderRequest request;
  RETURN_IF_ERROR(options.input.Fill(&request));
  ASSIGN_OR_RETURN(const auto closure, LoadFile(out, options));
  RenderInput input;
  input.variables = ToJson(request.variables());
  input.history = request.history();
  input.context = ToJson(request.context());
  v1::RenderResponse response;
  ASSIGN_OR_RETURN(*response.mutable_rendered(), Render(*closure, input));
  response.set_rendered_digest(RenderedDigest(response.rendered()));
  return response;
}

absl::StatusOr<v1::RenderResponse> RenderReference(const Session& session,
                                                   const RenderOptions& options) {
  v1::RenderRequest request;
  request.set_name(options.name);
  RETURN_IF_ERROR(options.input.Fill(&request));
  return session.NewClient().Render(request);
}

absl::Status RenderCommand(const Session& session, const RenderOptions& options) {
  const Output& out = session.output();
  ASSIGN_OR_RETURN(const v1::RenderResponse response, IsFile(options.name)
                                                          ? RenderFile(out, options)
                                                          : RenderReference(session, options));
  if (out.json()) {
    out.Json(response);
    return absl::OkStatus();
  }
  PrintRendered(out, response.rendered());
  std::string note = response.version();
  if (!response.rendered().model().empty()) {
    note += (note.empty() ? "" : " · ") + response.rendered().model();
  }
  if (response.rendered().has_config() && !response.rendered().config().fields().empty()) {
    note += " " + WriteJson(ToJson(response.rendered().config()));
  }
  if (!note.empty()) out.Note(note);
  return absl::OkStatus();
}

}  // namespace

void AddRenderCommands(CLI::App* app, Session* session) {
  auto options = std::make_shared<RenderOptions>();
  CLI::App* command =
      session->AddCommand(app, "render", "Show what would be sent; a file renders offline",
                          [=] { return RenderCommand(*session, *options); });
  command->add_option("REF|FILE", options->name, "A reference, or a .prompt file")->required();
  options->input.AddOptions(command);
  command
      ->add_option("--root", options->root,
                   "Folder where the search for partials ends; else the one with .git")
      ->type_name("DIR");
}

}  // namespace colophon
