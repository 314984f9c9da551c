#include "service/git/push_request.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "absl/strings/str_split.h"
#include "fmt/format.h"

namespace colophon {
namespace {

constexpr size_t kLengthBytes = 4;
constexpr size_t kIdDigits = 40;
// Of a side band's line, as the oldest clients take it.
constexpr size_t kMaxBandBytes = 990;
constexpr char kReportBand = '\1';
constexpr char kMessageBand = '\2';
constexpr char kCapabilities[] =
    "report-status delete-refs side-band-64k atomic ofs-delta object-format=sha1 "
    "agent=colophon";

absl::Status BadPush(const std::string& fact) {
  return InvalidArgument("BAD_PUSH", fact + ": push with git");
}

// The next line without its line end; nullopt: the end of the list. Both are taken from
// `rest`.
absl::StatusOr<std::optional<std::string_view>> TakeLine(std::string_view* rest) {
  unsigned length = 0;
  const char* const end = rest->data() + std::min(rest->size(), kLengthBytes);
  const auto [stop, error] = std::from_chars(rest->data(), end, length, 16);
  if (rest->size() < kLengthBytes || error != std::errc() || stop != end) {
    return BadPush("a line of the request doesn't begin with its length");
  }
  if (length == 0) {
    rest->remove_prefix(kLengthBytes);
    return std::nullopt;
  }
  if (length < kLengthBytes || length > rest->size()) {
    return BadPush(fmt::format("a line of the request says it has {} bytes", length));
  }
  std::string_view line = rest->substr(kLengthBytes, length - kLengthBytes);
  rest->remove_prefix(length);
  if (line.ends_with('\n')) line.remove_suffix(1);
  return line;
}

absl::StatusOr<PushedRef> ReadCommand(std::string_view line) {
  constexpr size_t kNameAt = 2 * (kIdDigits + 1);
  PushedRef ref;
  if (line.size() > kNameAt && line[kIdDigits] == ' ' && line[kNameAt - 1] == ' ') {
    const auto before = ObjectId::FromHex(line.substr(0, kIdDigits));
    const auto after = ObjectId::FromHex(line.substr(kIdDigits + 1, kIdDigits));
    ref.name = line.substr(kNameAt);
    if (before && after) {
      ref.before = *before;
      ref.after = *after;
      return ref;
    }
  }
  return BadPush("a line of the request isn't two ids and the name of a ref");
}

void ReadCapabilities(std::string_view text, PushRequest* request) {
  for (const auto word : absl::StrSplit(absl::string_view(text.data(), text.size()), ' ')) {
    if (word == "side-band-64k") request->has_side_band = true;
    if (word == "atomic") request->is_atomic = true;
  }
}

// Text that a terminal shows as one line.
std::string OneLine(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return line;
}

// Of what git shows in parentheses.
std::string FirstLine(std::string_view text) {
  constexpr size_t kMaxBytes = 200;
  const std::string_view line = text.substr(0, text.find('\n'));
  if (line.size() <= kMaxBytes) return OneLine(line);
  size_t end = kMaxBytes;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) --end;
  return OneLine(line.substr(0, end)) + "…";
}

void AddToBand(char band, std::string_view text, std::string* out) {
  while (!text.empty()) {
    const std::string_view part = text.substr(0, kMaxBandBytes);
    text.remove_prefix(part.size());
    *out += GitLine(band + std::string(part));
  }
}

}  // namespace

std::string GitLine(std::string_view text) {
  return fmt::format("{:04x}{}", text.size() + kLengthBytes, text);
}

absl::StatusOr<PushRequest> ReadPushRequest(std::string_view bytes) {
  PushRequest request;
  std::string_view rest = bytes;
  while (true) {
    ASSIGN_OR_RETURN(const std::optional<std::string_view> line, TakeLine(&rest));
    if (!line) break;
    // A shallow clone's edge: what lies behind it must be here.
    if (line->starts_with("shallow ")) continue;
    const size_t nul = line->find('\0');
    if (nul != std::string_view::npos) ReadCapabilities(line->substr(nul + 1), &request);
    ASSIGN_OR_RETURN(PushedRef ref, ReadCommand(line->substr(0, nul)));
    request.refs.push_back(std::move(ref));
    if (request.refs.size() > kMaxPushedRefs) {
      return BadPush(fmt::format("more than {} refs are pushed at once", kMaxPushedRefs));
    }
  }
  request.pack = rest;
  return request;
}

std::string WritePushAdvertisement(const std::vector<Ref>& refs) {
  std::string text;
  for (const Ref& ref : refs) {
    text += GitLine(
        text.empty() ? fmt::format("{} {}{}{}\n", ref.target.hex(), ref.name, '\0', kCapabilities)
                     : fmt::format("{} {}\n", ref.target.hex(), ref.name));
  }
  if (refs.empty()) {
    text =
        GitLine(fmt::format("{} capabilities^{{}}{}{}\n", ObjectId().hex(), '\0', kCapabilities));
  }
  return text + kGitFlush;
}

std::string WritePushReport(const PushRequest& request, const std::vector<PushedRefResult>& results,
                            const std::vector<std::string>& said) {
  std::string report = GitLine("unpack ok\n");
  for (const PushedRefResult& result : results) {
    report += GitLine(result.status.ok() ? fmt::format("ok {}\n", result.name)
                                         : fmt::format("ng {} {}\n", result.name,
                                                       FirstLine(MessageOf(result.status))));
  }
  report += kGitFlush;
  if (!request.has_side_band) return report;
  std::string text;
  for (const std::string& line : said) AddToBand(kMessageBand, OneLine(line) + "\n", &text);
  AddToBand(kReportBand, report, &text);
  return text + kGitFlush;
}

}  // namespace colophon
