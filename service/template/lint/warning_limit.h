#pragma once

namespace colophon::lint {

// A rule tells so many of a kind in one file; who has more knows by then.
inline constexpr int kMostOfAKind = 50;

}  // namespace colophon::lint
