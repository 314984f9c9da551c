#include "client/cli/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>

#include "absl/time/time.h"
#include "client/cli/text.h"
#include "fmt/format.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/json_util.h"
#include "service/base/clock.h"
#include "service/base/status.h"

namespace colophon {
namespace {

constexpr int kFieldWidth = 12;
constexpr int kDefaultWidth = 100;

bool WantsColor() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return (no_color == nullptr || *no_color == '\0') &&
         (term == nullptr || std::strcmp(term, "dumb") != 0);
}

std::string Paint(bool color, Style style, std::string_view text) {
  static constexpr const char* kCodes[] = {"", "1", "2", "31", "32", "33", "36"};
  if (!color || style == Style::kPlain || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<int>(style)], text);
}

absl::StatusOr<std::string> ToJsonText(const google::protobuf::Message& message) {
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text);
  if (status.ok()) return text;
  return ::colophon::Error(absl::StatusCode::kUnknown, "NOT_JSON", std::string(status.message()));
}

// "records[2] (id 0198f2c4-…)"
std::string NameOfItem(const google::protobuf::FieldDescriptor& field, int index,
                       const google::protobuf::Message& item) {
  std::string name = fmt::format("{}[{}]", field.name(), index);
  for (const char* key : {"id", "name", "commit"}) {
    const auto* const of_item = item.GetDescriptor()->FindFieldByName(key);
    if (of_item != nullptr && !of_item->is_repeated() &&
        of_item->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
      return fmt::format("{} ({} {})", name, key, item.GetReflection()->GetString(item, of_item));
    }
  }
  return name;
}

// Takes the items that can't be written out of the message's lists, and says why.
void RemoveUnwritable(google::protobuf::Message* message,
                      const std::function<void(const std::string&)>& tell) {
  const google::protobuf::Reflection& reflection = *message->GetReflection();
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const auto* const field = message->GetDescriptor()->field(i);
    const bool is_list = field->is_repeated() && !field->is_map() &&
                         field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE;
    if (!is_list) continue;
    int kept = 0;
    const int count = reflection.FieldSize(*message, field);
    for (int k = 0; k < count; ++k) {
      const auto& item = reflection.GetRepeatedMessage(*message, field, k);
      const absl::Status status = ToJsonText(item).status();
      if (status.ok()) {
        reflection.SwapElements(message, field, kept++, k);
      } else {
        tell(fmt::format("can't write {} as JSON: {}", NameOfItem(*field, k, item),
                         MessageOf(status)));
      }
    }
    for (int k = kept; k < count; ++k) reflection.RemoveLast(message, field);
  }
}

}  // namespace

Output::Output()
    : terminal_(isatty(STDOUT_FILENO) == 1),
      error_terminal_(isatty(STDERR_FILENO) == 1),
      color_(terminal_ && WantsColor()),
      error_color_(error_terminal_ && WantsColor()) {}

Output::~Output() = default;

int Output::width() const {
  winsize size{};
  if (columns_ > 0) return columns_;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return kDefaultWidth;
}

void Output::UsePager() {
  winsize size{};
  if (!terminal_ || json_ || Pager::Command().empty()) return;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return;
  columns_ = size.ws_col;
  pager_ = std::make_unique<Pager>(size.ws_row, size.ws_col);
}

std::string Output::Safe(std::string_view text) const {
  return terminal_ ? Visible(text) : std::string(text);
}

std::string Output::Styled(Style style, std::string_view text) const {
  return Paint(color_, style, text);
}

void Output::Write(std::string_view text) const {
  if (text.empty()) return;  // It may have no address, and fwrite wants one.
  if (pager_ != nullptr) return pager_->Write(text);
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void Output::Line(std::string_view text) const {
  Write(text);
  Write("\n");
}

void Output::Field(std::string_view name, std::string_view value) const {
  if (value.empty()) return;
  if (!terminal_) {
    Line(fmt::format("{}\t{}", name, value));
    return;
  }
  Line(Styled(Style::kDim, fmt::format("{:<{}}", name, kFieldWidth)) + " " + Visible(value));
}

void Output::Json(const google::protobuf::Message& message) const {
  absl::StatusOr<std::string> text = ToJsonText(message);
  if (!text.ok()) {
    left_out_ = true;
    const std::unique_ptr<google::protobuf::Message> rest(message.New());
    rest->CopyFrom(message);
    RemoveUnwritable(rest.get(), [this](const std::string& fact) { Error(fact); });
    text = ToJsonText(*rest);
  }
  if (text.ok()) {
    Line(*text);
  } else {
    Error(
        fmt::format("can't write {} as JSON: {}", message.GetTypeName(), MessageOf(text.status())));
  }
}

std::string Output::Time(const google::protobuf::Timestamp& time) const {
  if (time.seconds() == 0 && time.nanos() == 0) return "";
  return terminal_ ? absl::FormatTime("%Y-%m-%d %H:%M:%S", FromProto(time), absl::LocalTimeZone())
                   : absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", FromProto(time), absl::UTCTimeZone());
}

std::string Output::ShortTime(const google::protobuf::Timestamp& time) const {
  if (!terminal_) return Time(time);
  const absl::TimeZone zone = absl::LocalTimeZone();
  const absl::Time then = FromProto(time);
  const absl::Time now = Clock::Real()->Now();
  const char* format = "%Y-%m-%d";
  if (absl::ToCivilYear(then, zone) == absl::ToCivilYear(now, zone)) format = "%b %d %H:%M";
  if (absl::ToCivilDay(then, zone) == absl::ToCivilDay(now, zone)) format = "%H:%M:%S";
  return absl::FormatTime(format, then, zone);
}

void Output::WriteError(Style style, std::string_view prefix, std::string_view text) const {
  std::fflush(stdout);
  const std::string safe = error_terminal_ ? Visible(text) : std::string(text);
  const std::string line = style == Style::kDim ? Paint(error_color_, style, safe)
                                                : Paint(error_color_, style, prefix) + safe;
  std::fprintf(stderr, "%s\n", line.c_str());
}

void Output::Note(std::string_view text) const { WriteError(Style::kDim, "", text); }

void Output::Warning(std::string_view text) const { WriteError(Style::kYellow, "warning: ", text); }

void Output::Error(std::string_view text) const { WriteError(Style::kRed, "colophon: ", text); }

absl::Status Output::Flush() const {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return absl::OkStatus();
  return ::colophon::Error(absl::StatusCode::kUnknown, "OUTPUT",
                           fmt::format("can't write the answer: {}", std::strerror(errno)));
}

absl::Status Output::Finish() const {
  if (pager_ != nullptr) pager_->Finish();
  RETURN_IF_ERROR(Flush());
  if (!left_out_) return absl::OkStatus();
  return ::colophon::Error(absl::StatusCode::kUnknown, "NOT_JSON",
                           "the answer is not whole: what could not be written as JSON is named "
                           "above");
}

}  // namespace colophon
