#include "client/cli/export_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "fmt/format.h"
#include "google/protobuf/util/json_util.h"
#include "service/base/json.h"

namespace colophon {
namespace {

absl::Status CantWrite(const std::string& path) {
  return Error(absl::StatusCode::kUnknown, "OUTPUT",
               fmt::format("can't write \"{}\": {}", path, std::strerror(errno)));
}

std::string WriteState(const ExportState& state) {
  json::object left_out;
  for (const auto& [what, count] : state.left_out) left_out[what] = count;
  std::string request;
  // What came from a command line or as JSON is UTF-8, which is all that it needs.
  if (!google::protobuf::util::MessageToJsonString(state.request, &request).ok()) request = "{}";
  return WriteJson(json::object{{"format", state.format},
                                {"request", ParseJson(request).value_or(json::value())},
                                {"fileBytes", state.file_bytes},
                                {"count", state.count},
                                {"leftOut", std::move(left_out)}}) +
         "\n";
}

absl::StatusOr<ExportState> ReadState(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    return FailedPrecondition("NOTHING_TO_RESUME",
                              fmt::format("there is no \"{}\", which an export that broke off "
                                          "leaves: export without --resume",
                                          path));
  }
  std::stringstream text;
  text << file.rdbuf();
  ExportState state;
  bool is_whole = false;
  try {
    const json::value value = ParseJson(text.str()).value_or(json::value());
    state.format = View(value.at("format").as_string());
    is_whole =
        google::protobuf::util::JsonStringToMessage(WriteJson(value.at("request")), &state.request)
            .ok();
    state.file_bytes = value.at("fileBytes").to_number<int64_t>();
    state.count = value.at("count").to_number<int64_t>();
    for (const auto& member : value.at("leftOut").as_object()) {
      state.left_out[std::string(View(member.key()))] = member.value().to_number<int64_t>();
    }
  } catch (const std::exception&) {
    is_whole = false;
  }
  if (!is_whole) {
    return FailedPrecondition("NOTHING_TO_RESUME",
                              fmt::format("\"{}\" is damaged: export without --resume", path));
  }
  return state;
}

}  // namespace

absl::StatusOr<ExportFile> ExportFile::Open(const std::string& path, bool resume,
                                            ExportState* state) {
  ExportFile file(path);
  if (path.empty()) return file;
  if (resume) {
    ASSIGN_OR_RETURN(ExportState kept, ReadState(file.StatePath()));
    if (kept.format != state->format || kept.request.name() != state->request.name()) {
      return FailedPrecondition(
          "OTHER_EXPORT",
          fmt::format("\"{}\" is of another export, {} of {}: ask for the same, or export "
                      "without --resume",
                      file.StatePath(), kept.format, kept.request.name()));
    }
    *state = std::move(kept);
  }
  file.file_.reset(std::fopen(path.c_str(), resume ? "r+b" : "wb"));
  if (file.file_ == nullptr) return CantWrite(path);
  if (resume) {
    RETURN_IF_ERROR(file.Cut(state->file_bytes));
  } else {
    std::error_code none;
    std::filesystem::remove(file.StatePath(), none);
  }
  return file;
}

absl::Status ExportFile::Cut(int64_t bytes) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path_, error);
  if (error || static_cast<int64_t>(size) < bytes) {
    return FailedPrecondition(
        "NOTHING_TO_RESUME", fmt::format("\"{}\" is shorter than it was when the export broke off: "
                                         "export without --resume",
                                         path_));
  }
  std::filesystem::resize_file(path_, static_cast<uintmax_t>(bytes), error);
  if (error || std::fseek(file_.get(), 0, SEEK_END) != 0) return CantWrite(path_);
  return absl::OkStatus();
}

absl::Status ExportFile::Write(std::string_view text, ExportState* state) {
  std::FILE* const to = file_ == nullptr ? stdout : file_.get();
  const bool is_written =
      std::fwrite(text.data(), 1, text.size(), to) == text.size() && std::fflush(to) == 0;
  if (!is_written) return CantWrite(path_.empty() ? "standard output" : path_);
  state->file_bytes += static_cast<int64_t>(text.size());
  return file_ == nullptr || state->request.resume_token().empty() ? absl::OkStatus()
                                                                   : SaveState(*state);
}

// The new one stands in the old one's place at once.
absl::Status ExportFile::SaveState(const ExportState& state) const {
  const std::string next = StatePath() + ".new";
  std::ofstream file(next, std::ios::trunc);
  file << WriteState(state);
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(next, StatePath(), error);
  return file && !error ? absl::OkStatus() : CantWrite(StatePath());
}

absl::Status ExportFile::Finish() {
  if (file_ == nullptr) return absl::OkStatus();
  std::error_code gone;  // It may never have been written.
  std::filesystem::remove(StatePath(), gone);
  return std::fclose(file_.release()) == 0 ? absl::OkStatus() : CantWrite(path_);
}

}  // namespace colophon
