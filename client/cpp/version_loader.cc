#include "client/cpp/version_loader.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"

namespace colophon {
namespace {

constexpr int kPageSize = 1000;

}  // namespace

absl::StatusOr<std::shared_ptr<const ResolvedVersion>> VersionLoader::Get(
    const std::string& reference, const CallOptions& call) const {
  v1::GetVersionRequest request;
  request.set_name(reference);
  ASSIGN_OR_RETURN(v1::GetVersionResponse response, client_.GetVersion(request, call));
  auto resolved = std::make_shared<ResolvedVersion>();
  resolved->version = std::move(*response.mutable_version());
  resolved->label = response.label();
  resolved->sequence = response.sequence();
  return std::shared_ptr<const ResolvedVersion>(std::move(resolved));
}

absl::StatusOr<Pointing> VersionLoader::GetPointing(const ReferenceParts& parts,
                                                    const ResolvedVersion& found,
                                                    const CallOptions& call) const {
  Pointing pointing;
  pointing.sequence = found.sequence;
  if (parts.kind == ReferenceParts::Kind::kLatest) {
    pointing.targets.add_targets()->set_version(found.version.version());
    return pointing;
  }
  const std::string name = fmt::format("{}@{}", parts.prompt_name(), parts.label);
  v1::ListLabelsRequest request;
  request.set_name(parts.prompt_name());
  request.set_page_size(kPageSize);
  do {
    ASSIGN_OR_RETURN(const v1::ListLabelsResponse page, client_.ListLabels(request, call));
    for (const v1::Label& label : page.labels()) {
      if (label.name() != name) continue;
      // No move of it since its own, and none up to what was seen before.
      pointing.sequence = std::max(pointing.sequence, label.sequence());
      pointing.targets = label.targets();
      return pointing;
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return pointing;
}

absl::StatusOr<std::shared_ptr<CacheEntry>> VersionLoader::MakeEntry(
    const ReferenceParts& parts, const Pointing& pointing,
    const std::vector<std::shared_ptr<const ResolvedVersion>>& known,
    const CallOptions& call) const {
  auto entry = std::make_shared<CacheEntry>();
  entry->kind = parts.kind;
  entry->label = parts.label;
  entry->sequence = pointing.sequence;
  for (const v1::LabelTarget& target : pointing.targets.targets()) {
    entry->shares.push_back({target.version(), target.weight()});
    const auto had = std::find_if(known.begin(), known.end(), [&](const auto& resolved) {
      return resolved->version.version() == target.version();
    });
    if (had != known.end()) {
      entry->versions.push_back(*had);
      continue;
    }
    ASSIGN_OR_RETURN(const auto fetched,
                     Get(fmt::format("{}@v{}", parts.prompt_name(), target.version()), call));
    auto resolved = std::make_shared<ResolvedVersion>(*fetched);
    resolved->label = parts.label;
    entry->versions.push_back(std::move(resolved));
  }
  return entry;
}

}  // namespace colophon
