#include "client/cli/record_filter.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "client/cli/arguments.h"
#include "client/cli/text.h"
#include "fmt/format.h"

namespace colophon {
namespace {

// "say \"hi\"" in the filter language.
std::string FilterQuoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

// "timed-out" → `status = timed_out`. Nothing of it can be more than a value.
std::string StatusTerm(std::string status) {
  for (char& c : status) c = c == '-' || c == ' ' ? '_' : static_cast<char>(std::tolower(c));
  return "status = " + (status.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos
                            ? status
                            : FilterQuoted(status));
}

std::string TagTerm(const std::string& tag) {
  const size_t equals = tag.find('=');
  if (equals == std::string::npos) return "tags : " + FilterQuoted(tag);
  return fmt::format("tags.{} = {}", FilterQuoted(tag.substr(0, equals)),
                     FilterQuoted(tag.substr(equals + 1)));
}

absl::Status AddTime(const char* comparison, const std::string& text, absl::Time now,
                     std::vector<std::string>* terms) {
  if (text.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const absl::Time time, ParseTime(text, now));
  terms->push_back(fmt::format("time {} {}", comparison,
                               absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone())));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> RecordFilterText(const RecordFilterOptions& options, absl::Time now) {
  std::vector<std::string> statuses;
  if (options.failed) statuses.push_back("status = failed");
  for (const std::string& status : options.statuses) statuses.push_back(StatusTerm(status));
  std::vector<std::string> terms;
  if (statuses.size() == 1) terms = statuses;
  if (statuses.size() > 1) terms.push_back(fmt::format("({})", absl::StrJoin(statuses, " OR ")));
  if (!options.label.empty()) terms.push_back("label = " + FilterQuoted(options.label));
  if (!options.caller.empty()) terms.push_back("caller = " + FilterQuoted(options.caller));
  if (!options.subject.empty()) terms.push_back("subject = " + FilterQuoted(options.subject));
  if (!options.model.empty()) terms.push_back("model = " + FilterQuoted(options.model));
  for (const std::string& tag : options.tags) terms.push_back(TagTerm(tag));
  RETURN_IF_ERROR(AddTime(">=", options.since, now, &terms));
  RETURN_IF_ERROR(AddTime("<", options.until, now, &terms));
  if (options.filter.empty()) return absl::StrJoin(terms, " AND ");
  if (terms.empty()) return options.filter;
  return fmt::format("{} AND ({})", absl::StrJoin(terms, " AND "), options.filter);
}

absl::Status PointIntoFilter(const absl::Status& status, const std::string& filter) {
  if (ReasonOf(status) != "BAD_FILTER") return status;
  const ErrorMetadata metadata = MetadataOf(status);
  const auto column = metadata.find("column");
  int characters = 0;
  if (column == metadata.end() || !absl::SimpleAtoi(column->second, &characters)) return status;
  // So many characters, which are wider than bytes are many or as wide as two.
  size_t at = 0;
  for (int i = 1; i < characters && at < filter.size(); ++i) {
    do ++at;
    while (at < filter.size() && (static_cast<unsigned char>(filter[at]) & 0xc0) == 0x80);
  }
  const auto width = static_cast<size_t>(DisplayWidth(filter.substr(0, at)));
  return InvalidArgument(
      "BAD_FILTER",
      fmt::format("{}\n  {}\n  {}^", MessageOf(status), filter, std::string(width, ' ')), metadata);
}

}  // namespace colophon
