// login, logout, whoami

#include <termios.h>
#include <unistd.h>

#include <iostream>
#include <memory>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "client/cli/commands.h"
#include "client/cli/key_file.h"
#include "fmt/format.h"
#include "service/base/grant_text.h"

namespace colophon {
namespace {

// Asks at a terminal, without showing what is typed; else reads the first line.
absl::StatusOr<std::string> ReadKey() {
  const bool is_terminal = ::isatty(STDIN_FILENO) == 1;
  termios shown{};
  const bool hides = is_terminal && ::tcgetattr(STDIN_FILENO, &shown) == 0;
  if (hides) {
    std::cerr << "key: " << std::flush;
    termios hidden = shown;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  const absl::Cleanup show_again = [&] {
    if (!hides) return;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    std::cerr << "\n";
  };
  std::string line;
  std::getline(std::cin, line);
  std::string key(absl::StripAsciiWhitespace(line));
  if (!key.empty()) return key;
  return InvalidArgument("BAD_USAGE",
                         "there is no key on standard input: type it, or `colophon login < FILE`");
}

void Print(const Output& out, const Client& client, const v1::GetCallerResponse& caller) {
  if (out.json()) return out.Json(caller);
  out.Field("server", client.options().address);
  out.Field("caller", caller.caller());
  if (caller.has_key()) {
    out.Field("key", caller.key().id());
    for (const v1::Grant& grant : caller.key().grants()) out.Field("may", GrantText(grant));
    out.Field("until", out.Time(caller.key().expire_time()));
  } else {
    out.Field("may", "everything: this server lets callers in without a key");
  }
}

absl::Status Login(const Session& session) {
  const Output& out = session.output();
  ASSIGN_OR_RETURN(const std::string key, ReadKey());
  ClientOptions options = session.OptionsOfClient();
  options.key = key;
  const Client client(options);
  ASSIGN_OR_RETURN(const v1::GetCallerResponse caller, client.GetCaller({}));
  if (!caller.has_key()) {
    return InvalidArgument("KEY_UNKNOWN",
                           "what was given is no key of this server, and it lets "
                           "callers in without one; nothing was kept");
  }
  RETURN_IF_ERROR(KeepKey(options.address, key));
  Print(out, client, caller);
  return absl::OkStatus();
}

absl::Status Logout(const Session& session) {
  const Output& out = session.output();
  const std::string server = session.OptionsOfClient().address;
  ASSIGN_OR_RETURN(const std::string kept, ReadKeptKey(server));
  if (kept.empty()) {
    out.Note("no key is kept for " + server);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(KeepKey(server, ""));
  out.Line(
      fmt::format("the key for {} is forgotten here; it still holds: `colophon key revoke` "
                  "ends it",
                  server));
  return absl::OkStatus();
}

absl::Status WhoAmI(const Session& session) {
  const Client client = session.NewClient();
  ASSIGN_OR_RETURN(const v1::GetCallerResponse caller, client.GetCaller({}));
  Print(session.output(), client, caller);
  return absl::OkStatus();
}

}  // namespace

void AddLoginCommands(CLI::App* app, Session* session) {
  CLI::App* login =
      session->AddCommand(app, "login", "Keep a key for a server", [=] { return Login(*session); });
  login->footer(
      "The key is asked for, or read from standard input, and kept in\n"
      "~/.config/colophon/keys for this server only. COLOPHON_KEY, or what the program\n"
      "COLOPHON_KEY_COMMAND prints, goes before it.");
  session->AddCommand(app, "logout", "Forget the key that is kept for a server",
                      [=] { return Logout(*session); });
  session->AddCommand(app, "whoami", "Who you are to the server, and what you may do",
                      [=] { return WhoAmI(*session); });
}

}  // namespace colophon
