#include "client/cli/label_targets.h"

#include <string_view>

#include "client/cli/arguments.h"
#include "client/cli/split_label.h"
#include "fmt/format.h"

namespace colophon {
namespace {

bool IsNumber(std::string_view selector) {
  if (selector.starts_with('v')) selector.remove_prefix(1);
  return !selector.empty() && selector.size() < 10 &&
         selector.find_first_not_of("0123456789") == selector.npos;
}

// As ParseTargets takes it: "v12", or "latest".
absl::StatusOr<std::string> NumberOf(const Client& client, const std::string& prompt,
                                     const std::string& selector) {
  if (selector == "latest" || IsNumber(selector)) return selector;
  const std::string reference = prompt + "@" + selector;
  RETURN_IF_ERROR(CheckNotSplit(client, reference));
  v1::GetVersionRequest request;
  request.set_name(reference);
  ASSIGN_OR_RETURN(const auto response, client.GetVersion(request));
  if (response.version().version() > 0) return fmt::format("v{}", response.version().version());
  return InvalidArgument("BAD_TARGET",
                         fmt::format("\"{}\" is a draft, which has no number: promote it with "
                                     "`colophon publish --from heads/NAME` first",
                                     selector));
}

}  // namespace

absl::StatusOr<v1::LabelTargets> FindTargets(const Client& client, const std::string& prompt,
                                             const std::vector<std::string>& texts) {
  if (texts.size() == 1 && texts[0].find('=') == std::string::npos && texts[0] != "latest" &&
      !IsNumber(texts[0])) {
    ASSIGN_OR_RETURN(v1::LabelTargets split, TargetsOf(client, prompt + "@" + texts[0], 0));
    if (split.targets_size() > 1) return split;
  }
  std::vector<std::string> numbered;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    std::string share = equals == text.npos ? "" : text.substr(equals);
    if (share.ends_with('%')) share.pop_back();
    if (share.empty() && texts.size() > 1) {
      return InvalidArgument("BAD_TARGET",
                             fmt::format("\"{}\" has no share; several versions share the traffic "
                                         "as v12=90 v13=10",
                                         text));
    }
    ASSIGN_OR_RETURN(const std::string number, NumberOf(client, prompt, text.substr(0, equals)));
    numbered.push_back(number + share);
  }
  return ParseTargets(numbered);
}

absl::StatusOr<v1::LabelTargets> FindPrevious(const Client& client, const std::string& prompt,
                                              const std::string& label) {
  const std::string path = prompt.substr(prompt.find('/') + 1);
  v1::ListChangesRequest request;
  request.set_name(prompt);
  while (true) {
    ASSIGN_OR_RETURN(const auto page, client.ListChanges(request));
    for (const v1::Change& change : page.changes()) {
      for (const v1::LabelMove& move : change.label_moves()) {
        if (move.prompt() != path || move.label() != label) continue;
        if (!move.previous().targets().empty()) return move.previous();
        return FailedPrecondition("NO_PREVIOUS",
                                  fmt::format("{}@{} never pointed anywhere else: change {} made "
                                              "it; --delete removes it",
                                              prompt, label, change.sequence()));
      }
    }
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  return NotFound("LABEL_NOT_FOUND", fmt::format("no move of label \"{}@{}\"", prompt, label));
}

}  // namespace colophon
