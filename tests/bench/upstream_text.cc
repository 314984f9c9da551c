#include "tests/bench/upstream_text.h"

#include "fmt/format.h"

namespace colophon::bench {
namespace {

constexpr int kPieceCount = 20;

}  // namespace

std::string FindMarker(std::string_view text) {
  const size_t at = text.find(kMarkerPrefix);
  if (at == std::string_view::npos || text.size() - at < kMarkerSize) return "";
  return std::string(text.substr(at, kMarkerSize));
}

std::vector<std::string> PiecesOf(std::string_view marker) {
  std::vector<std::string> pieces;
  for (int i = 0; i < kPieceCount; ++i) pieces.push_back(fmt::format("{} says {}. ", marker, i));
  return pieces;
}

std::string TextOf(std::string_view marker) {
  std::string text;
  for (const std::string& piece : PiecesOf(marker)) text += piece;
  return text;
}

// The texts here are plain ASCII without quotes, so they need no escaping.

std::string ChatCompletion(std::string_view text) {
  return fmt::format(
      R"({{"id":"chatcmpl-bench","object":"chat.completion","created":1800000000,)"
      R"("model":"bench-1","choices":[{{"index":0,"message":{{"role":"assistant",)"
      R"("content":"{}"}},"finish_reason":"stop"}}],)"
      R"("usage":{{"prompt_tokens":256,"completion_tokens":256,"total_tokens":512}}}})",
      text);
}

std::string ChatChunk(std::string_view text) {
  return fmt::format(
      R"(data: {{"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1800000000,)"
      R"("model":"bench-1","choices":[{{"index":0,"delta":{{"role":"assistant",)"
      R"("content":"{}"}},"finish_reason":null}}]}})"
      "\n\n",
      text);
}

std::string ChatEnd() {
  return R"(data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1800000000,)"
         R"("model":"bench-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
         "\n\n"
         R"(data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1800000000,)"
         R"("model":"bench-1","choices":[],)"
         R"("usage":{"prompt_tokens":10,"completion_tokens":20,"total_tokens":30}})"
         "\n\ndata: [DONE]\n\n";
}

}  // namespace colophon::bench
