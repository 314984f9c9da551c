// score

#include <memory>

#include "client/cli/commands.h"
#include "client/cli/score_text.h"

namespace colophon {
namespace {

struct ScoreOptions {
  std::string id;
  std::vector<std::string> scores;
  std::string note;
};

absl::Status Score(const Session& session, const ScoreOptions& options) {
  v1::ScoreRecordRequest request;
  request.set_id(options.id);
  for (const std::string& text : options.scores) {
    ASSIGN_OR_RETURN(*request.add_scores(), ParseScore(text, options.note));
  }
  ASSIGN_OR_RETURN(const auto response, session.NewClient().ScoreRecord(request));
  const Output& out = session.output();
  if (out.json()) {
    out.Json(response);
    return absl::OkStatus();
  }
  v1::Record scored;
  *scored.mutable_scores() = response.scores();
  out.Field("record", options.id);
  out.Field("scores", FormatScores(scored));
  return absl::OkStatus();
}

}  // namespace

void AddScoreCommands(CLI::App* app, Session* session) {
  auto options = std::make_shared<ScoreOptions>();
  CLI::App* command = session->AddCommand(app, "score", "Say of a record how good its output is",
                                          [=] { return Score(*session, *options); });
  command->add_option("ID", options->id, "The record's")->required();
  command
      ->add_option("NAME=VALUE", options->scores,
                   "quality=0.2, right=true or tone=rude: a number, true or false, or a word")
      ->required();
  command->add_option("--note", options->note, "Why, for people")->type_name("TEXT");
  command->footer(
      "A later score of the same name by the same caller corrects the earlier one,\n"
      "which stays in the record. Filters have them, score.quality < 0.2, and stats\n"
      "counts them.");
}

}  // namespace colophon
