#include "service/api/admission.h"

#include <utility>

#include "service/base/field_check.h"

namespace colophon {

absl::Status Admit(Keys* keys, const Credentials& credentials, std::optional<std::string> claimed,
                   Call* call) {
  std::shared_ptr<const ServedKey> key;
  if (keys != nullptr) {
    ASSIGN_OR_RETURN(key, keys->Authenticate(credentials));
  }
  if (key != nullptr) {
    call->caller = key->caller();
    call->permissions = std::move(key);
    return absl::OkStatus();
  }
  if (!credentials.certificate_name.empty()) {
    RETURN_IF_ERROR(
        CheckCaller("the name in the client's certificate", credentials.certificate_name));
    call->caller = credentials.certificate_name;
    return absl::OkStatus();
  }
  if (!claimed) return absl::OkStatus();
  RETURN_IF_ERROR(CheckCaller("colophon-caller", *claimed));
  call->caller = *std::move(claimed);
  return absl::OkStatus();
}

}  // namespace colophon
