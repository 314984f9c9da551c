// read

#include <cstdlib>
#include <memory>

#include "client/cli/commands.h"
#include "client/cli/read/read_list.h"
#include "client/cli/read/reader.h"
#include "client/cli/record_question.h"
#include "client/cli/text.h"
#include "fmt/format.h"

namespace colophon {
namespace {

constexpr int kDefaultLimit = 1'000;

struct ReadOptions {
  RecordQuestion question;
  std::string sort = "newest";
  int sample = 0;
  uint64_t seed = 1;
  int limit = kDefaultLimit;
  bool invalid = false;
  Reader::Options reader;
};

ReadOrder OrderOf(const ReadOptions& options) {
  using By = ReadOrder::By;
  if (options.sample > 0) {
    return {.by = By::kSample, .limit = options.sample, .seed = options.seed};
  }
  return {.by = options.sort == "longest"   ? By::kLongest
                : options.sort == "slowest" ? By::kSlowest
                                            : By::kNewest,
          .limit = options.limit};
}

// What tells this list from another, whenever it is asked for: "--since 1h" stays the same.
absl::StatusOr<std::string> NameOfList(const Client& client, const AskedRecords& asked,
                                       const ReadOptions& options) {
  ASSIGN_OR_RETURN(const std::string filter,
                   RecordFilterText(options.question.filter, absl::UnixEpoch()));
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", client.options().address, asked.name, filter,
                     options.question.name, options.sort, options.sample, options.seed,
                     options.invalid);
}

void AddInvalid(std::string* filter) {
  const std::string invalid = "output_valid = false";
  *filter = filter->empty() ? invalid : fmt::format("({}) AND {}", *filter, invalid);
}

absl::Status Read(const Session& session, ReadOptions options) {
  const Output& out = session.output();
  if (!out.terminal() || out.json()) {
    return FailedPrecondition("NO_TERMINAL",
                              "read needs a terminal: `colophon records --outputs` prints the "
                              "outputs, `colophon records --format jsonl` has all of them");
  }
  const Client client = session.NewClient();
  ASSIGN_OR_RETURN(AskedRecords asked, ReadRecordQuestion(session, client, options.question));
  if (options.invalid) AddInvalid(&asked.filter);
  ASSIGN_OR_RETURN(const std::string list, NameOfList(client, asked, options));
  auto ids = PickRecords(out, client, asked, OrderOf(options));
  if (!ids.ok()) return PointIntoFilter(ids.status(), asked.filter);
  if (ids->empty()) {
    out.Note("no such records");
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(out.Flush());
  int64_t count = 0;
  {
    ASSIGN_OR_RETURN(const auto screen, Screen::Open(out.color()));
    Reader reader(out, client, screen.get(), ReadPlace(list), *std::move(ids), options.reader);
    ASSIGN_OR_RETURN(count, reader.Run());
  }
  out.Note(Count(count, "record", "records") + " read; the same command goes on here");
  return absl::OkStatus();
}

}  // namespace

void AddReadCommands(CLI::App* app, Session* session) {
  auto options = std::make_shared<ReadOptions>();
  CLI::App* command =
      session->AddCommand(app, "read", "Read outputs one after the other and score them, by keys",
                          [=] { return Read(*session, *options); });
  AddRecordQuestion(command, &options->question);
  command->add_option("--sort", options->sort, "newest, longest or slowest first")
      ->check(CLI::IsMember({"newest", "longest", "slowest"}))
      ->capture_default_str()
      ->type_name("ORDER");
  command->add_option("--sample", options->sample, "So many at random instead")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  command->add_option("--seed", options->seed, "Of the same seed a sample is the same")
      ->capture_default_str()
      ->type_name("S");
  command->add_option("-n,--limit", options->limit, "At most so many; 0 is all")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  command->add_flag("--invalid", options->invalid, "Only outputs that break their schema");
  command->add_flag("--blind", options->reader.blind,
                    "Don't say which version, label and model it was");
  command->add_option("--score", options->reader.score, "What is scored good or bad")
      ->capture_default_str()
      ->type_name("NAME");
}

}  // namespace colophon
