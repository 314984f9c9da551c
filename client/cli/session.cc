#include "client/cli/session.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "client/cli/arguments.h"
#include "client/cli/git.h"
#include "client/cli/key_file.h"
#include "client/cli/working_folder.h"
#include "fmt/format.h"

namespace colophon {
namespace {

std::string DefaultUser() {
  const char* const user = std::getenv("USER");
  if (user != nullptr && *user != '\0') return user;
  const passwd* const entry = getpwuid(getuid());
  return entry == nullptr ? "unknown" : entry->pw_name;
}

std::string DefaultCaller() {
  char host[256] = "";
  if (gethostname(host, sizeof(host) - 1) != 0) host[0] = '\0';
  return fmt::format("{}@{}", DefaultUser(), *host == '\0' ? "unknown" : host);
}

// The commands that help where the message can't name them, because those who call the
// API read it too; empty: none.
std::string_view CommandsFor(std::string_view reason) {
  if (reason == "REPOSITORY_NOT_FOUND") {
    return "`colophon init NAME` creates one, `colophon list` lists those there are";
  }
  if (reason == "KEY_REQUIRED" || reason == "KEY_UNKNOWN" || reason == "KEY_REVOKED" ||
      reason == "KEY_EXPIRED") {
    return "`colophon login` keeps a key for this server, `colophon whoami` tells whose it is";
  }
  if (reason == "PROMPT_NOT_FOUND") return "`colophon list REPOSITORY` lists the prompts";
  if (reason == "LABEL_NOT_FOUND") {
    return "`colophon label PROMPT` lists the labels, `colophon label PROMPT@LABEL v1` points one "
           "at a version";
  }
  return "";
}

// Commands that show what there is, and end: not what comes piece by piece, nor what is done.
bool IsRead(std::string_view command) {
  static constexpr std::string_view kRead[] = {"diff",    "drafts", "errors", "find",    "grep",
                                               "history", "label",  "list",   "record",  "records",
                                               "show",    "stats",  "uses",   "versions"};
  return std::find(std::begin(kRead), std::end(kRead), command) != std::end(kRead);
}

}  // namespace

std::vector<Term> ExitCodeTerms() {
  const auto term = [](int code, const char* meaning) {
    return Term{std::to_string(code), meaning};
  };
  return {term(kExitOk, "Done"),
          term(kExitError, "Failed"),
          term(kExitUsage, "Wrong usage or invalid argument"),
          term(kExitNotFound, "Not found"),
          term(kExitConflict, "Lost to another change or already there"),
          term(kExitPrecondition, "Refused by the state of things or by the provider"),
          term(kExitUnavailable, "Server or provider unavailable, busy or too slow"),
          term(kExitDenied, "Not allowed"),
          term(kExitMergeConflict, "A pull left conflicts to look at")};
}

int ExitCode(const absl::Status& status) {
  if (ReasonOf(status) == "MERGE_CONFLICT") return kExitMergeConflict;
  // INVALID_ARGUMENT, but what the provider refused isn't what was typed.
  if (ReasonOf(status) == "PROVIDER_REJECTED") return kExitPrecondition;
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kExitOk;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return kExitUsage;
    case absl::StatusCode::kNotFound:
      return kExitNotFound;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
      return kExitConflict;
    case absl::StatusCode::kFailedPrecondition:
      return kExitPrecondition;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return kExitUnavailable;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return kExitDenied;
    default:
      return kExitError;
  }
}

Session::Session() : caller_(DefaultCaller()) {}

void Session::AddOptions(CLI::App* app) {
  server_option_ = app->add_option("--server", server_, "Server to talk to")
                       ->envname("COLOPHON_SERVER")
                       ->default_val("127.0.0.1:50051")
                       ->type_name("HOST:PORT");
  const auto add_file = [&](const char* name, std::string* file, const char* description,
                            const char* variable) {
    app->add_option(name, *file, description)->envname(variable)->type_name("FILE");
  };
  add_file("--tls-ca", &tls_.ca_file, "Authorities that an https:// server's certificate may be of",
           "COLOPHON_TLS_CA");
  add_file("--tls-cert", &tls_.certificate_file, "Certificate to show an https:// server",
           "COLOPHON_TLS_CERT");
  add_file("--tls-key", &tls_.key_file, "Its key", "COLOPHON_TLS_KEY");
  caller_option_ = app->add_option("--caller", caller_, "Who calls, for records and changes")
                       ->envname("COLOPHON_CALLER")
                       ->type_name("NAME")
                       ->default_str("$USER@host");
  app->add_option("--timeout", timeout_text_, "Give up after so long, 30s or 10m")
      ->type_name("TIME");
  app->add_flag("--json", json_, "Print the API's messages as JSON, one a line");
  app->add_flag("--no-color", no_color_, "No colours; so does the variable NO_COLOR");
  app->add_flag("--no-pager", no_pager_, "What is longer than the terminal isn't shown by $PAGER");
}

CLI::App* Session::AddCommand(CLI::App* app, const std::string& name,
                              const std::string& description, std::function<absl::Status()> run) {
  CLI::App* command = app->add_subcommand(name, description);
  command->fallthrough();  // Global options may come after the command too.
  command->callback([this, name, run = std::move(run)] {
    chosen_ = name;
    run_ = run;
  });
  return command;
}

absl::Status Session::CheckOptions() {
  output_.set_json(json_);
  if (no_color_) output_.disable_color();
  if (!no_pager_ && IsRead(chosen_)) output_.UsePager();
  ASSIGN_OR_RETURN(const auto folder, FindWorkingFolder(std::filesystem::path(".")));
  if (folder) folder_server_ = folder->server;
  if (timeout_text_.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(timeout_, ParseDuration(timeout_text_));
  if (timeout_ <= absl::ZeroDuration()) {
    return InvalidArgument("BAD_TIMEOUT", "--timeout must be more than nothing");
  }
  return absl::OkStatus();
}

int Session::Run() {
  absl::Status status = CheckOptions();
  if (status.ok()) status = run_();
  const absl::Status finished = output_.Finish();
  if (status.ok()) status = finished;
  if (!status.ok()) {
    output_.Error(MessageOf(status));
    const ErrorMetadata facts = MetadataOf(status);
    const auto record = facts.find("record");
    if (record != facts.end()) output_.Note("record " + record->second);
    const std::string_view commands = CommandsFor(ReasonOf(status));
    if (!commands.empty()) output_.Note(commands);
  }
  return ExitCode(status);
}

std::string Session::caller_argument() const {
  const char* const variable = std::getenv("COLOPHON_CALLER");
  const bool is_argument =
      caller_option_->count() > 0 && (variable == nullptr || caller_ != variable);
  return is_argument ? caller_ : "";
}

std::string Session::Author(const std::string& given) const {
  if (!given.empty() || caller_option_->count() > 0) return given;
  return GitAuthor().value_or("");
}

Client Session::NewClient(const std::string& folder_server) const {
  ClientOptions options = OptionsOfClient(folder_server);
  absl::StatusOr<std::string> key = FindKey(options.address);
  // Without it the server says what is missing, and this why.
  if (!key.ok()) output_.Warning(MessageOf(key.status()));
  if (key.ok()) options.key = *std::move(key);
  return Client(options);
}

ClientOptions Session::OptionsOfClient(const std::string& folder_server) const {
  ClientOptions options;
  const std::string& of_folder = folder_server.empty() ? folder_server_ : folder_server;
  options.address = server_option_->count() > 0 || of_folder.empty() ? server_ : of_folder;
  options.tls = tls_;
  options.caller = caller_;
  if (!timeout_text_.empty()) options.timeout = options.long_timeout = timeout_;
  // Who sits there asks again; a script waits for a server that restarts.
  constexpr int kAttemptsAtTerminal = 2;
  if (output_.error_terminal()) options.retry.max_attempts = kAttemptsAtTerminal;
  return options;
}

}  // namespace colophon
