#pragma once

#include <string>

namespace colophon {

// Copies an open store's files, as its process would leave them if it was killed now.
// First it waits until nothing changes them any more and the mark has caught up with the
// newest log. REQUIRES: nobody writes to it. False when that takes more than half a
// minute.
bool CopyAsKilled(const std::string& store, const std::string& copy);

// The write-ahead log that is written to.
std::string NewestLog(const std::string& store);

}  // namespace colophon
