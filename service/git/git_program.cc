#include "service/git/git_program.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "fmt/format.h"

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

absl::StatusOr<std::unique_ptr<RunningProgram>> StartUploadPack(const Mirror& mirror,
                                                                const UploadPackOptions& options) {
  ProgramOptions program;
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
  return RunningProgram::Start(program);
}

absl::Status IndexPack(const Mirror& mirror, const std::string& folder, std::string_view pack,
                       const StopFlag* stop) {
  const std::string objects = folder + "/objects";
  std::error_code error;
  std::filesystem::create_directories(objects + "/pack", error);
  if (error) return Internal(fmt::format("can't make the folder {}: {}", objects, error.message()));
  ProgramOptions program;
  program.arguments = {"git",
                       "-c",
                       "safe.directory=*",
                       "-c",
                       "pack.threads=1",
                       "-c",
                       "core.fsync=none",
                       "index-pack",
                       "--stdin",
                       "--fix-thin",
                       "--strict"};
  program.environment = Environment();
  program.environment.push_back("GIT_DIR=" + mirror.directory());
  program.environment.push_back("GIT_OBJECT_DIRECTORY=" + objects);
  program.environment.push_back(
      fmt::format("GIT_ALTERNATE_OBJECT_DIRECTORIES={}/objects", mirror.directory()));
  program.max_memory_bytes = kMaxMemoryBytes;
  program.max_processor_time = kMaxProcessorTime;
  ASSIGN_OR_RETURN(const FileDescriptor input, MakeMemoryFile(pack));
  program.input = &input;
  ASSIGN_OR_RETURN(const auto git, RunningProgram::Start(program));
  RETURN_IF_ERROR(git->ReadAll(kMaxProcessorTime, stop).status());
  if (git->ExitCode() == 0) return absl::OkStatus();
  std::string said = git->Errors();
  while (said.ends_with('\n')) said.pop_back();
  return InvalidArgument(
      "BAD_PACK", fmt::format("git doesn't take the pack: {}", said.empty() ? "no reason" : said));
}

}  // namespace colophon
