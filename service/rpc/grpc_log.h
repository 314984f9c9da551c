#pragma once

namespace colophon {

// gRPC's own lines go to the log from now on. They are of its peers, who could fill it:
// at level debug, but for its last words before it aborts.
void LogGrpc();

}  // namespace colophon
