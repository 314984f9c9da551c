#include "service/git/git_program.h"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

namespace colophon {
namespace {

constexpr size_t kMaxMemoryBytes = size_t{2} << 30;
constexpr auto kMaxProcessorTime = std::chrono::seconds(600);
// Of a client that says nothing and takes nothing.
constexpr char kTimeout[] = "--timeout=120";

// Nothing of the user's or the machine's configuration counts.
std::vector<std::string> Environment() {
  return {"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0",
          "HOME=/nonexistent", "LC_ALL=C"};
}

// The client's word, and nothing else that could be meant by it.
bool IsProtocol(const std::string& text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '=' || c == ':';
  });
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChildProcess>> StartUploadPack(const Mirror& mirror,
                                                              const UploadPackOptions& options) {
  ChildProcessOptions program;
  program.arguments = {"git", "-c", "safe.directory=*",
                       // Parts of a clone without blobs are asked for one by one.
                       "-c", "uploadpack.allowFilter=true", "-c",
                       "uploadpack.allowAnySHA1InWant=true", "-c", "pack.threads=1", "upload-pack",
                       "--strict", kTimeout, "--stateless-rpc"};
  if (options.is_advertisement) program.arguments.push_back("--http-backend-info-refs");
  program.arguments.push_back(mirror.directory());
  program.environment = Environment();
  if (IsProtocol(options.protocol))
    program.environment.push_back("GIT_PROTOCOL=" + options.protocol);
  program.max_memory_bytes = kMaxMemoryBytes;
  program.max_processor_time = kMaxProcessorTime;
  ASSIGN_OR_RETURN(const FileDescriptor request, MakeMemoryFile(options.request));
  program.input = &request;
  return ChildProcess::Start(program);
}

}  // namespace colophon
