#include "tests/bench/processes.h"

#include <filesystem>
#include <fstream>
#include <utility>

#include "tests/bench/programs.h"

namespace colophon::bench {
namespace {

void Write(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

// Starts a program that takes --port-file.
absl::StatusOr<Process> StartWithPortFile(const std::string& folder,
                                          std::vector<std::string> command) {
  const std::string port_file = folder + "/port";
  std::filesystem::remove(port_file);
  command.insert(command.end(), {"--port-file", port_file});
  Process process;
  ASSIGN_OR_RETURN(process.child, Child::Start(std::move(command), folder + "/log"));
  ASSIGN_OR_RETURN(const std::string port, process.child->WaitForFile(port_file));
  process.port = std::atoi(port.c_str());
  return process;
}

// Everything nginx writes stays in the folder. It writes no access log, which
// is kind to it.
std::string NginxConfig(const std::string& folder, int port, int upstream_port) {
  return fmt::format(R"(daemon off;
master_process off;
worker_processes 1;
pid {0}/pid;
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {0}/body;
  proxy_temp_path {0}/proxy;
  fastcgi_temp_path {0}/fastcgi;
  uwsgi_temp_path {0}/uwsgi;
  scgi_temp_path {0}/scgi;
  keepalive_requests 100000000;
  upstream model {{
    server 127.0.0.1:{2};
    keepalive 256;
    keepalive_requests 100000000;
  }}
  server {{
    listen 127.0.0.1:{1};
    location / {{
      proxy_pass http://model;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }}
  }}
}}
)",
                     folder, port, upstream_port);
}

}  // namespace

absl::StatusOr<Process> StartColophond(const std::string& folder, const std::string& config,
                                       int open_files) {
  std::filesystem::create_directories(folder);
  const std::string config_file = folder + "/colophond.textproto";
  Write(config_file, config);
  std::vector<std::string> command;
  if (open_files > 0) command = {"prlimit", fmt::format("--nofile={0}:{0}", open_files)};
  command.insert(command.end(), {kColophondProgram, "--data", folder + "/data", "--config",
                                 config_file, "--listen", "127.0.0.1:0", "--http-listen", "off"});
  return StartWithPortFile(folder, std::move(command));
}

absl::StatusOr<Process> StartEcho(const std::string& folder, const std::string& answer, bool raw) {
  std::filesystem::create_directories(folder);
  Write(folder + "/answer", answer);
  std::vector<std::string> command = {kEchoProgram, "--answer", folder + "/answer"};
  if (raw) command.emplace_back("--raw");
  return StartWithPortFile(folder, std::move(command));
}

absl::StatusOr<Process> StartUpstream(const std::string& folder, size_t answer_bytes) {
  std::filesystem::create_directories(folder);
  return StartWithPortFile(folder,
                           {kUpstreamProgram, "--answer-bytes", fmt::format("{}", answer_bytes)});
}

absl::StatusOr<Process> StartNginx(const std::string& folder, int upstream_port) {
  const std::string program = FindProgram("nginx");
  if (program.empty()) return NotFound("NO_NGINX", "nginx is not installed");
  std::filesystem::create_directories(folder);
  Process process;
  ASSIGN_OR_RETURN(process.port, FindFreePort());
  Write(folder + "/nginx.conf", NginxConfig(folder, process.port, upstream_port));
  ASSIGN_OR_RETURN(
      process.child,
      Child::Start({program, "-p", folder, "-c", folder + "/nginx.conf"}, folder + "/log"));
  RETURN_IF_ERROR(process.child->WaitForPort(process.port));
  return process;
}

std::string ProviderConfig(int upstream_port) {
  return fmt::format(
      "providers {{ name: \"bench\" kind: KIND_OPENAI base_url: \"http://127.0.0.1:{}/v1\" }}\n",
      upstream_port);
}

}  // namespace colophon::bench
