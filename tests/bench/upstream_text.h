#pragma once

// What the benchmark's model API says in a stream: both ends know it.

#include <string>
#include <string_view>
#include <vector>

namespace colophon::bench {

// A stream is told apart by the marker in its prompt: "stream-" and six digits.
inline constexpr std::string_view kMarkerPrefix = "stream-";
inline constexpr size_t kMarkerSize = kMarkerPrefix.size() + 6;

// Empty when there is none.
std::string FindMarker(std::string_view text);

// The answer to a prompt with this marker, in pieces. The first one is sent at
// once, the others when the streams are released.
std::vector<std::string> PiecesOf(std::string_view marker);
std::string TextOf(std::string_view marker);

// An answer as OpenAI's chat completions give it, with this text.
std::string ChatCompletion(std::string_view text);
// The events of a streamed one: one a piece, and those that end it.
std::string ChatChunk(std::string_view text);
std::string ChatEnd();

}  // namespace colophon::bench
