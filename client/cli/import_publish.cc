#include "client/cli/import_publish.h"

#include <algorithm>
#include <map>
#include <utility>

#include "client/cli/import/import_common.h"
#include "client/cli/pages.h"
#include "fmt/format.h"
#include "service/base/hash.h"

namespace colophon {
namespace {

// How many label moves a change takes.
constexpr size_t kMaxMoves = 1000;

// A version, and what the repository has of it.
struct Step {
  const ImportedPrompt* prompt = nullptr;
  const ImportedVersion* version = nullptr;
  std::string digest;
  uint32_t present = 0;  // The number it has already; 0: it is to be published.
  uint32_t newest = 0;   // Of the prompt, before anything is published.
};

// The digests of a prompt's versions, by number - 1; empty when there is no
// such prompt.
absl::StatusOr<std::vector<std::string>> DigestsOf(const Client& client, const std::string& name) {
  v1::ListVersionsRequest request;
  request.set_name(name);
  const auto response = ReadPages(client, &Client::ListVersions, request, 0,
                                  &v1::ListVersionsResponse::mutable_versions);
  if (response.status().code() == absl::StatusCode::kNotFound &&
      ReasonOf(response.status()) == "PROMPT_NOT_FOUND") {
    return std::vector<std::string>();
  }
  RETURN_IF_ERROR(response.status());
  std::vector<std::string> digests;
  for (const v1::Version& version : response->versions()) digests.push_back(version.digest());
  std::reverse(digests.begin(), digests.end());  // Newest first.
  return digests;
}

// Those of a history are found in its order; once one is missing, it and all
// after it are to be published. A file without versions is what is newest.
void FindPresent(const std::vector<std::string>& there, std::vector<Step>* steps) {
  const bool has_history = !steps->front().version->source.empty();
  size_t next = 0;
  if (!has_history && !there.empty()) next = there.size() - 1;
  bool missing = false;
  for (Step& step : *steps) {
    step.newest = static_cast<uint32_t>(there.size());
    const auto found =
        std::find(there.begin() + static_cast<ptrdiff_t>(next), there.end(), step.digest);
    missing |= found == there.end();
    if (missing) continue;
    const size_t index = static_cast<size_t>(found - there.begin());
    step.present = static_cast<uint32_t>(index) + 1;
    next = index;  // Two versions that are the same are one here.
  }
}

absl::StatusOr<std::vector<Step>> MakeSteps(const Client& client, const std::string& repository,
                                            const ImportResult& import) {
  std::vector<Step> all;
  bool timed = true;
  for (const ImportedPrompt& prompt : import.prompts) {
    std::vector<Step> steps;
    for (const ImportedVersion& version : prompt.versions) {
      Step& step = steps.emplace_back();
      step.prompt = &prompt;
      step.version = &version;
      ASSIGN_OR_RETURN(step.digest, DigestOf(version));
      timed &= version.time.has_value();
    }
    ASSIGN_OR_RETURN(const auto there, DigestsOf(client, repository + "/" + prompt.path));
    FindPresent(there, &steps);
    all.insert(all.end(), steps.begin(), steps.end());
  }
  if (!timed) return all;
  // A version stays behind those before it, whatever the clocks said.
  std::map<const ImportedPrompt*, absl::Time> latest;
  std::vector<std::pair<absl::Time, Step>> order;
  for (const Step& step : all) {
    absl::Time& time = latest.emplace(step.prompt, absl::InfinitePast()).first->second;
    time = std::max(time, *step.version->time);
    order.emplace_back(time, step);
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 0; i < all.size(); ++i) all[i] = order[i].second;
  return all;
}

std::string DescriptionOf(const std::string& store, const Step& step) {
  constexpr size_t kMaxBytes = 4096;
  std::string text = fmt::format("Import {}", step.prompt->source);
  if (!step.version->source.empty()) text += fmt::format(" version {}", step.version->source);
  text += store == "text" ? " from a text file" : " from " + store;
  if (!step.version->details.empty()) text += "\n\n" + step.version->details;
  if (text.size() <= kMaxBytes) return text;
  size_t end = kMaxBytes - 3;
  while ((static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // Whole characters.
  return text.substr(0, end) + "…";
}

// The same for the same step, so that a repeated call does nothing twice.
std::string RequestId(const std::string& repository, const Step& step) {
  return "import-" + Sha256Hex(fmt::format("{}\n{}\n{}\n{}\n{}", repository, step.prompt->path,
                                           step.version->source, step.digest, step.newest))
                         .substr(0, 40);
}

absl::StatusOr<uint32_t> Publish(const Client& client, const std::string& repository,
                                 const std::string& author, const std::string& store,
                                 const Step& step, uint32_t newest) {
  v1::PublishRequest request;
  request.set_repository(repository);
  request.set_author(author);
  request.set_description(DescriptionOf(store, step));
  request.set_request_id(RequestId(repository, step));
  for (const LocalFile& file : step.version->files) {
    v1::FileEdit* edit = request.add_edits();
    edit->set_path(file.path);
    edit->set_content(file.content);
  }
  ASSIGN_OR_RETURN(const auto response, client.Publish(request));
  for (const v1::PublishedVersion& version : response.change().versions()) {
    if (version.prompt() == step.prompt->path) return version.version();
  }
  return newest;  // Nothing changed: it is the same as the one before it.
}

// Runs `publish` for each step that isn't there, and notes where each went.
template <class PublishStep>
absl::Status Place(const std::vector<Step>& steps, const PublishStep& publish,
                   Placement* placement) {
  std::map<std::string, std::pair<std::string, uint32_t>> last;  // Digest and number, by prompt.
  for (const Step& step : steps) {
    auto& [digest, number] = last[step.prompt->path];
    const bool repeats = number > 0 && digest == step.digest;
    PlacedVersion placed{step.prompt->path, step.version->source, step.present, false};
    if (step.present == 0 && repeats) placed.version = number;
    if (step.present == 0 && !repeats) {
      ASSIGN_OR_RETURN(placed.version, publish(step, std::max(number, step.newest)));
      placed.published = true;
    }
    number = placed.version;
    digest = step.digest;
    placement->versions.push_back(placed);
    for (const std::string& label : step.version->labels) {
      placement->labels.push_back({step.prompt->path, label, placed.version, false});
    }
  }
  return absl::OkStatus();
}

// Those that point elsewhere, or are not there yet.
absl::Status FindMoves(const Client& client, const std::string& repository, Placement* placement) {
  v1::ListLabelsRequest request;
  request.set_name(repository);
  ASSIGN_OR_RETURN(const auto response, ReadPages(client, &Client::ListLabels, request, 0,
                                                  &v1::ListLabelsResponse::mutable_labels));
  std::map<std::string, const v1::Label*> there;
  for (const v1::Label& label : response.labels()) there[label.name()] = &label;
  for (PlacedLabel& label : placement->labels) {
    const auto found = there.find(fmt::format("{}/{}@{}", repository, label.prompt, label.label));
    label.moved = found == there.end() || found->second->targets().targets_size() != 1 ||
                  found->second->targets().targets(0).version() != label.version;
  }
  return absl::OkStatus();
}

absl::Status MoveLabels(const Client& client, const std::string& repository,
                        const std::string& author, const std::string& store,
                        const Placement& placement) {
  v1::PublishRequest request;
  request.set_repository(repository);
  request.set_author(author);
  request.set_description(fmt::format("Import the labels from {}", store));
  for (size_t i = 0; i < placement.labels.size(); ++i) {
    const PlacedLabel& label = placement.labels[i];
    if (label.moved) {
      v1::LabelMove* move = request.add_label_moves();
      move->set_prompt(label.prompt);
      move->set_label(label.label);
      move->mutable_targets()->add_targets()->set_version(label.version);
    }
    const bool full = static_cast<size_t>(request.label_moves_size()) == kMaxMoves;
    if (request.label_moves().empty() || (!full && i + 1 < placement.labels.size())) continue;
    RETURN_IF_ERROR(client.Publish(request).status());
    request.clear_label_moves();
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status PublishImport(const Client& client, const std::string& repository,
                           const std::string& author, const ImportResult& import,
                           Placement* placement) {
  ASSIGN_OR_RETURN(const std::vector<Step> steps, MakeSteps(client, repository, import));
  RETURN_IF_ERROR(Place(
      steps,
      [&](const Step& step, uint32_t newest) {
        return Publish(client, repository, author, import.store, step, newest);
      },
      placement));
  RETURN_IF_ERROR(FindMoves(client, repository, placement));
  return MoveLabels(client, repository, author, import.store, *placement);
}

absl::Status PlanImport(const Client& client, const std::string& repository,
                        const ImportResult& import, Placement* placement) {
  ASSIGN_OR_RETURN(const std::vector<Step> steps, MakeSteps(client, repository, import));
  RETURN_IF_ERROR(Place(
      steps, [](const Step&, uint32_t newest) -> absl::StatusOr<uint32_t> { return newest + 1; },
      placement));
  return FindMoves(client, repository, placement);
}

}  // namespace colophon
