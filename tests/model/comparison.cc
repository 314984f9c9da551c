#include "tests/model/comparison.h"

#include <iterator>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "service/base/status.h"

namespace colophon {
namespace {

constexpr int kPage = 1000;
// Moments of the past that are looked at after each change.
constexpr int kMoments = 4;

std::string NameOf(const std::string& prompt, const std::string& selector) {
  return fmt::format("{}/{}@{}", Comparison::kRepository, prompt, selector);
}

v1::GetVersionRequest RequestOf(const std::string& prompt, const std::string& selector) {
  v1::GetVersionRequest request;
  request.set_name(NameOf(prompt, selector));
  return request;
}

}  // namespace

void Comparison::CompareAnswer(const RandomChange& change, const ModelChange& expected,
                               const absl::StatusOr<v1::PublishResponse>& answer) {
  const std::string& what = change.description;
  if (expected.refused) {
    Expect(answer.status().code() == absl::StatusCode::kInvalidArgument ||
               answer.status().code() == absl::StatusCode::kFailedPrecondition,
           [&] {
             return fmt::format(
                 "{}: the model says it is refused, the server {}", what,
                 answer.ok() ? answer->ShortDebugString() : answer.status().ToString());
           });
    return;
  }
  if (!Expect(answer.ok(), [&] {
        return fmt::format("{}: the model says it is made, the server {} ({})", what,
                           answer.status().ToString(), ReasonOf(answer.status()));
      })) {
    return;
  }
  Expect(answer->has_change() == expected.made, [&] {
    return fmt::format("{}: the model says it {}, the server {}", what,
                       expected.made ? "is made" : "alters nothing", answer->ShortDebugString());
  });
  if (!answer->has_change() || !expected.made) return;
  const v1::Change& made = answer->change();
  commits_[made.sequence()] = made.commit();
  Expect(made.sequence() == model_.sequence(), [&] {
    return fmt::format("{}: the model says sequence {}, the server {}", what, model_.sequence(),
                       made.sequence());
  });
  std::map<std::string, uint32_t> published;
  for (const v1::PublishedVersion& version : made.versions()) {
    published[version.prompt()] = version.version();
    const auto known = model_.prompts().find(version.prompt());
    if (known == model_.prompts().end() || known->second.versions.size() < version.version()) {
      continue;
    }
    const ModelVersion& ours = known->second.versions[version.version() - 1];
    Expect(version.digest() == ours.digest, [&] {
      return fmt::format("{}: the model says {} has digest {}, the server {}", what, version.name(),
                         ours.digest, version.digest());
    });
  }
  Expect(published == expected.published, [&] {
    return fmt::format("{}: the model says {} are published, the server {}", what,
                       expected.published, published);
  });
  const std::vector<std::string> archived(made.archived_prompts().begin(),
                                          made.archived_prompts().end());
  Expect(archived == expected.archived, [&] {
    return fmt::format("{}: the model says {} are archived, the server {}", what, expected.archived,
                       archived);
  });
}

void Comparison::CompareState(const Client& client) {
  CompareNewest(client);
  ComparePrompts(client);
  CompareLabels(client);
  ComparePast(client);
}

void Comparison::CompareVersions(const Client& client) {
  for (const auto& [prompt, known] : model_.prompts()) {
    for (const ModelVersion& version : known.versions) {
      CompareVersion(client, RequestOf(prompt, fmt::format("v{}", version.number)), prompt,
                     &version);
      CompareVersion(client, RequestOf(prompt, commits_[version.sequence]), prompt, &version);
    }
  }
}

void Comparison::CompareNewest(const Client& client) {
  for (const auto& [prompt, known] : model_.prompts()) {
    CompareVersion(client, RequestOf(prompt, "latest"), prompt,
                   known.archived ? nullptr : &known.versions.back());
  }
}

void Comparison::ComparePrompts(const Client& client) {
  v1::ListPromptsRequest request;
  request.set_name(kRepository);
  request.set_show_archived(true);
  request.set_page_size(kPage);
  const absl::StatusOr<v1::ListPromptsResponse> found = client.ListPrompts(request);
  if (!Expect(found.ok(), [&] { return "ListPrompts: " + found.status().ToString(); })) return;
  std::map<std::string, std::pair<uint32_t, bool>> ours;
  for (const auto& [prompt, known] : model_.prompts()) {
    ours[fmt::format("{}/{}", kRepository, prompt)] = {known.versions.back().number,
                                                       known.archived};
  }
  std::map<std::string, std::pair<uint32_t, bool>> theirs;
  for (const v1::Prompt& prompt : found->prompts()) {
    theirs[prompt.name()] = {prompt.latest_version(), prompt.archived()};
  }
  Expect(ours == theirs, [&] {
    return fmt::format("the model says the prompts are {}, the server {}", ours, theirs);
  });
}

void Comparison::CompareLabels(const Client& client) {
  v1::ListLabelsRequest request;
  request.set_name(kRepository);
  request.set_page_size(kPage);
  const absl::StatusOr<v1::ListLabelsResponse> found = client.ListLabels(request);
  if (!Expect(found.ok(), [&] { return "ListLabels: " + found.status().ToString(); })) return;
  std::map<std::string, uint32_t> ours;
  for (const auto& [prompt, known] : model_.prompts()) {
    for (const auto& [label, number] : known.labels) ours[NameOf(prompt, label)] = number;
  }
  std::map<std::string, uint32_t> theirs;
  for (const v1::Label& label : found->labels()) {
    theirs[label.name()] =
        label.targets().targets_size() == 1 ? label.targets().targets(0).version() : 0;
  }
  Expect(ours == theirs, [&] {
    return fmt::format("the model says the labels are {}, the server {}", ours, theirs);
  });
}

void Comparison::ComparePast(const Client& client) {
  for (int i = 0; i < kMoments && model_.sequence() > 0; ++i) {
    auto prompt = model_.prompts().begin();
    std::advance(prompt, static_cast<int64_t>(random_() % model_.prompts().size()));
    const std::string& name = prompt->first;
    const std::vector<ModelVersion>& versions = prompt->second.versions;
    const ModelVersion& version = versions[random_() % versions.size()];
    CompareVersion(client, RequestOf(name, fmt::format("v{}", version.number)), name, &version);

    const auto moment =
        1 + static_cast<int64_t>(random_() % static_cast<uint64_t>(model_.sequence()));
    // Ten digits are enough for one commit, and for no other object.
    const std::string commit = commits_[moment].substr(0, 10 + random_() % 31);
    CompareVersion(client, RequestOf(name, commit), name, model_.VersionAt(name, moment));
    v1::GetVersionRequest latest = RequestOf(name, "latest");
    latest.set_at_sequence(moment);
    CompareVersion(client, latest, name, model_.VersionAt(name, moment));
    const uint32_t number = model_.LabelAt(name + "@production", moment);
    v1::GetVersionRequest label = RequestOf(name, "production");
    label.set_at_sequence(moment);
    CompareVersion(client, label, name, number == 0 ? nullptr : &versions[number - 1]);
  }
}

void Comparison::CompareVersion(const Client& client, const v1::GetVersionRequest& request,
                                const std::string& prompt, const ModelVersion* expected) {
  const absl::StatusOr<v1::GetVersionResponse> found = client.GetVersion(request);
  const std::string what = request.ShortDebugString();
  if (expected == nullptr) {
    Expect(found.status().code() == absl::StatusCode::kNotFound ||
               found.status().code() == absl::StatusCode::kFailedPrecondition,
           [&] {
             return fmt::format("{}: the model says there is none, the server {}", what,
                                found.ok() ? found->version().name() : found.status().ToString());
           });
    return;
  }
  if (!Expect(found.ok(), [&] {
        return fmt::format("{}: the model says v{}, the server {}", what, expected->number,
                           found.status().ToString());
      })) {
    return;
  }
  const v1::Version& version = found->version();
  std::map<std::string, std::string> files;
  for (const v1::File& file : version.files()) files[file.path()] = file.content();
  Expect(version.name() == NameOf(prompt, fmt::format("v{}", expected->number)) &&
             version.digest() == expected->digest && version.sequence() == expected->sequence &&
             files == expected->files,
         [&] {
           return fmt::format(
               "{}: the model says v{} of sequence {} with digest {}, the server {} of sequence {} "
               "with digest {}{}",
               what, expected->number, expected->sequence, expected->digest, version.name(),
               version.sequence(), version.digest(),
               files == expected->files ? "" : " and other files");
         });
}

}  // namespace colophon
