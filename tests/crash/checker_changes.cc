// Changes: no hole, nothing lost, nothing twice, nothing that was refused; and
// what follows from them: versions, prompts, drafts, labels.

#include <algorithm>
#include <tuple>

#include "fmt/format.h"
#include "service/base/hash.h"
#include "service/base/status.h"
#include "tests/crash/checker.h"
#include "tests/crash/load.h"

namespace colophon {
namespace {

constexpr int kPage = 500;
// Of those that were answered; what wasn't is all sent again.
constexpr size_t kSentAgain = 20;

std::string InRepository(const std::string& name) {
  return fmt::format("{}/{}", kRepository, name);
}

// As `sha256sum` prints it, and once more over that.
std::string DigestOf(const v1::Version& version) {
  std::string lines;
  for (const v1::File& file : version.files()) {
    lines += fmt::format("{}  {}\n", Sha256Hex(file.content()), file.path());
  }
  return Sha256Hex(lines);
}

// The response to the same request, sent again.
absl::StatusOr<std::string> AnswerTo(const Client& client, const ChangeFact& fact) {
  if (fact.method == "Publish") {
    v1::PublishRequest request;
    request.ParseFromString(fact.request);
    ASSIGN_OR_RETURN(const v1::PublishResponse response, client.Publish(request));
    return response.SerializeAsString();
  }
  v1::UpdateLabelRequest request;
  request.ParseFromString(fact.request);
  ASSIGN_OR_RETURN(const v1::UpdateLabelResponse response, client.UpdateLabel(request));
  return response.SerializeAsString();
}

v1::Change ChangeOf(const ChangeFact& fact, const std::string& response) {
  if (fact.method == "Publish") {
    v1::PublishResponse message;
    message.ParseFromString(response);
    return message.change();
  }
  v1::UpdateLabelResponse message;
  message.ParseFromString(response);
  return message.change();
}

}  // namespace

void Checker::CheckChanges(const Client& client, const History& history, const Changes& changes) {
  std::vector<v1::Change> found;  // Newest first.
  v1::ListChangesRequest request;
  request.set_name(kRepository);
  request.set_page_size(kPage);
  bool more = true;
  while (more) {
    const absl::StatusOr<v1::ListChangesResponse> page = client.ListChanges(request);
    if (!Succeeded("ListChanges", page.status())) return;
    for (const v1::Change& change : page->changes()) {
      more = change.sequence() > sequence_;
      if (!more) break;
      found.push_back(change);
    }
    more = more && !page->next_page_token().empty();
    request.set_page_token(page->next_page_token());
  }
  std::reverse(found.begin(), found.end());
  for (const v1::Change& change : found) {
    Expect(change.sequence() == sequence_ + 1, [&] {
      return fmt::format("a hole: sequence {} follows {}", change.sequence(), sequence_);
    });
    sequence_ = change.sequence();
    head_ = change.commit();
    CheckChange(history, changes, change);
    ReplayVersions(change);
    ReplayLabels(change);
  }
  for (const auto& [operation, fact] : changes) {
    if (!fact.acknowledged || fact.change.sequence() == 0) continue;
    Expect(made_.contains(operation), [&, &operation = operation, &fact = fact] {
      return fmt::format("lost: {} was acknowledged as sequence {}", operation,
                         fact.change.sequence());
    });
  }
  for (const auto& [sequence, commit] : history.seen()) {
    Expect(sequence <= sequence_, [&, sequence = sequence] {
      return fmt::format("undone: a watcher saw sequence {}, now the last is {}", sequence,
                         sequence_);
    });
  }
}

void Checker::CheckChange(const History& history, const Changes& changes,
                          const v1::Change& change) {
  const std::string& operation = change.description();
  if (operation == "prepare") return;
  const auto found = changes.find(operation);
  if (!Expect(found != changes.end(), [&] {
        return fmt::format("nobody tried {}, which is sequence {}", operation, change.sequence());
      })) {
    return;
  }
  const ChangeFact& fact = found->second;
  const auto [earlier, is_first] = made_.emplace(operation, change);
  Expect(is_first, [&, &earlier = earlier] {
    return fmt::format("twice: {} is sequence {} and {}", operation, earlier->second.sequence(),
                       change.sequence());
  });
  Expect(!fact.refused, [&] { return fmt::format("{} was refused and yet is there", operation); });
  Expect(!fact.acknowledged || fact.change.SerializeAsString() == change.SerializeAsString(), [&] {
    return fmt::format("{} was acknowledged as\n{}and now is\n{}", operation,
                       fact.change.DebugString(), change.DebugString());
  });
  const auto seen = history.seen().find(change.sequence());
  Expect(seen == history.seen().end() || seen->second == change.commit(), [&] {
    return fmt::format("a watcher saw sequence {} as {}, now it is {}", change.sequence(),
                       seen->second, change.commit());
  });
}

void Checker::ReplayVersions(const v1::Change& change) {
  for (const v1::PublishedVersion& version : change.versions()) {
    uint32_t& latest = latest_[version.prompt()];
    Expect(version.version() == latest + 1,
           [&] { return fmt::format("{} follows version {}", version.name(), latest); });
    latest = version.version();
    archived_[version.prompt()] = false;
    versions_[version.name()] = {change.commit(), version.digest(), change.sequence()};
  }
  for (const std::string& prompt : change.archived_prompts()) archived_[prompt] = true;
}

void Checker::ReplayLabels(const v1::Change& change) {
  for (const v1::LabelMove& move : change.label_moves()) {
    std::string& now = labels_[move.prompt() + "@" + move.label()];
    Expect(move.previous().SerializeAsString() == now, [&] {
      return fmt::format("sequence {} moved {}@{} from a place where it was not", change.sequence(),
                         move.prompt(), move.label());
    });
    now = move.targets().SerializeAsString();
  }
}

// What wasn't answered is there, whole, or is made now; what was answered is
// answered the same.
void Checker::SendAgain(const Client& client, Changes* changes) {
  std::vector<std::string> answered;
  for (auto& [operation, fact] : *changes) {
    if (fact.refused) continue;
    if (fact.acknowledged) {
      answered.push_back(operation);
    } else {
      SendAgain(client, operation, &fact);
    }
  }
  std::shuffle(answered.begin(), answered.end(), random_);
  for (size_t i = 0; i < answered.size() && i < kSentAgain; ++i) {
    SendAgain(client, answered[i], &changes->at(answered[i]));
  }
}

void Checker::SendAgain(const Client& client, const std::string& operation, ChangeFact* fact) {
  const absl::StatusOr<std::string> response = AnswerTo(client, *fact);
  ++repeated_count_;
  const auto made = made_.find(operation);
  if (!response.ok()) {
    // A label that has moved on can refuse a swap that wasn't made before.
    if (Expect(response.status().code() == absl::StatusCode::kAborted && !fact->acknowledged &&
                   made == made_.end(),
               [&] {
                 return fmt::format("{} sent again: {}", operation, response.status().ToString());
               })) {
      fact->refused = true;
    }
    return;
  }
  if (fact->acknowledged) {
    Expect(*response == fact->response, [&] {
      return fmt::format("{} was answered\n{}and, sent again,\n{}", operation,
                         fact->change.DebugString(), ChangeOf(*fact, *response).DebugString());
    });
    return;
  }
  fact->acknowledged = true;
  fact->acknowledge_time = INT64_MAX;  // After all others.
  fact->response = *response;
  fact->change = ChangeOf(*fact, *response);
  Expect(
      made == made_.end() || made->second.SerializeAsString() == fact->change.SerializeAsString(),
      [&] {
        return fmt::format("{} was made as\n{}and, sent again, is answered\n{}", operation,
                           made->second.DebugString(), fact->change.DebugString());
      });
}

void Checker::CheckVersions(const Client& client, const Changes& changes) {
  for (const auto& [operation, fact] : changes) {
    for (const v1::PublishedVersion& published : fact.change.versions()) {
      CheckVersion(client, published.name(),
                   {fact.change.commit(), published.digest(), fact.change.sequence()}, &fact);
    }
  }
}

// By its number and by its commit, byte for byte.
void Checker::CheckVersion(const Client& client, const std::string& name, const VersionFact& fact,
                           const ChangeFact* change) {
  for (const std::string& reference : {name, name.substr(0, name.find('@') + 1) + fact.commit}) {
    v1::GetVersionRequest request;
    request.set_name(reference);
    const absl::StatusOr<v1::GetVersionResponse> found = client.GetVersion(request);
    if (!Succeeded(reference, found.status())) continue;
    const v1::Version& version = found->version();
    Expect(version.name() == name && version.digest() == fact.digest &&
               version.commit() == fact.commit && version.sequence() == fact.sequence,
           [&] {
             return fmt::format("{} is {} of sequence {} with digest {}", reference, version.name(),
                                version.sequence(), version.digest());
           });
    Expect(DigestOf(version) == fact.digest,
           [&] { return fmt::format("the files of {} have another digest", reference); });
    if (change == nullptr) continue;
    for (const v1::File& file : version.files()) {
      const auto written = change->files.find(file.path());
      Expect(written == change->files.end() || written->second == file.content(), [&] {
        return fmt::format("{} has another {} than was published", reference, file.path());
      });
    }
  }
}

void Checker::CheckPrompts(const Client& client) {
  for (const auto& [prompt, latest] : latest_) {
    v1::GetPromptRequest request;
    request.set_name(InRepository(prompt));
    const absl::StatusOr<v1::GetPromptResponse> found = client.GetPrompt(request);
    if (!Succeeded(request.name(), found.status())) continue;
    const bool archived = archived_[prompt];
    Expect(found->prompt().latest_version() == latest && found->prompt().archived() == archived,
           [&, latest = latest] {
             return fmt::format("{} has version {}{}, the changes say {}{}", request.name(),
                                found->prompt().latest_version(),
                                found->prompt().archived() ? ", archived" : "", latest,
                                archived ? ", archived" : "");
           });
  }
}

// A branch has one writer, so its changes come in the order of their answers.
void Checker::CheckDrafts(const Client& client, const Changes& changes) {
  std::vector<const ChangeFact*> drafts;
  for (const auto& [operation, fact] : changes) {
    if (!fact.branch.empty() && fact.acknowledged) drafts.push_back(&fact);
  }
  std::sort(drafts.begin(), drafts.end(), [](const ChangeFact* a, const ChangeFact* b) {
    return a->acknowledge_time < b->acknowledge_time;
  });
  const auto content_of = [&](const std::string& prompt, const std::string& selector) {
    v1::GetVersionRequest request;
    request.set_name(fmt::format("{}@{}", InRepository(prompt), selector));
    const absl::StatusOr<v1::GetVersionResponse> found = client.GetVersion(request);
    if (!Succeeded(request.name(), found.status())) return std::string();
    for (const v1::File& file : found->version().files()) {
      if (file.path() == prompt + ".prompt") return file.content();
    }
    return std::string();
  };
  for (const ChangeFact* fact : drafts) {
    draft_heads_[fact->branch] = fact->change.commit();
    for (const auto& [path, content] : fact->files) {
      const std::string prompt = path.substr(0, path.rfind('.'));
      drafts_[fact->branch + ":" + prompt] = *content;
      Expect(content_of(prompt, fact->change.commit()) == *content, [&, &path = path] {
        return fmt::format("{} as of {} is not what was published", path, fact->change.commit());
      });
    }
  }
  for (const auto& [place, content] : drafts_) {
    const size_t colon = place.find(':');
    Expect(content_of(place.substr(colon + 1), "heads/" + place.substr(0, colon)) == content,
           [&, &place = place] { return fmt::format("the draft {} is not the last one", place); });
  }
}

void Checker::CheckLabels(const Client& client) {
  v1::ListLabelsRequest request;
  request.set_name(kRepository);
  request.set_page_size(kPage);
  const absl::StatusOr<v1::ListLabelsResponse> found = client.ListLabels(request);
  if (!Succeeded("ListLabels", found.status())) return;
  Expect(static_cast<size_t>(found->labels_size()) == labels_.size(), [&] {
    return fmt::format("{} labels, the changes say {}", found->labels_size(), labels_.size());
  });
  for (const v1::Label& label : found->labels()) {
    const auto replayed = labels_.find(label.name().substr(InRepository("").size()));
    Expect(replayed != labels_.end() && replayed->second == label.targets().SerializeAsString(),
           [&] {
             return fmt::format("{} points to {}, which the changes don't say", label.name(),
                                label.targets().ShortDebugString());
           });
  }
}

}  // namespace colophon
