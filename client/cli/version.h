#pragma once

namespace colophon {

// Of this program; `info` tells the server's.
inline constexpr char kVersion[] = COLOPHON_VERSION;

}  // namespace colophon
