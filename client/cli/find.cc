// find

#include <memory>

#include "client/cli/commands.h"
#include "client/cli/local_file.h"
#include "client/cli/pages.h"
#include "client/cli/record_text.h"
#include "client/cli/text.h"
#include "fmt/format.h"
#include "service/base/hash.h"
#include "service/base/json.h"
#include "service/base/message_parts.h"
#include "service/base/record_facts.h"

namespace colophon {
namespace {

constexpr int kDefaultLimit = 50;
// A server takes messages of 4 MiB unless it is configured for more or less; of a
// larger text the digest says the same.
constexpr size_t kMaxTextSent = 1 << 20;

// What was found in an output, on one line.
std::string FormatExcerpt(const v1::Record& record, const v1::TextSpan& span) {
  const std::string text = TextOfParts(record.outcome().completion().message());
  const size_t end = std::min(static_cast<size_t>(span.end_byte()), text.size());
  const size_t begin = std::min(static_cast<size_t>(span.start_byte()), end);
  return Truncate(FoldWhiteSpace(text.substr(begin, end - begin)), 160);
}

// Said once, for all records that are found have the same.
std::string FormatMatch(v1::OutputMatch match) {
  if (match == v1::OUTPUT_MATCH_NORMAL_FORM) return "the same words, other white space";
  return match == v1::OUTPUT_MATCH_EXCERPT ? "a part of the output, word by word" : "";
}

// The auditor's answer. On a terminal each record is an account of its own; in
// a pipe it is a line, with the whole commit.
void PrintFound(const Output& out, const v1::FindRecordsResponse& response) {
  bool first = true;
  for (int i = 0; i < response.records_size(); ++i) {
    const v1::Record& record = response.records(i);
    const v1::Intent& intent = record.intent();
    if (!out.terminal()) {
      out.Line(fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}", record.id(), VersionOf(intent),
                           intent.commit(), intent.label(), ModelOf(record),
                           out.Time(intent.start_time()), FirstLine(intent.caller())));
      continue;
    }
    if (!first) out.Line();
    first = false;
    out.Field("record", record.id());
    out.Field("version", VersionOf(intent));
    out.Field("commit", intent.commit());
    out.Field("label", intent.label());
    out.Field("model", ModelOf(record));
    out.Field("when", out.Time(intent.start_time()));
    out.Field("caller", intent.caller());
    if (i < response.spans_size()) {
      out.Field("found", FormatExcerpt(record, response.spans(i)));
    }
  }
  const std::string match = FormatMatch(response.output_match());
  if (!match.empty()) out.Note(match);
}

struct FindOptions {
  std::string text;
  std::string file;
  std::string repository;
  int limit = kDefaultLimit;
};

absl::StatusOr<v1::FindRecordsResponse> Find(const Client& client, const FindOptions& options,
                                             const std::string& text) {
  v1::FindRecordsRequest request;
  request.set_repository(options.repository);
  const auto ask = [&] {
    return ReadPages(client, &Client::FindRecords, request, options.limit,
                     &v1::FindRecordsResponse::mutable_records);
  };
  if (text.size() <= kMaxTextSent) {
    request.set_text(text);
    return ask();
  }
  // A digest has no other forms: the line ends that editors and `echo` add are taken
  // off one by one.
  v1::FindRecordsResponse found;
  std::string_view rest = text;
  while (true) {
    request.set_output_digest(Sha256Hex(rest));
    ASSIGN_OR_RETURN(found, ask());
    const bool more = rest.ends_with('\n') || rest.ends_with('\r');
    if (!found.records().empty() || !more) return found;
    rest.remove_suffix(1);
  }
}

absl::Status FindCommand(const Session& session, const FindOptions& options) {
  if (options.text.empty() == options.file.empty()) {
    return InvalidArgument("BAD_USAGE",
                           "give the output's text with --text, or a file of it (- is standard "
                           "input)");
  }
  std::string text = options.text;
  if (text.empty()) {
    ASSIGN_OR_RETURN(text, ReadInput(options.file));
  }
  if (!IsUtf8(text)) {
    return InvalidArgument("NOT_UTF8",
                           "the text is not UTF-8, as every output is: convert it to UTF-8");
  }
  const Client client = session.NewClient();
  ASSIGN_OR_RETURN(const v1::FindRecordsResponse response, Find(client, options, text));
  const Output& out = session.output();
  if (out.json()) {
    out.Json(response);
  } else {
    PrintFound(out, response);
  }
  if (!response.records().empty()) return absl::OkStatus();
  const std::string size = Count(static_cast<int64_t>(text.size()), "byte", "bytes");
  if (text.size() > kMaxTextSent) {
    return NotFound("NO_SUCH_OUTPUT",
                    fmt::format("no record's output is exactly these {}, and a text of more than "
                                "{} is looked for as it is and no other way: give a part of it",
                                size, Count(kMaxTextSent, "byte", "bytes")));
  }
  return NotFound("NO_SUCH_OUTPUT",
                  fmt::format("no record's output is or holds these {}: give the whole output, or "
                              "at least eight words in a row of it (24 characters of a script "
                              "without blanks)",
                              size));
}

}  // namespace

void AddFindCommands(CLI::App* app, Session* session) {
  auto find = std::make_shared<FindOptions>();
  CLI::App* command = session->AddCommand(app, "find", "Which version and model wrote this output",
                                          [=] { return FindCommand(*session, *find); });
  command->add_option("FILE,--file", find->file, "File with the output; - is standard input");
  command->add_option("--text", find->text, "The output itself, or eight words or more of it");
  command->add_option("-r,--repository", find->repository, "Only in this repository")
      ->type_name("REPO");
  command->add_option("-n,--limit", find->limit, "At most so many; 0 is all")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
}

}  // namespace colophon
