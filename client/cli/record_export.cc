#include "client/cli/record_export.h"

#include <memory>
#include <optional>
#include <utility>

#include "client/cli/export/formats.h"
#include "client/cli/export_file.h"
#include "client/cli/interrupt.h"
#include "client/cli/progress.h"
#include "client/cli/text.h"
#include "fmt/format.h"
#include "service/base/clock.h"

namespace colophon {
namespace {

constexpr absl::Duration kLookForInterrupt = absl::Milliseconds(50);

// One export, over as many calls as it takes.
class RecordExport {
 public:
  RecordExport(const Output& out, const Client& client, const RecordFormat& format, int limit)
      : out_(out), client_(client), format_(format), limit_(limit) {}

  absl::Status Run(v1::ExportRecordsRequest request, const std::string& path, bool resume) {
    state_.format = format_.name;
    state_.request = std::move(request);
    ASSIGN_OR_RETURN(ExportFile file, ExportFile::Open(path, resume, &state_));
    file_ = std::make_unique<ExportFile>(std::move(file));
    if (!resume && format_.heading != nullptr) {
      RETURN_IF_ERROR(file_->Write(format_.heading(), &state_));
    }
    Progress progress(out_, "exporting");
    absl::Status status;
    bool has_moved = true;
    // A server that went away comes back: the export goes on where it was.
    while (has_moved) {
      const std::string before = state_.request.resume_token();
      status = Read(&progress);
      has_moved = absl::IsUnavailable(status) && state_.request.resume_token() != before;
    }
    return status.ok() ? file_->Finish() : status;
  }

  const ExportState& state() const { return state_; }
  bool interrupted() const { return interrupt_.came(); }

 private:
  bool IsFull() const { return limit_ > 0 && state_.count >= limit_; }

  absl::Status Read(Progress* progress) {
    auto stream = client_.ExportRecords(state_.request);
    v1::ExportRecordsResponse response;
    while (!interrupt_.came()) {
      const ReadResult read = stream.Read(&response, kLookForInterrupt);
      if (read == ReadResult::kTimeout) continue;
      if (read == ReadResult::kEnd) return stream.Finish();
      RETURN_IF_ERROR(Take(response));
      if (IsFull()) return absl::OkStatus();
      progress->Say(Reached(response));
    }
    stream.Cancel();
    return absl::OkStatus();
  }

  absl::Status Take(const v1::ExportRecordsResponse& response) {
    std::string text;
    for (const v1::ExportedRecord& exported : response.records()) {
      if (IsFull()) break;
      absl::StatusOr<std::string> lines = format_.write(exported);
      if (lines.ok()) {
        text += *lines;
        ++state_.count;
      } else {
        ++state_.left_out[MessageOf(lines.status())];
      }
    }
    state_.request.set_resume_token(response.resume_token());
    return file_->Write(text, &state_);
  }

  std::string Reached(const v1::ExportRecordsResponse& response) const {
    std::string text = "exported " + Count(state_.count, "record", "records");
    if (response.has_reached_time()) text += ", back to " + out_.ShortTime(response.reached_time());
    return text;
  }

  const Output& out_;
  const Client& client_;
  const RecordFormat& format_;
  const int limit_;
  const Interrupt interrupt_;
  std::unique_ptr<ExportFile> file_;
  ExportState state_;
};

void TellWhatWasLeftOut(const Output& out, const ExportState& state) {
  for (const auto& [what, count] : state.left_out) {
    out.Note(fmt::format("left out: {} {}", Count(count, "record", "records"), what));
  }
}

}  // namespace

void AddRecordExportOptions(CLI::App* command, RecordExportOptions* options) {
  std::vector<std::string> names;
  for (const RecordFormat& format : RecordFormats()) names.emplace_back(format.name);
  CLI::Option* const format =
      command
          ->add_option("--format", options->format,
                       "Export them, all: jsonl csv openai anthropic promptfoo")
          ->check(CLI::IsMember(names))
          ->type_name("FORMAT");
  CLI::Option* const file = command->add_option("-o,--file", options->file, "Export into this file")
                                ->type_name("FILE")
                                ->needs(format);
  command->add_flag("--rendered", options->rendered, "With jsonl: what was sent too, rebuilt")
      ->needs(format);
  command
      ->add_flag("--resume", options->resume,
                 "Go on with the export into FILE that broke off, with its filter")
      ->needs(file);
}

absl::Status ExportRecords(const Session& session, const Client& client, const AskedRecords& asked,
                           const RecordExportOptions& options, int limit) {
  const Output& out = session.output();
  const RecordFormat& format = FindRecordFormat(options.format);
  v1::ExportRecordsRequest request;
  request.set_name(asked.name);
  request.set_filter(asked.filter);
  request.set_rendered(options.rendered || format.needs_rendered);
  RecordExport exporting(out, client, format, limit);
  const absl::Status status = exporting.Run(request, options.file, options.resume);
  const ExportState& state = exporting.state();
  const bool broke_off = !status.ok() || exporting.interrupted();
  if (broke_off && !options.file.empty() && !state.request.resume_token().empty()) {
    out.Note(fmt::format("{} in \"{}\"; the same command with --resume goes on",
                         Count(state.count, "record is", "records are"), options.file));
  }
  if (exporting.interrupted()) Interrupt::End();
  if (!status.ok()) return PointIntoFilter(status, state.request.filter());
  TellWhatWasLeftOut(out, state);
  if (!options.file.empty()) {
    out.Note(fmt::format("{} exported into \"{}\"", Count(state.count, "record", "records"),
                         options.file));
  }
  return absl::OkStatus();
}

}  // namespace colophon
