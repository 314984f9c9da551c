#include "client/cli/split_label.h"

#include "client/cli/pages.h"
#include "client/cli/text.h"
#include "fmt/format.h"
#include "service/base/reference.h"

namespace colophon {

absl::StatusOr<v1::LabelTargets> TargetsOf(const Client& client, const std::string& reference,
                                           int64_t at_sequence) {
  ASSIGN_OR_RETURN(const ReferenceView view, ReferenceView::Parse(reference));
  if (view.kind != ReferenceView::Kind::kLabel) return v1::LabelTargets();
  const std::string prompt = fmt::format("{}/{}", view.repository, view.prompt);
  v1::ListLabelsRequest request;
  request.set_name(prompt);
  request.set_at_sequence(at_sequence);
  ASSIGN_OR_RETURN(const auto labels, ReadPages(client, &Client::ListLabels, request, 0,
                                                &v1::ListLabelsResponse::mutable_labels));
  const std::string name = fmt::format("{}@{}", prompt, view.selector);
  for (const v1::Label& label : labels.labels()) {
    if (label.name() == name) return label.targets();
  }
  return v1::LabelTargets();
}

absl::Status CheckNotSplit(const Client& client, const std::string& reference) {
  ASSIGN_OR_RETURN(const v1::LabelTargets targets, TargetsOf(client, reference, 0));
  if (targets.targets_size() < 2) return absl::OkStatus();
  return InvalidArgument("SPLIT_LABEL", fmt::format("{} is split, {}: name one of these versions",
                                                    reference, FormatTargets(targets)));
}

void NoteSplit(const Output& out, const Client& client, const std::string& reference,
               const std::string& version) {
  const auto targets = TargetsOf(client, reference, 0);
  if (!targets.ok() || targets->targets_size() < 2) return;
  out.Note(fmt::format("{} is split, {}; this was {}; --subject ID keeps one", reference,
                       FormatTargets(*targets), version));
}

}  // namespace colophon
