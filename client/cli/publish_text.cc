#include "client/cli/publish_text.h"

#include <algorithm>
#include <string_view>

#include "client/cli/change_text.h"
#include "client/cli/text.h"
#include "client/cli/tree.h"
#include "fmt/format.h"

namespace colophon {
namespace {

// Of so many versions more than their names is looked up.
constexpr int kMostRemarked = 20;

// "goes back to v1's text"; empty when no older version has this digest.
std::string ReturnTo(const Client& client, const std::string& prompt,
                     const v1::PublishedVersion& version) {
  v1::ListVersionsRequest request;
  request.set_name(prompt);
  request.set_page_size(1'000);
  const auto versions = client.ListVersions(request);
  if (!versions.ok()) return "";
  for (const v1::Version& older : versions->versions()) {
    if (older.version() < version.version() && older.digest() == version.digest()) {
      return fmt::format("goes back to v{}'s text", older.version());
    }
  }
  return "";
}

// "new prompt", with another one whose own file has the same bytes.
std::string Novelty(const v1::PublishedVersion& version, const v1::Change& change,
                    const std::vector<v1::File>& files,
                    const std::map<std::string, std::string>& written) {
  const auto own = written.find(version.prompt() + ".prompt");
  if (own == written.end()) return "new prompt";
  for (const v1::File& file : files) {
    const std::string prompt = PromptOfFile(file.path());
    if (prompt.empty() || prompt == version.prompt() || file.sha256() != own->second) continue;
    return fmt::format("new prompt; {}/{} has the same text", change.repository(), prompt);
  }
  return "new prompt";
}

// Without contents; as many as one page has.
std::vector<v1::File> FilesOf(const Client& client, const std::string& repository) {
  v1::GetFilesRequest request;
  request.set_repository(repository);
  request.set_omit_content(true);
  request.set_page_size(1'000);
  const auto response = client.GetFiles(request);
  if (!response.ok()) return {};
  return {response->files().begin(), response->files().end()};
}

}  // namespace

absl::StatusOr<std::string> DescriptionOf(const std::string& given, bool dry_run) {
  if (!given.empty()) return given;
  if (dry_run) return "dry run";
  return InvalidArgument("NO_DESCRIPTION", "say what changes and why with -m TEXT");
}

void PrintDiagnostics(const Output& out, const v1::PublishResponse& response) {
  for (const v1::Diagnostic& found : response.diagnostics()) {
    std::string place = found.path();
    if (found.line() > 0) place += fmt::format(":{}", found.line());
    if (found.column() > 0) place += fmt::format(":{}", found.column());
    out.Warning(fmt::format("{}: {} ({})", place, found.message(), found.code()));
  }
}

std::map<std::string, std::string> RemarksOn(const Client& client, const v1::Change& change,
                                             const std::map<std::string, std::string>& written) {
  std::map<std::string, std::string> remarks;
  const bool has_new =
      std::any_of(change.versions().begin(), change.versions().end(),
                  [](const v1::PublishedVersion& version) { return version.version() == 1; });
  const std::vector<v1::File> files =
      has_new ? FilesOf(client, change.repository()) : std::vector<v1::File>();
  for (const v1::PublishedVersion& version : change.versions()) {
    if (remarks.size() == kMostRemarked) break;
    if (version.version() == 0) continue;
    const std::string prompt = change.repository() + "/" + version.prompt();
    remarks[version.name()] = version.version() == 1 ? Novelty(version, change, files, written)
                                                     : ReturnTo(client, prompt, version);
  }
  return remarks;
}

void PrintChange(const Output& out, const v1::Change& change,
                 const std::map<std::string, std::string>& remarks, bool dry_run) {
  const std::string would = dry_run ? "would " : "";
  for (const v1::PublishedVersion& version : change.versions()) {
    const auto remark = remarks.find(version.name());
    out.Line(would + (dry_run ? "publish " : "published ") +
             out.Styled(Style::kBold, out.Safe(version.name())) +
             (remark == remarks.end() || remark->second.empty()
                  ? ""
                  : out.Safe(fmt::format(" ({})", remark->second))));
  }
  if (const int64_t untold = UntoldVersions(change); untold > 0) {
    out.Line(fmt::format("and {}{}", Count(untold, "more version", "more versions"),
                         change.next_page_token().empty()
                             ? ""
                             : fmt::format("; colophon history {} --change {} lists all",
                                           out.Safe(change.repository()), change.sequence())));
  }
  if (change.version_count() == 0 && change.archived_prompts().empty() &&
      change.label_moves().empty()) {
    out.Line("no prompt changes by it");
  }
  for (const v1::LabelMove& move : change.label_moves()) {
    out.Line(would + fmt::format("{} {} {}", dry_run ? "label" : "labelled",
                                 out.Safe(change.repository() + "/" + move.prompt()),
                                 out.Safe(DescribeMove(move))));
  }
  for (const std::string& prompt : change.archived_prompts()) {
    out.Line(would + fmt::format("{} {}", dry_run ? "archive" : "archived",
                                 out.Safe(change.repository() + "/" + prompt)));
  }
  for (const std::string& path : change.paths()) {
    out.Line(out.Styled(Style::kDim, out.Safe(fmt::format("  {}", path))));
  }
  if (dry_run) return;
  const std::string where = change.sequence() > 0 ? fmt::format("change {}", change.sequence())
                                                  : "branch " + change.branch();
  out.Line(out.Styled(Style::kDim,
                      out.Safe(fmt::format("{}, commit {}", where, ShortCommit(change.commit())))));
}

void PrintResponse(const Output& out, const Client& client, const v1::PublishResponse& response,
                   const std::map<std::string, std::string>& written, bool dry_run) {
  if (out.json()) {
    out.Json(response);
    return;
  }
  PrintDiagnostics(out, response);
  if (response.has_change()) {
    PrintChange(out, response.change(), RemarksOn(client, response.change(), written), dry_run);
  } else {
    out.Line("nothing changed");
  }
}

}  // namespace colophon
