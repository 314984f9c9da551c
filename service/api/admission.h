#pragma once

#include <optional>
#include <string>

#include "service/access/keys.h"
#include "service/base/call.h"

namespace colophon {

// Lets a caller in: sets its name and what it may do. One that shows a key is called as
// the key says, whatever it says of itself (`claimed`), for only that is known; one without
// is called by its certificate, else what it says, when it says something. `keys` null: nobody has
// a key.
//
// UNAUTHENTICATED as Keys::Authenticate; INVALID_ARGUMENT BAD_CALLER.
absl::Status Admit(Keys* keys, const Credentials& credentials, std::optional<std::string> claimed,
                   Call* call);

}  // namespace colophon
