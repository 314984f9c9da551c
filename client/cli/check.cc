// check

#include <memory>
#include <string>
#include <vector>

#include "client/cli/annotations.h"
#include "client/cli/commands.h"
#include "client/cli/local_check.h"
#include "client/cli/text.h"
#include "fmt/format.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon {
namespace {

struct CheckOptions {
  std::vector<std::string> paths = {"."};
  std::string root;
  std::string format = "text";
  bool strict = false;
};

// As compilers write it, so that editors can read it:
//   line = path [ ":" line [ ":" column ] ] ": " ( "error" | "warning" ) ": " message " (" code ")"
void PrintLines(const Output& out, const std::vector<v1::Diagnostic>& diagnostics) {
  for (const v1::Diagnostic& diagnostic : diagnostics) {
    const bool is_error = diagnostic.severity() == v1::Diagnostic::SEVERITY_ERROR;
    const std::string line = out.Safe(FormatDiagnostic(diagnostic));
    out.Line(out.Styled(is_error ? Style::kRed : Style::kYellow, line));
  }
}

// {"diagnostics": [Diagnostic, …]}, the API's messages; the list is there when it
// is empty too.
void PrintJson(const Output& out, const std::vector<v1::Diagnostic>& diagnostics) {
  v1::PublishResponse response;
  for (const v1::Diagnostic& diagnostic : diagnostics) *response.add_diagnostics() = diagnostic;
  if (diagnostics.empty()) {
    out.Line(R"({"diagnostics":[]})");
  } else {
    out.Json(response);
  }
}

void Print(const Output& out, const std::string& format,
           const std::vector<v1::Diagnostic>& diagnostics) {
  if (out.json()) {
    PrintJson(out, diagnostics);
  } else if (format == "gitlab") {
    out.Line(GitlabReport(diagnostics));
  } else if (format == "github") {
    for (const v1::Diagnostic& diagnostic : diagnostics) {
      out.Line(out.Safe(GithubAnnotation(diagnostic)));
    }
  } else {
    PrintLines(out, diagnostics);
  }
}

absl::Status Check(const Session& session, const CheckOptions& options) {
  const Output& out = session.output();
  if (out.json() && options.format != "text") {
    return InvalidArgument("BAD_USAGE", fmt::format("--json and --format {} don't go together: "
                                                    "each is a form of its own",
                                                    options.format));
  }
  LocalCheck check(options.root);
  for (const std::string& path : options.paths) RETURN_IF_ERROR(check.Add(path));
  RETURN_IF_ERROR(check.Run());
  Print(out, options.format, check.diagnostics());
  const std::string summary = fmt::format("{}, {}, {}", Count(check.prompts(), "prompt", "prompts"),
                                          Count(check.errors(), "error", "errors"),
                                          Count(check.warnings(), "warning", "warnings"));
  if (check.errors() > 0 || (options.strict && check.warnings() > 0)) {
    return InvalidArgument("BAD_FILE", summary);
  }
  if (!out.json()) out.Note(summary);
  return absl::OkStatus();
}

}  // namespace

void AddCheckCommands(CLI::App* app, Session* session) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* command = session->AddCommand(
      app, "check", "Say what publishing would find wrong or odd, without a server",
      [=] { return Check(*session, *options); });
  command->add_option("PATH", options->paths, "Files and folders; else the current folder");
  command->add_flag("--strict", options->strict, "Fail on warnings too");
  command
      ->add_option("--format", options->format,
                   "text, as compilers write it; github, annotations of a workflow; gitlab, a "
                   "Code Quality report")
      ->check(CLI::IsMember({"github", "gitlab", "text"}))
      ->type_name("FORM");
  command
      ->add_option("--root", options->root,
                   "Folder where the search for partials ends; else the one with .git")
      ->type_name("DIR");
}

}  // namespace colophon
