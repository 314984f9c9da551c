#include "client/cli/session.h"

#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "client/cli/arguments.h"
#include "fmt/format.h"

namespace colophon {
namespace {

std::string DefaultCaller() {
  const char* user = std::getenv("USER");
  char host[256] = "";
  if (gethostname(host, sizeof(host) - 1) != 0) host[0] = '\0';
  return fmt::format("{}@{}", user == nullptr || *user == '\0' ? "unknown" : user,
                     *host == '\0' ? "unknown" : host);
}

}  // namespace

int ExitCode(const absl::Status& status) {
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
  app->add_option("--server", server_, "Server to talk to")
      ->envname("COLOPHON_SERVER")
      ->default_val("127.0.0.1:50051")
      ->type_name("HOST:PORT");
  app->add_option("--caller", caller_, "Who calls, for records and changes")
      ->envname("COLOPHON_CALLER")
      ->type_name("NAME")
      ->default_str("$USER@host");
  app->add_option("--timeout", timeout_text_, "Give up after so long, 30s or 10m")
      ->type_name("TIME");
  app->add_flag("--json", json_, "Print the API's messages as JSON, one a line");
  app->add_flag("--no-color", no_color_, "No colours; so does the variable NO_COLOR");
}

CLI::App* Session::AddCommand(CLI::App* app, const std::string& name,
                              const std::string& description, std::function<absl::Status()> run) {
  CLI::App* command = app->add_subcommand(name, description);
  command->fallthrough();  // Global options may come after the command too.
  command->callback([this, run = std::move(run)] { run_ = run; });
  return command;
}

absl::Status Session::CheckOptions() {
  output_.set_json(json_);
  if (no_color_) output_.disable_color();
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
  }
  return ExitCode(status);
}

Client Session::NewClient() const {
  ClientOptions options;
  options.address = server_;
  options.caller = caller_;
  if (!timeout_text_.empty()) options.timeout = options.long_timeout = timeout_;
  return Client(options);
}

}  // namespace colophon
