#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace colophon {

// One HTTP/2 connection to a port of loopback, frame by frame: what gRPC's own
// client can't be made to do. Reads no header blocks.
//
// Not thread-safe.
class Http2Connection {
 public:
  enum FrameType : uint8_t {
    kData = 0,
    kHeaders = 1,
    kReset = 3,
    kSettings = 4,
    kPing = 6,
    kGoAway = 7,
    kWindowUpdate = 8,
    kContinuation = 9,
  };
  struct Frame {
    uint8_t type = 0;
    uint8_t flags = 0;
    uint32_t stream = 0;
    std::string payload;
  };
  using Headers = std::vector<std::pair<std::string, std::string>>;

  // Connects and says hello. `window`: bytes that a stream of the server's may send
  // unasked. is_open() is false when it can't connect.
  explicit Http2Connection(int port, uint32_t window = 65'535);
  ~Http2Connection();
  Http2Connection(const Http2Connection&) = delete;

  // False once a write has failed, or a read found the end.
  bool is_open() const { return fd_ >= 0; }

  // Opens a stream for a gRPC method, "/colophon.v1.RegistryService/GetVersion".
  void SendGrpcHeaders(uint32_t stream, const std::string& path, const Headers& more = {});
  // A gRPC message as DATA frames, as the server's windows allow, and the end of the
  // stream.
  void SendMessage(uint32_t stream, std::string_view message, bool compressed = false);
  // The same with a message of so many zeros.
  void SendZeros(uint32_t stream, uint32_t size);
  void SendReset(uint32_t stream);
  // Any frame; false when the connection is closed.
  bool Send(uint8_t type, uint8_t flags, uint32_t stream, std::string_view payload);

  // The next frame, at most so long after the call; none when it's closed or takes
  // longer. Answers settings and pings.
  std::optional<Frame> Read(int timeout_ms);
  // Reads until the stream ended (true) or the connection (false).
  bool AwaitEndOfStream(uint32_t stream);
  // Takes what is there, without waiting.
  void Drain();

  // A header block of literals.
  static std::string Encode(const Headers& headers);

 private:
  // The bytes of DATA frames; `chunk(n)` gives the next n or fewer of `size`.
  void SendData(uint32_t stream, size_t size, const std::function<std::string_view(size_t)>& chunk);
  bool Write(std::string_view bytes);
  void OnFrame(const Frame& frame);
  void Close();

  int fd_ = -1;
  std::string unread_;
  uint32_t window_of_stream_ = 65'535;  // What the server gives each.
  int64_t window_ = 65'535;             // Of the connection, what is left.
  uint32_t sending_ = 0;                // The stream of SendMessage,
  int64_t sending_window_ = 0;          // and what is left of its window.
  std::unordered_set<uint32_t> ended_;  // Streams that the server ended or reset.
};

}  // namespace colophon
