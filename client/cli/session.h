#pragma once

#include <functional>
#include <string>

#include "CLI/CLI.hpp"
#include "client/cli/output.h"
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
  // REQUIRES: the options are parsed.
  Client NewClient() const;

 private:
  absl::Status CheckOptions();

  Output output_;
  std::string server_;
  std::string caller_;
  std::string timeout_text_;
  absl::Duration timeout_;
  bool json_ = false;
  bool no_color_ = false;
  std::function<absl::Status()> run_;
};

}  // namespace colophon
