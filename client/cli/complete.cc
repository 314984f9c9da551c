// complete

#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/commands.h"
#include "client/cli/file_reference.h"
#include "client/cli/interrupt.h"
#include "client/cli/message_text.h"
#include "client/cli/progress.h"
#include "client/cli/prompt_input.h"
#include "client/cli/split_label.h"
#include "client/cli/text.h"
#include "client/cli/try_file.h"
#include "fmt/format.h"

namespace colophon {
namespace {

constexpr absl::Duration kLookForInterrupt = absl::Milliseconds(50);

struct CompleteOptions {
  std::string name;
  std::string repository;
  std::string draft;
  PromptInput input;
  bool stream = false;
  std::vector<std::string> tags;
  std::string model;
  std::vector<std::string> config;
};

absl::StatusOr<v1::CompleteRequest> MakeRequest(const CompleteOptions& options) {
  v1::CompleteRequest request;
  request.set_name(options.name);
  RETURN_IF_ERROR(options.input.Fill(&request));
  for (const std::string& text : options.tags) {
    ASSIGN_OR_RETURN(const auto tag, ParsePair(text, "--tag"));
    (*request.mutable_tags())[tag.first] = tag.second;
  }
  if (!options.model.empty()) request.mutable_overrides()->set_model(options.model);
  for (const std::string& text : options.config) {
    RETURN_IF_ERROR(AddConfig(text, request.mutable_overrides()->mutable_config()));
  }
  return request;
}

// Where the answer came from: what a colophon is for.
void PrintFooter(const Output& out, const v1::CompleteResponse& response) {
  std::string note = fmt::format("record {} · {}", response.record(), response.version());
  if (!response.model().empty()) note += " · " + response.model();
  const std::string usage = FormatUsage(response.completion().usage());
  if (!usage.empty()) note += " · " + usage + " tokens";
  if (response.completion().stop_reason() == v1::STOP_REASON_LENGTH) note += " · cut by length";
  if (response.completion().stop_reason() == v1::STOP_REASON_FILTER) note += " · filtered";
  out.Note(note);
  if (response.has_output_valid() && !response.output_valid()) {
    out.Warning(fmt::format("the output doesn't follow the prompt's output schema: {}",
                            FormatViolations(response.output_violations())));
  }
}

absl::Status Whole(const Session& session, const v1::CompleteRequest& request) {
  const Output& out = session.output();
  const Client client = session.NewClient();
  absl::StatusOr<v1::CompleteResponse> response;
  {
    const Progress progress(out, "waiting for the model");
    response = client.Complete(request);
  }
  RETURN_IF_ERROR(response.status());
  if (out.json()) {
    out.Json(*response);
    return absl::OkStatus();
  }
  PrintCompletion(out, response->completion());
  PrintFooter(out, *response);
  if (request.subject().empty()) NoteSplit(out, client, request.name(), response->version());
  return absl::OkStatus();
}

// Prints the pieces of text as they come, and what else there was at the end.
class StreamPrinter {
 public:
  explicit StreamPrinter(const Output& out) : out_(out) {}

  absl::Status Print(const v1::StreamCompleteResponse& message) {
    if (out_.json()) {
      out_.Json(message);
      return out_.Flush();
    }
    if (message.has_start()) record_ = message.start().record();
    if (message.piece().has_text()) PrintText(message.piece().text());
    if (message.has_response()) {
      EndLine();
      PrintToolRequests(out_, message.response().completion().message());
      PrintFooter(out_, message.response());
    }
    return out_.Flush();
  }

  // The answer broke off: what came stays, and so does its record.
  void PrintBroken(const absl::Status& status) {
    if (out_.json()) return;
    EndLine();
    if (!record_.empty() && MetadataOf(status).count("record") == 0) {
      out_.Note("record " + record_);
    }
  }

 private:
  // A character may be split over two pieces: on a terminal only whole ones
  // are shown.
  void PrintText(const std::string& text) {
    pending_ += text;
    size_t end = pending_.size();
    if (out_.terminal()) {
      size_t last = end;
      while (last > 0 && end - last < 4 && (pending_[last - 1] & 0xc0) == 0x80) --last;
      const auto lead = last > 0 ? static_cast<uint8_t>(pending_[last - 1]) : uint8_t{0};
      const size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
      if (size > 1 && end - (last - 1) < size) end = last - 1;
    }
    Emit(pending_.substr(0, end));
    pending_.erase(0, end);
  }

  void Emit(const std::string& text) {
    if (text.empty()) return;
    out_.Write(out_.Safe(text));
    open_line_ = text.back() != '\n';
  }

  void EndLine() {
    Emit(pending_);
    pending_.clear();
    if (open_line_ && out_.terminal()) out_.Line();
    open_line_ = false;
  }

  const Output& out_;
  std::string record_;
  std::string pending_;
  bool open_line_ = false;
};

absl::Status InPieces(const Session& session, const v1::CompleteRequest& call) {
  v1::StreamCompleteRequest request;
  *request.mutable_call() = call;
  const Client client = session.NewClient();
  auto stream = client.StreamComplete(request);
  StreamPrinter printer(session.output());
  v1::StreamCompleteResponse message;
  const Interrupt interrupt;
  while (!interrupt.came()) {
    const ReadResult read = stream.Read(&message, kLookForInterrupt);
    if (read == ReadResult::kEnd) break;
    if (read == ReadResult::kMessage) RETURN_IF_ERROR(printer.Print(message));
  }
  absl::Status status = stream.Finish();  // Cancels what is still under way.
  if (!status.ok()) printer.PrintBroken(status);
  if (interrupt.came()) Interrupt::End();
  if (status.ok() && call.subject().empty() && !session.output().json()) {
    NoteSplit(session.output(), client, call.name(), message.response().version());
  }
  return status;
}

absl::Status Complete(const Session& session, const CompleteOptions& options) {
  ASSIGN_OR_RETURN(const v1::CompleteRequest request, MakeRequest(options));
  v1::CompleteRequest call = request;
  if (IsFile(options.name)) {
    ASSIGN_OR_RETURN(*call.mutable_name(), PublishTry(session, {.file = options.name,
                                                                .repository = options.repository,
                                                                .draft = options.draft}));
  }
  return options.stream ? InPieces(session, call) : Whole(session, call);
}

}  // namespace

void AddCompleteCommands(CLI::App* app, Session* session) {
  auto options = std::make_shared<CompleteOptions>();
  CLI::App* command =
      session->AddCommand(app, "complete", "Call the model with a prompt, and record it",
                          [=] { return Complete(*session, *options); });
  command
      ->add_option("REF|FILE", options->name,
                   "A reference; a .prompt file is tried as it is, with what it includes, and "
                   "recorded by the commit of a draft")
      ->required();
  command
      ->add_option("-r,--repository", options->repository,
                   "Of a FILE outside of a working folder: where to try it")
      ->type_name("REPO");
  command->add_option("--draft", options->draft, "Of a FILE: the draft to try it in; else your own")
      ->type_name("NAME");
  options->input.AddOptions(command);
  command->add_flag("--stream", options->stream, "Print the answer as it comes");
  command->add_option("--tag", options->tags, "A mark of your own on the record")
      ->type_name("K=V")
      ->allow_extra_args(false);
  command->add_option("--model", options->model, "Another model, where the prompt allows it")
      ->type_name("PROVIDER/MODEL");
  command->add_option("--config", options->config, "Another parameter, where the prompt allows it")
      ->type_name("K=V")
      ->allow_extra_args(false);
}

}  // namespace colophon
