#include "client/cli/read/record_view.h"

#include <algorithm>

#include "client/cli/message_text.h"
#include "client/cli/record_text.h"
#include "client/cli/score_text.h"
#include "client/cli/text.h"
#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/message_parts.h"
#include "service/base/record_facts.h"
#include "service/template/syntax/helpers.h"

namespace colophon {
namespace {

using Pieces = std::vector<Piece>;

// What others wrote, as a terminal may show it.
void Add(std::string_view text, Face face, Pieces* pieces) {
  if (!text.empty()) pieces->push_back({Visible(text), face});
}

void AddHeading(std::string_view text, Pieces* pieces) {
  pieces->push_back({fmt::format("--- {} ---\n", text), Face::kHeading});
}

// On a line of its own.
void EndLine(Pieces* pieces) {
  if (!pieces->empty() && !pieces->back().text.ends_with('\n')) pieces->back().text += '\n';
}

// The part's text, in which what variables wrote is told apart.
void AddText(const v1::GetRecordResponse& response, int message, int part, Pieces* pieces) {
  const std::string& text = response.rendered().messages(message).parts(part).text();
  size_t at = 0;
  for (const v1::Span& span : response.spans()) {
    if (span.message() != message || span.part() != part || span.expression().empty()) continue;
    const size_t begin =
        std::clamp<size_t>(static_cast<size_t>(span.start_byte()), at, text.size());
    const size_t end = std::clamp<size_t>(static_cast<size_t>(span.end_byte()), begin, text.size());
    Add(std::string_view(text).substr(at, begin - at), Face::kPlain, pieces);
    Add(std::string_view(text).substr(begin, end - begin), Face::kVariable, pieces);
    at = end;
  }
  Add(std::string_view(text).substr(at), Face::kPlain, pieces);
}

Pieces MessagesOf(const v1::GetRecordResponse& response) {
  Pieces pieces;
  const auto& messages = response.rendered().messages();
  for (int i = 0; i < messages.size(); ++i) {
    AddHeading(fmt::format("{}{}", syntax::RoleName(messages[i].role()),
                           messages[i].from_history() ? ", history" : ""),
               &pieces);
    for (int k = 0; k < messages[i].parts_size(); ++k) {
      const v1::Part& part = messages[i].parts(k);
      if (part.has_text()) {
        AddText(response, i, k, &pieces);
      } else {
        Add(PartText(part), Face::kDim, &pieces);
      }
    }
    EndLine(&pieces);
  }
  return pieces;
}

// When it is blind, the prompt's own words would tell the version.
void AddPrompt(const v1::GetRecordResponse& response, const ViewOptions& options, Pieces* pieces) {
  const v1::Intent& intent = response.record().intent();
  if (options.blind) {
    if (!options.prompt_open) {
      pieces->push_back({"▸ variables (p shows them)\n", Face::kDim});
      return;
    }
    AddHeading("variables", pieces);
    Add(intent.variables_json().empty() ? "none" : intent.variables_json(), Face::kVariable,
        pieces);
    EndLine(pieces);
    return;
  }
  if (!response.has_rendered()) {
    pieces->push_back({"▸ the prompt can't be rendered again as it was\n", Face::kBad});
    return;
  }
  if (options.prompt_open) {
    for (Piece& piece : Mark(MessagesOf(response), Visible(options.found))) {
      pieces->push_back(std::move(piece));
    }
    return;
  }
  size_t bytes = 0;
  for (const v1::Message& message : response.rendered().messages()) {
    bytes += TextOfParts(message).size();
  }
  pieces->push_back({fmt::format("▸ prompt: {}, {} (p shows it)\n",
                                 Count(response.rendered().messages_size(), "message", "messages"),
                                 Count(static_cast<int64_t>(bytes), "byte", "bytes")),
                     Face::kDim});
}

void AddOutput(const v1::Record& record, const ViewOptions& options, Pieces* pieces) {
  AddHeading("output", pieces);
  const v1::Outcome& outcome = record.outcome();
  Pieces output;
  Add(TextOfParts(outcome.completion().message()), Face::kPlain, &output);
  for (const v1::Part& part : outcome.completion().message().parts()) {
    if (part.has_text() || part.has_reasoning()) continue;
    EndLine(&output);
    Add(PartText(part), Face::kDim, &output);
  }
  if (output.empty()) output.push_back({"(none)", Face::kDim});
  EndLine(&output);
  for (Piece& piece : Mark(output, Visible(options.found))) pieces->push_back(std::move(piece));
  if (!outcome.error_reason().empty()) {
    pieces->push_back({"\n", Face::kPlain});
    Add(fmt::format("{}: {}", outcome.error_reason(), outcome.error_message()), Face::kBad, pieces);
    EndLine(pieces);
  }
  if (outcome.has_output_valid() && !outcome.output_valid()) {
    pieces->push_back({"\n", Face::kPlain});
    Add("against its schema: " + FormatViolations(outcome.output_violations()), Face::kBad, pieces);
    EndLine(pieces);
  }
}

void AddScores(const v1::Record& record, const ViewOptions& options, Pieces* pieces) {
  bool has_heading = false;
  for (const v1::Score& score : record.scores()) {
    if (score.corrected() || (options.blind && score.caller() != options.caller)) continue;
    if (!has_heading) {
      pieces->push_back({"\n", Face::kPlain});
      AddHeading("scores", pieces);
    }
    has_heading = true;
    const Face face =
        score.word() == "bad" || (score.has_truth() && !score.truth()) ? Face::kBad : Face::kGood;
    Add(FormatScore(score), face, pieces);
    Add(" by " + score.caller() + (score.note().empty() ? "" : ": " + score.note()), Face::kPlain,
        pieces);
    EndLine(pieces);
  }
}

}  // namespace

std::string DescribeRecord(const Output& out, const v1::Record& record, bool blind) {
  const v1::Outcome& outcome = record.outcome();
  std::string text = FormatStatus(StatusOf(record));
  if (outcome.has_output_valid() && !outcome.output_valid()) text += ", invalid";
  if (outcome.has_latency()) text += ", " + FormatLatency(FromProto(outcome.latency()));
  if (blind) return text;
  return fmt::format("{}  {}  {}  {}", VersionOf(record.intent()), text, ModelOf(record),
                     out.ShortTime(record.intent().start_time()));
}

std::vector<Piece> ViewRecord(const v1::GetRecordResponse& response, const ViewOptions& options) {
  Pieces pieces;
  AddPrompt(response, options, &pieces);
  AddOutput(response.record(), options, &pieces);
  AddScores(response.record(), options, &pieces);
  return pieces;
}

}  // namespace colophon
