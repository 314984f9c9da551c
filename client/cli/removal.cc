#include "client/cli/removal.h"

#include <string_view>

#include "client/cli/tree.h"
#include "fmt/format.h"

namespace colophon {
namespace {

constexpr std::string_view kLabelsEnding = ".labels.yaml";

absl::Status RemoveLabels(const Client& client, const std::string& prompt,
                          v1::PublishRequest* request) {
  v1::GetPromptRequest lookup;
  lookup.set_name(request->repository() + "/" + prompt);
  ASSIGN_OR_RETURN(const auto found, client.GetPrompt(lookup));
  for (const v1::Label& label : found.prompt().labels()) {
    v1::LabelMove* const move = request->add_label_moves();
    move->set_prompt(prompt);
    move->set_label(label.name().substr(label.name().find('@') + 1));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::set<std::string>> FindRemoved(const std::string& repository,
                                                  const FileMap& files,
                                                  const std::vector<std::string>& names) {
  std::set<std::string> removed;
  for (const std::string& name : names) {
    const size_t before = removed.size();
    const bool is_known = removed.contains(name);
    for (const auto& [path, content] : files) {
      if (path == name || path == name + ".prompt" || path.starts_with(name + "/")) {
        removed.insert(path);
      }
    }
    if (removed.size() > before || is_known) continue;
    return NotFound("NO_FILE",
                    fmt::format("no file, folder or prompt \"{}\" in {}", name, repository));
  }
  return removed;
}

absl::Status AddRemovals(const Client& client, const std::set<std::string>& paths,
                         v1::PublishRequest* request) {
  for (const std::string& path : paths) {
    if (path.ends_with(kLabelsEnding)) {
      const std::string prompt = path.substr(0, path.size() - kLabelsEnding.size());
      if (paths.contains(prompt + ".prompt")) continue;
    }
    v1::FileEdit* const edit = request->add_edits();
    edit->set_path(path);
    edit->set_remove(true);
    if (const std::string prompt = PromptOfFile(path); !prompt.empty()) {
      RETURN_IF_ERROR(RemoveLabels(client, prompt, request));
    }
  }
  return absl::OkStatus();
}

}  // namespace colophon
