#pragma once

// The prompts that measures use, and calls on them as bytes.

#include <string>

#include "service/base/status.h"
#include "tests/bench/load.h"

namespace colophon::bench {

inline constexpr char kRepository[] = "bench";
// The length of the text that a completion takes and gives.
inline constexpr size_t kCallTextBytes = 1024;

// Plain text of so many bytes, in words, the same for the same seed.
std::string TextOfSize(size_t bytes, unsigned seed);

// A prompt of so many bytes.
std::string PromptOfSize(size_t bytes, unsigned seed);

// A prompt whose message is its variable `text`.
std::string PromptOfText(const std::string& model);

// Creates the repository if need be, publishes the prompt ("support/triage")
// and labels it `production`.
absl::Status PublishPrompt(const std::string& address, const std::string& prompt,
                           const std::string& content);

// Resolves the prompt by its label.
LoadTarget GetVersionCall(const std::string& address, const std::string& prompt);
// Completes it with a `text` of kCallTextBytes.
LoadTarget CompleteCall(const std::string& address, const std::string& prompt);

// OK when the answer is what the call should give: a version, or a completion
// whose text has at least `text_bytes`.
absl::Status CheckGetVersionAnswer(const std::string& answer, const std::string& prompt);
absl::Status CheckCompleteAnswer(const std::string& answer, size_t text_bytes);

// The echo server's message with this payload.
std::string EchoRequest(const std::string& payload);

// A request as OpenAI's chat completions take it, for `text` of plain ASCII.
std::string ChatRequest(const std::string& text);

}  // namespace colophon::bench
