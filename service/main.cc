// colophond: flags → configuration → Server → wait for a signal: SIGHUP reads the
// configuration again, SIGTERM and SIGINT drain and end.

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/synchronization/mutex.h"
#include "fmt/format.h"
#include "service/base/log.h"
#include "service/base/spelling.h"
#include "service/config.h"
#include "service/rpc/grpc_log.h"
#include "service/server.h"

namespace colophon {
namespace {

// As shells and systemd read them.
enum ExitCode { kOk = 0, kCantStart = 1, kBadUsage = 2, kSecondSignal = 130 };

struct Flags {
  std::string data = "./data";
  std::string config;
  std::string listen;
  std::string port_file;
  std::string http_listen;
  std::string http_port_file;
  bool check = false;
  bool accept_loss = false;
};

absl::StatusOr<Config> LoadConfig(const Flags& flags) {
  absl::StatusOr<Config> config =
      flags.config.empty() ? ParseConfig("", "") : ReadConfig(flags.config);
  RETURN_IF_ERROR(config.status());
  if (!flags.listen.empty()) {
    auto listen = ReadListen(flags.listen, *config);
    if (!listen.ok()) {
      return InvalidArgument("BAD_CONFIG", "--listen " + MessageOf(listen.status()));
    }
    config->listen = *std::move(listen);
  }
  if (!flags.http_listen.empty()) {
    auto listen = ReadHttpListen(flags.http_listen, *config);
    if (!listen.ok()) {
      return InvalidArgument("BAD_CONFIG", "--http-listen " + MessageOf(listen.status()));
    }
    config->http_listen = *std::move(listen);
  }
  return config;
}

// Every connection and every call to a provider is an open file.
void RaiseFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Keys and prompts are in memory, and belong in no core file, whatever the limits say; nor may
// another program of this user look into it.
void HideMemory() {
#ifndef __SANITIZE_ADDRESS__  // Whose search for leaks does.
  prctl(PR_SET_DUMPABLE, 0);
#endif
}

// Before any thread starts, so that all of them inherit it and only sigwait
// sees the signals.
sigset_t BlockSignals() {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

// Readers see the whole file or none.
absl::Status WritePortFile(const std::string& flag, const std::string& path, int port) {
  if (path.empty()) return absl::OkStatus();
  const std::string temporary = path + ".new";
  std::ofstream file(temporary, std::ios::trunc);
  file << port << '\n';
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(temporary, path, error);
  if (file && !error) return absl::OkStatus();
  return FailedPrecondition("PORT_FILE", fmt::format("can't write \"{}\"; name another file with "
                                                     "{}",
                                                     path, flag));
}

int Fail(ExitCode code, std::string_view message) {
  fmt::print(stderr, "colophond: {}\n", message);
  return code;
}
int Fail(ExitCode code, const absl::Status& status) { return Fail(code, MessageOf(status)); }

// How often it is looked whether the files of certificates have changed.
constexpr timespec kTick{10, 0};

// The next signal that asks for an end; SIGHUP doesn't.
int AwaitEnd(const sigset_t& signals, const std::function<void()>& on_hangup,
             const std::function<void()>& on_tick) {
  while (true) {
    const int signal = sigtimedwait(&signals, nullptr, &kTick);
    if (signal < 0) {
      on_tick();
    } else if (signal == SIGHUP) {
      on_hangup();
    } else {
      return signal;
    }
  }
}

void Reload(const Flags& flags, Server* server) {
  const absl::StatusOr<Config> config = LoadConfig(flags);
  if (config.ok()) return server->Reload(*config);
  Log(LogLevel::kError,
      LogLine("event", "reload_refused").Add("message", MessageOf(config.status())));
}

ServerOptions OptionsOf(const Flags& flags, Config config) {
  ServerOptions options;
  options.config = std::move(config);
  options.data_directory = flags.data;
  options.accept_loss = flags.accept_loss;
  return options;
}

int Check(const Flags& flags, Config config) {
  RaiseFileLimit();
  const std::vector<absl::Status> problems = Server::Check(OptionsOf(flags, std::move(config)));
  for (const absl::Status& problem : problems) Fail(kCantStart, problem);
  if (!problems.empty()) return kCantStart;
  fmt::print("the configuration is good\n");
  return kOk;
}

int Serve(const Flags& flags, Config config) {
  const sigset_t signals = BlockSignals();
  HideMemory();
  umask(077);  // Records hold what callers sent.
  RaiseFileLimit();
  StartLog(config.log_level);
  LogGrpc();

  const bool has_tls = config.tls.has_value();
  absl::StatusOr<std::unique_ptr<Server>> server =
      Server::Start(OptionsOf(flags, std::move(config)));
  if (!server.ok()) return Fail(kCantStart, server.status());
  const auto& http = (*server)->http_address();
  // Whoever waits for the first one finds both.
  absl::Status written =
      WritePortFile("--http-port-file", flags.http_port_file, http ? http->port : 0);
  if (written.ok()) written = WritePortFile("--port-file", flags.port_file, (*server)->port());
  if (!written.ok()) return Fail(kCantStart, written);
  const char* const scheme = has_tls ? "https" : "http";
  fmt::print("colophond is serving on {}{}, data in {}\n", (*server)->address().text(),
             http ? fmt::format(" and {}://{}", scheme, http->text()) : "", flags.data);
  std::fflush(stdout);

  const int signal = AwaitEnd(
      signals, [&] { Reload(flags, server->get()); }, [&] { (*server)->RefreshCertificates(); });
  Log(LogLevel::kInfo, LogLine("event", "signal").Add("name", strsignal(signal)));
  std::thread([signals] {
    AwaitEnd(
        signals, [] {}, [] {});
    std::_Exit(kSecondSignal);  // Who asks twice can't wait; the store survives it.
  }).detach();
  (*server)->Stop();
  return kOk;
}

// What is wrong with a command line that `app` didn't take, and what to do.
std::string DescribeMisuse(const CLI::App& app, const CLI::ParseError& error) {
  for (const std::string& word : app.remaining()) {
    if (!word.starts_with('-')) {
      return fmt::format("\"{}\" is one argument too many; see colophond --help", word);
    }
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    const std::string_view name = std::string_view(word).substr(0, word.find('='));
    const auto alike = SpelledAlike(name, {names.begin(), names.end()});
    return fmt::format(
        "no option \"{}\"; {}", name,
        alike.empty() ? "see colophond --help" : fmt::format("did you mean {}?", alike.front()));
  }
  return fmt::format("{}; see colophond --help", error.what());
}

int Main(int argc, char** argv) {
  CLI::App app{"colophond serves prompts as versions and records what models make of them."};
  Flags flags;
  app.add_option("--data", flags.data, "Directory of the store; created when missing")
      ->capture_default_str();
  app.add_option("--config", flags.config, "Configuration file, see deploy/colophond.textproto");
  app.add_option("--listen", flags.listen,
                 "Address to serve on instead of the configuration's, 127.0.0.1:50051");
  app.add_option("--port-file", flags.port_file, "File to write the port to, once it serves");
  app.add_option("--http-listen", flags.http_listen,
                 "Address to serve HTTP on instead of the configuration's, 127.0.0.1:8080; off: "
                 "none");
  app.add_option("--http-port-file", flags.http_port_file, "The same for the HTTP port");
  app.add_flag("--check", flags.check,
               "Check the configuration, and whether a start finds its directories, keys and "
               "addresses, and exit");
  app.add_flag("--accept-loss", flags.accept_loss,
               "Start once on a store that has lost acknowledged writes, with what is left");
  app.set_version_flag("--version", fmt::format("colophond {}", Server::Version()));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // Help, or the version.
    return Fail(kBadUsage, DescribeMisuse(app, error));
  }
  absl::StatusOr<Config> config = LoadConfig(flags);
  if (!config.ok()) return Fail(kBadUsage, config.status());
  return flags.check ? Check(flags, *std::move(config)) : Serve(flags, *std::move(config));
}

}  // namespace
}  // namespace colophon

int main(int argc, char** argv) {
  // gRPC's mutexes are absl's, which search for lock cycles on every lock, for a
  // good part of the time of a small call, unless they are told not to.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return colophon::Main(argc, argv);
}
