#pragma once

#include <vector>

#include "colophon/v1/registry.pb.h"
#include "service/base/status.h"
#include "service/registry/change_proposal.h"
#include "service/registry/change_request.h"
#include "service/registry/changed_files.h"

namespace colophon {

// That who asks may change these files, and move these labels, be it by a request, a labels
// file or a push: PERMISSION_DENIED RIGHT_MISSING.
absl::Status CheckMayEdit(const ChangeRequest& request, const ChangedFiles& files);
absl::Status CheckMayMove(const ChangeRequest& request, const std::vector<v1::LabelMove>& moves);
// A draft is dropped whole, so that takes the right for the whole repository.
absl::Status CheckMayDrop(const ChangeRequest& request);

}  // namespace colophon
