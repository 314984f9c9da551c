#include "service/registry/resolver.h"

#include <algorithm>
#include <random>

#include "fmt/format.h"
#include "service/registry/catalog_errors.h"
#include "service/registry/version_cache.h"
#include "service/registry/version_loader.h"

namespace colophon {
namespace {

using Kind = ReferenceView::Kind;

absl::Status Beyond(const std::string& message) {
  return Error(absl::StatusCode::kOutOfRange, "BEYOND_SEQUENCE", message);
}

bool IsAtPastMoment(const ResolveOptions& options) {
  return options.at_sequence >= 0 || options.at_time != absl::InfiniteFuture();
}

// The version cache's key: no allocation for a name of a usual length.
fmt::memory_buffer KeyOf(std::string_view repository, std::string_view prompt, uint32_t version) {
  fmt::memory_buffer key;
  fmt::format_to(std::back_inserter(key), "{}/{}@v{}", repository, prompt, version);
  return key;
}

}  // namespace

Resolver::Resolver(Store* store, Clock* clock, const Catalog* catalog, int64_t cache_bytes)
    : store_(store),
      clock_(clock),
      catalog_(catalog),
      loader_(std::make_unique<VersionLoader>(store)),
      cache_(std::make_unique<VersionCache>(cache_bytes)) {}

Resolver::~Resolver() = default;

absl::StatusOr<Resolution> Resolver::Resolve(const ReferenceView& reference,
                                             const ResolveOptions& options) {
  if (IsAtPastMoment(options)) return ResolveAt(reference, options);
  auto picked = Pick(reference, options.subject);
  if (!picked) return ResolveCommit(reference);
  RETURN_IF_ERROR(picked->status());
  Resolution resolution = std::move((*picked)->resolution);
  ASSIGN_OR_RETURN(resolution.loaded,
                   LoadVersion(reference.repository, reference.prompt, (*picked)->version));
  return resolution;
}

std::optional<absl::StatusOr<Resolution>> Resolver::ResolveInMemory(const ReferenceView& reference,
                                                                    const ResolveOptions& options) {
  if (IsAtPastMoment(options)) return std::nullopt;
  auto picked = Pick(reference, options.subject);
  if (!picked) return std::nullopt;
  if (!picked->ok()) return picked->status();
  Resolution resolution = std::move((*picked)->resolution);
  const auto key = KeyOf(reference.repository, reference.prompt, (*picked)->version);
  resolution.loaded = cache_->Find({key.data(), key.size()});
  if (resolution.loaded == nullptr) return std::nullopt;
  return resolution;
}

std::optional<absl::StatusOr<Resolver::Picked>> Resolver::Pick(const ReferenceView& reference,
                                                               const std::string& subject) {
  Picked picked;
  absl::StatusOr<Catalog::Pick> pick = Catalog::Pick();
  switch (reference.kind) {
    case Kind::kLabel:
      pick =
          catalog_->PickLabel(reference.repository, reference.prompt, reference.selector, subject);
      picked.resolution.label = std::string(reference.selector);
      break;
    case Kind::kVersion:
      pick = catalog_->PickVersion(reference.repository, reference.prompt, reference.version);
      break;
    case Kind::kLatest:
      pick = catalog_->PickLatest(reference.repository, reference.prompt);
      picked.resolution.label = "latest";
      break;
    case Kind::kCommit:
    case Kind::kBranch:
      return std::nullopt;
  }
  if (!pick.ok()) return pick.status();
  picked.resolution.sequence = pick->sequence;
  picked.version = pick->version;
  return picked;
}

absl::StatusOr<Resolution> Resolver::ResolveCommit(const ReferenceView& reference) {
  const std::string repository(reference.repository), prompt(reference.prompt);
  Resolution resolution;
  ASSIGN_OR_RETURN(resolution.sequence, catalog_->Sequence(repository));
  ASSIGN_OR_RETURN(const ObjectId commit, reference.kind == Kind::kBranch
                                              ? catalog_->FindBranch(repository, reference.selector)
                                              : FindCommit(repository, reference.selector));
  ASSIGN_OR_RETURN(resolution.loaded, LoadCommit(repository, prompt, commit));
  return resolution;
}

absl::StatusOr<Resolution> Resolver::ResolveAt(const ReferenceView& reference,
                                               const ResolveOptions& options) {
  if (reference.kind != Kind::kLabel && reference.kind != Kind::kLatest) {
    return InvalidArgument("BAD_MOMENT",
                           "a past moment was given with a version, commit or branch, which mean "
                           "the same at all times; give it with a label or \"latest\"");
  }
  const std::string repository(reference.repository), prompt(reference.prompt);
  RETURN_IF_ERROR(catalog_->CheckPromptExists(repository, prompt));
  Resolution resolution;
  ASSIGN_OR_RETURN(resolution.sequence, FindMoment(repository, options));
  absl::StatusOr<uint32_t> version = 0;
  if (reference.kind == Kind::kLabel) {
    resolution.label = std::string(reference.selector);
    version = PickLabelAt(repository, prompt, reference, options, resolution.sequence);
  } else {
    resolution.label = "latest";
    version = PickLatestAt(repository, prompt, resolution.sequence);
  }
  RETURN_IF_ERROR(version.status());
  ASSIGN_OR_RETURN(resolution.loaded, LoadVersion(repository, prompt, *version));
  return resolution;
}

absl::StatusOr<int64_t> Resolver::FindMoment(const std::string& repository,
                                             const ResolveOptions& options) {
  ASSIGN_OR_RETURN(const int64_t newest, catalog_->Sequence(repository));
  if (options.at_sequence >= 0) {
    if (options.at_sequence > newest) {
      return Beyond(fmt::format("sequence {} is not past; the newest change of {} is {}",
                                options.at_sequence, repository, newest));
    }
    return options.at_sequence;
  }
  const absl::Time now = clock_->Now();
  if (options.at_time > now) {
    return Beyond(
        fmt::format("{} is not past", absl::FormatTime(options.at_time, absl::UTCTimeZone())));
  }
  ASSIGN_OR_RETURN(const int64_t sequence, store_->FindSequence(repository, options.at_time, now));
  // The store may be ahead of what is served.
  return std::min(sequence, newest);
}

absl::StatusOr<uint32_t> Resolver::PickLabelAt(const std::string& repository,
                                               const std::string& prompt,
                                               const ReferenceView& reference,
                                               const ResolveOptions& options, int64_t moment) {
  ASSIGN_OR_RETURN(const auto labels, store_->ListLabels(repository, prompt, moment));
  const std::string name = fmt::format("{}/{}@{}", repository, prompt, reference.selector);
  std::vector<std::string_view> there;
  for (const v1::Label& label : labels) {
    if (label.name() == name) {
      const std::vector<LabelShare> shares = SharesOf(label.targets());
      return shares[PickShare(shares, options.subject, reference.selector)].version;
    }
    there.push_back(std::string_view(label.name()).substr(label.name().find('@') + 1));
  }
  return NoLabelAt(repository, prompt, reference.selector, there, moment);
}

absl::StatusOr<uint32_t> Resolver::PickLatestAt(const std::string& repository,
                                                const std::string& prompt, int64_t moment) {
  const auto version = store_->GetVersionAt(repository, prompt, moment);
  if (!version.ok()) {
    if (version.status().code() != absl::StatusCode::kNotFound) return version.status();
    return NotFound("VERSION_NOT_FOUND",
                    fmt::format("{}/{} had no version at sequence {}", repository, prompt, moment));
  }
  ASSIGN_OR_RETURN(const v1::Change change, store_->GetChange(repository, moment));
  const auto commit = ObjectId::FromHex(change.commit());
  if (!commit) return Internal(fmt::format("change {} has no commit", moment));
  ASSIGN_OR_RETURN(const bool there, loader_->CommitHasPrompt(repository, prompt, *commit));
  if (!there) return PromptArchived(repository, prompt);
  return version->version();
}

absl::StatusOr<std::shared_ptr<const LoadedVersion>> Resolver::Load(const std::string& repository,
                                                                    const std::string& prompt,
                                                                    uint32_t version,
                                                                    const std::string& commit) {
  if (version != 0) {
    RETURN_IF_ERROR(catalog_->PickVersion(repository, prompt, version).status());
    return LoadVersion(repository, prompt, version);
  }
  RETURN_IF_ERROR(catalog_->Sequence(repository).status());
  const auto id = ObjectId::FromHex(commit);
  if (!id) {
    return InvalidArgument(
        "BAD_REFERENCE",
        fmt::format("a draft is named by a commit of 40 hex digits, not {}", Quoted(commit)));
  }
  return LoadCommit(repository, prompt, *id);
}

Resolver::LoadResult Resolver::LoadVersion(std::string_view repository, std::string_view prompt,
                                           uint32_t version) {
  const auto key = KeyOf(repository, prompt, version);
  if (auto cached = cache_->Find({key.data(), key.size()})) return cached;
  ASSIGN_OR_RETURN(auto loaded,
                   loader_->LoadNumbered(std::string(repository), std::string(prompt), version));
  cache_->Insert(loaded);
  return loaded;
}

// A commit of main stands for the version in force then, so that one version
// has one name; a commit of a draft stands for itself.
Resolver::LoadResult Resolver::LoadCommit(const std::string& repository, const std::string& prompt,
                                          const ObjectId& commit) {
  const std::string name = fmt::format("{}/{}@{}", repository, prompt, commit.hex());
  if (auto cached = cache_->Find(name)) return cached;
  ASSIGN_OR_RETURN(const uint32_t number, NumberAt(repository, prompt, commit));
  if (number > 0) return LoadVersion(repository, prompt, number);
  ASSIGN_OR_RETURN(auto loaded, loader_->LoadDraft(repository, prompt, commit));
  cache_->Insert(loaded);
  return loaded;
}

// 0 for a commit of a draft.
absl::StatusOr<uint32_t> Resolver::NumberAt(const std::string& repository,
                                            const std::string& prompt, const ObjectId& commit) {
  const auto sequence = store_->FindSequence(repository, commit);
  if (sequence.ok()) {
    ASSIGN_OR_RETURN(const bool there, loader_->CommitHasPrompt(repository, prompt, commit));
    if (!there) {
      return NotFound("PROMPT_NOT_FOUND", fmt::format("no prompt \"{}\" in commit {} of {}", prompt,
                                                      commit.hex(), repository));
    }
    ASSIGN_OR_RETURN(const v1::Version version,
                     store_->GetVersionAt(repository, prompt, *sequence));
    return version.version();
  }
  if (sequence.status().code() != absl::StatusCode::kNotFound) return sequence.status();
  // Other objects have ids of the same form.
  ASSIGN_OR_RETURN(const bool exists, store_->HasObject(repository, commit));
  if (!exists) return NoCommit(repository, commit.hex());
  ASSIGN_OR_RETURN(const Object object, store_->GetObject(repository, commit));
  if (object.type != ObjectType::kCommit) return NoCommit(repository, commit.hex());
  return 0;
}

absl::StatusOr<CommitVersion> Resolver::FindCommitVersion(const std::string& repository,
                                                          const std::string& prompt,
                                                          std::string_view hex) {
  RETURN_IF_ERROR(catalog_->Sequence(repository).status());
  CommitVersion found;
  ASSIGN_OR_RETURN(found.commit, FindCommit(repository, hex));
  ASSIGN_OR_RETURN(found.version, NumberAt(repository, prompt, found.commit));
  return found;
}

absl::StatusOr<ObjectId> Resolver::FindCommit(const std::string& repository, std::string_view hex) {
  if (const auto whole = ObjectId::FromHex(hex)) return *whole;
  constexpr int kMaxCandidates = 64;
  ASSIGN_OR_RETURN(const auto ids, store_->FindObjects(repository, hex, kMaxCandidates));
  std::vector<ObjectId> commits;
  for (const ObjectId& id : ids) {
    ASSIGN_OR_RETURN(const Object object, store_->GetObject(repository, id));
    if (object.type == ObjectType::kCommit) commits.push_back(id);
  }
  if (commits.empty() && ids.size() < kMaxCandidates) return NoCommit(repository, hex);
  if (commits.size() == 1 && ids.size() < kMaxCandidates) return commits[0];
  return InvalidArgument("AMBIGUOUS_COMMIT",
                         fmt::format("{} is the beginning of several commits of {}; write more of "
                                     "its 40 digits",
                                     hex, repository));
}

}  // namespace colophon
