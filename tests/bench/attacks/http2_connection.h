#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace colophon::bench {

// HTTP/2 frames by hand, RFC 9113, for what no client library would send.
//
// Thread-safe.
class Http2Connection {
 public:
  enum class Frame : uint8_t {
    kData = 0,
    kHeaders = 1,
    kReset = 3,
    kSettings = 4,
    kPing = 6,
    kGoAway = 7,
    kWindowUpdate = 8,
    kContinuation = 9,
  };
  enum Flag : uint8_t { kNone = 0, kAck = 1, kEndStream = 1, kEndHeaders = 4 };

  // Connects to the port of 127.0.0.1 and says hello: the server may send
  // `stream_window` bytes on each stream before it has to wait. Null: refused.
  static std::unique_ptr<Http2Connection> Open(int port, uint32_t stream_window = 65'535);
  ~Http2Connection();
  Http2Connection(const Http2Connection&) = delete;
  Http2Connection& operator=(const Http2Connection&) = delete;

  // False: the connection is gone, or the server has taken nothing for 5 s.
  bool Send(std::string_view bytes);
  // A gRPC message and the stream's end, as fast as the server allows. False also when
  // it has ended the stream, or one that was begun later.
  bool SendMessage(uint32_t stream, std::string_view message, bool compressed);
  // Waits until the server has ended so many streams, or the connection.
  bool WaitForEnds(int count, std::chrono::milliseconds timeout);

  static std::string FrameOf(Frame type, uint8_t flags, uint32_t stream, std::string_view payload);
  // The headers of a gRPC call: "/colophon.v1.CompletionService/Complete".
  static std::string CallHeaders(const std::string& method,
                                 const std::vector<std::pair<std::string, std::string>>& more = {});
  // One header, as HPACK writes it without table and Huffman code.
  static std::string Header(std::string_view name, std::string_view value);
  // A gRPC message: flag, length, bytes.
  static std::string Message(std::string_view bytes, bool compressed = false);

  int resets() const { return resets_; }  // Streams that the server reset.
  bool is_closed() const { return closed_; }
  bool told_to_go() const { return told_to_go_; }

 private:
  explicit Http2Connection(int fd) : fd_(fd) {}

  // What the server sends: credits, pings, settings, ends.
  void Read();
  bool ReadExactly(char* to, size_t size);
  void Take(Frame type, uint8_t flags, uint32_t stream, const std::string& payload);
  void Close();

  const int fd_;
  std::thread reader_;
  std::atomic<int> resets_{0};
  std::atomic<bool> closed_{false};
  std::atomic<bool> told_to_go_{false};
  std::mutex send_mu_;  // One frame after the other.
  std::mutex mu_;
  std::condition_variable changed_;
  // Guarded by mu_.
  int64_t connection_credit_ = 65'535;
  int64_t stream_credit_ = 65'535;  // Of a stream that begins.
  std::vector<std::pair<uint32_t, int64_t>> more_credit_;
  int ends_ = 0;
  uint32_t last_ended_ = 0;
};

}  // namespace colophon::bench
