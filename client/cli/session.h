#pragma once

#include <functional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "client/cli/output.h"
#include "client/cli/usage.h"
#include "client/cpp/client.h"

namespace colophon {

// Exit codes, for scripts.
inline constexpr int kExitOk = 0;
inline constexpr int kExitError = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitNotFound = 3;
inline constexpr int kExitConflict = 4;
inline constexpr int kExitPrecondition = 5;
inline constexpr int kExitUnavailable = 6;
inline constexpr int kExitDenied = 7;
inline constexpr int kExitMergeConflict = 8;  // A pull left marks to look at.

// What they mean.
std::vector<Term> ExitCodeTerms();

int ExitCode(const absl::Status& status);

// What the global options say, and what the chosen command does.
class Session {
 public:
  Session();

  // Adds --server, --json and the others to the program.
  void AddOptions(CLI::App* app);
  // A command, and what it does once its options are known.
  CLI::App* AddCommand(CLI::App* app, const std::string& name, const std::string& description,
                       std::function<absl::Status()> run);
  // Runs the command that was chosen; the error is told. The exit code.
  int Run();

  const Output& output() const { return output_; }
  // Of the server that is named; else of the working folder's, where one names it.
  // REQUIRES: the options are parsed.
  Client NewClient(const std::string& folder_server = "") const;
  // What such a client is made of.
  ClientOptions OptionsOfClient(const std::string& folder_server = "") const;
  // `--caller` as it was given on the command line; empty: it wasn't.
  std::string caller_argument() const;
  // Who a change is by: as given, else the caller where one is named, else as git knows
  // the author; empty: the caller that there is.
  std::string Author(const std::string& given) const;

 private:
  absl::Status CheckOptions();

  Output output_;
  CLI::Option* server_option_ = nullptr;
  CLI::Option* caller_option_ = nullptr;
  std::string server_;
  std::string folder_server_;  // Of the working folder we stand in.
  ClientTls tls_;
  std::string caller_;
  std::string timeout_text_;
  absl::Duration timeout_;
  bool json_ = false;
  bool no_color_ = false;
  bool no_pager_ = false;
  std::string chosen_;  // The command's name.
  std::function<absl::Status()> run_;
};

}  // namespace colophon
