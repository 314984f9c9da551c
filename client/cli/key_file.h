#pragma once

// The keys that `colophon login` keeps, one a server, in a file that only its owner reads:
// $XDG_CONFIG_HOME/colophon/keys, or ~/.config/colophon/keys.
//
//   file = *( server " " key LF )

#include <string>

#include "service/base/status.h"

namespace colophon {

// Where it is. INVALID_ARGUMENT NO_HOME: there is no place for one.
absl::StatusOr<std::string> KeyFilePath();

// Empty: none is kept for it. INVALID_ARGUMENT KEY_FILE when the file can't be read, or
// others may read it.
absl::StatusOr<std::string> ReadKeptKey(const std::string& server);

// Empty: forgets it.
absl::Status KeepKey(const std::string& server, const std::string& key);

// The key to send to a server: $COLOPHON_KEY, else what the program $COLOPHON_KEY_COMMAND
// prints, else the one that is kept. Never one from the command line, which other users of
// the machine see. INVALID_ARGUMENT KEY_COMMAND when the program fails.
absl::StatusOr<std::string> FindKey(const std::string& server);

}  // namespace colophon
