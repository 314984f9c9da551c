// grep

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>

#include "client/cli/commands.h"
#include "client/cli/file_reference.h"
#include "client/cli/pull.h"
#include "client/cli/text.h"
#include "client/cli/working_folder.h"
#include "fmt/format.h"
#include "service/base/json.h"

namespace colophon {
namespace {

struct GrepOptions {
  std::string text;
  std::string name;
  std::string at;
  bool ignore_case = false;
  bool history = false;
  int limit = 0;
};

// "acme", "acme/support", or a file or folder of a working folder; nothing is the working
// folder's repository.
absl::Status SetScope(const std::string& name, v1::SearchFilesRequest* request) {
  if (name.empty()) {
    ASSIGN_OR_RETURN(const auto folder, FindWorkingFolder(std::filesystem::path(".")));
    if (!folder) {
      return InvalidArgument("NO_REPOSITORY",
                             "say which repository behind the text, or stand in a working folder");
    }
    request->set_repository(folder->repository);
    return absl::OkStatus();
  }
  if (IsFile(name)) {
    ASSIGN_OR_RETURN(const WorkingFolder folder, NeedWorkingFolder(name));
    request->set_repository(folder.repository);
    ASSIGN_OR_RETURN(std::string path, folder.PathOf(name));
    std::error_code error;
    if (std::filesystem::is_directory(name, error)) path = path == "." ? "" : path + "/";
    request->set_prefix(path);
    return absl::OkStatus();
  }
  const size_t slash = std::min(name.find('/'), name.size());
  request->set_repository(name.substr(0, slash));
  if (slash < name.size()) request->set_prefix(name.substr(slash + 1));
  return absl::OkStatus();
}

// "12", "heads/shorter", or a reference, which means the change that published it.
absl::Status SetMoment(const Client& client, const std::string& at,
                       v1::SearchFilesRequest* request) {
  constexpr std::string_view kHeads = "heads/";
  if (at.empty()) return absl::OkStatus();
  if (at.starts_with(kHeads)) {
    request->set_branch(at.substr(kHeads.size()));
    return absl::OkStatus();
  }
  int64_t sequence = 0;
  const auto number = std::from_chars(at.data(), at.data() + at.size(), sequence);
  if (number.ec == std::errc() && number.ptr == at.data() + at.size()) {
    request->set_at_sequence(sequence);
    return absl::OkStatus();
  }
  v1::GetVersionRequest named;
  ASSIGN_OR_RETURN(*named.mutable_name(), ReferenceOf(at));
  ASSIGN_OR_RETURN(const auto response, client.GetVersion(named));
  const v1::Version& version = response.version();
  if (version.sequence() == 0) {
    return InvalidArgument(
        "BAD_USAGE", fmt::format("{} is of no change; a draft is --at heads/NAME", version.name()));
  }
  if (version.repository() != request->repository()) {
    return InvalidArgument("BAD_USAGE", fmt::format("{} is of another repository than {}",
                                                    version.name(), request->repository()));
  }
  request->set_at_sequence(version.sequence());
  return absl::OkStatus();
}

std::string PlaceOf(const v1::LineMatch& match) {
  return fmt::format("{}:{}:{}", match.path(), match.line(), match.column());
}

// With what was searched for in red.
std::string Highlighted(const Output& out, const v1::LineMatch& match) {
  const std::string& text = match.text();
  const size_t end = std::min<size_t>(match.end_byte(), text.size());
  const size_t begin = std::min<size_t>(match.start_byte(), end);
  return out.Safe(text.substr(0, begin)) +
         out.Styled(Style::kRed, out.Safe(text.substr(begin, end - begin))) +
         out.Safe(text.substr(end));
}

void PrintLine(const Output& out, const v1::LineMatch& match) {
  out.Line(fmt::format("{}: {}", out.Styled(Style::kCyan, out.Safe(PlaceOf(match))),
                       Highlighted(out, match)));
}

// On a terminal a change is told once, above its lines; in a pipe with each of them.
void PrintStep(const Output& out, const v1::LineMatch& match, int64_t* told) {
  const v1::Change& change = match.change();
  const bool is_added = match.step() == v1::LineMatch::STEP_ADDED;
  if (!out.terminal()) {
    out.Line(fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}", change.sequence(),
                         out.Time(change.change_time()), change.commit(),
                         FirstLine(change.author()), FirstLine(change.description()),
                         is_added ? "+" : "-", PlaceOf(match), match.text()));
    return;
  }
  if (change.sequence() != *told) {
    if (*told != 0) out.Line();
    out.Line(out.Styled(
        Style::kBold,
        out.Safe(fmt::format("change {}  {}  {}  {}  {}", change.sequence(),
                             out.ShortTime(change.change_time()), ShortCommit(change.commit()),
                             FirstLine(change.author()), FirstLine(change.description())))));
    *told = change.sequence();
  }
  out.Line(fmt::format(
      "{} {}: {}", out.Styled(is_added ? Style::kGreen : Style::kRed, is_added ? "+" : "-"),
      out.Styled(Style::kCyan, out.Safe(PlaceOf(match))), Highlighted(out, match)));
}

absl::Status Grep(const Session& session, const GrepOptions& options) {
  constexpr int kLargestPage = 1000;
  if (!IsUtf8(options.text)) {
    return InvalidArgument("NOT_UTF8", "the text is not UTF-8, as every file is");
  }
  const Output& out = session.output();
  const Client client = session.NewClient();
  v1::SearchFilesRequest request;
  request.set_text(options.text);
  request.set_ignore_case(options.ignore_case);
  request.set_history(options.history);
  RETURN_IF_ERROR(SetScope(options.name, &request));
  RETURN_IF_ERROR(SetMoment(client, options.at, &request));
  int printed = 0;
  int64_t told = 0;
  do {
    const int missing = options.limit == 0 ? kLargestPage : options.limit - printed;
    request.set_page_size(std::min(missing, kLargestPage));
    ASSIGN_OR_RETURN(const v1::SearchFilesResponse page, client.SearchFiles(request));
    for (const v1::LineMatch& match : page.matches()) {
      if (out.json()) {
        out.Json(match);
      } else {
        options.history ? PrintStep(out, match, &told) : PrintLine(out, match);
      }
    }
    printed += page.matches_size();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && (options.limit == 0 || printed < options.limit));
  if (!request.page_token().empty()) out.Note("there may be more, see --limit");
  if (printed > 0) return absl::OkStatus();
  return NotFound(
      "NO_SUCH_TEXT",
      fmt::format("{} {}{}{} {} \"{}\"",
                  options.history ? "no change brought or took out a line of" : "no line of",
                  request.repository(), request.prefix().empty() ? "" : "/", request.prefix(),
                  options.history ? "with" : "has", options.text));
}

}  // namespace

void AddGrepCommands(CLI::App* app, Session* session) {
  auto options = std::make_shared<GrepOptions>();
  CLI::App* command =
      session->AddCommand(app, "grep", "Which lines of a repository's files hold a text",
                          [=] { return Grep(*session, *options); });
  command->add_option("TEXT", options->text, "A part of a line, as it is written")->required();
  command->add_option("REPO[/PREFIX]", options->name,
                      "acme, acme/support, or a file here; without it the working folder's");
  command->add_flag("-i,--ignore-case", options->ignore_case, "Upper and lower case are the same");
  command
      ->add_option("--at", options->at,
                   "As this change, or the one that published REF, left them, or of a draft")
      ->type_name("SEQ|REF|heads/NAME");
  command->add_flag("--history", options->history,
                    "Which changes brought and took out such lines, newest first");
  command->add_option("-n,--limit", options->limit, "At most so many; 0 is all")
      ->check(CLI::NonNegativeNumber);
}

}  // namespace colophon
