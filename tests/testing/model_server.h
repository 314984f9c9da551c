#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace colophon {

// A request as the server got it.
struct ModelRequest {
  std::string method;
  std::string target;                          // "/v1/chat/completions"
  std::map<std::string, std::string> headers;  // Names in lower case.
  std::string body;
  int index = 0;       // From 0, over all connections.
  int connection = 0;  // From 0, in the order they were made.
};

// Holds answers back until it is opened, once and for all. Shared by any
// number of answers; outlives none of them.
//
// Thread-safe.
class ModelGate {
 public:
  void Open();
  bool is_open() const;

 private:
  friend class ModelServer;
  // Calls `opened` from Open's thread, or at once.
  void OnOpen(std::function<void()> opened);

  mutable std::mutex mu_;
  // Guarded by mu_.
  bool open_ = false;
  std::vector<std::function<void()>> waiting_;
};

// What the server does on a request, byte by byte. When the steps are done the
// connection waits for its next request.
class ModelAnswer {
 public:
  // One write each, so mostly one segment each.
  ModelAnswer& Send(std::string bytes);
  ModelAnswer& SendInPieces(std::string_view bytes, size_t piece_bytes);
  // The same bytes again and again: as good as endless by default.
  ModelAnswer& Repeat(std::string bytes, int64_t times = INT64_MAX);
  ModelAnswer& WaitFor(std::shared_ptr<ModelGate> gate);
  // By the clock: for what a server says too late.
  ModelAnswer& WaitFor(std::chrono::milliseconds time);
  // Until the client's next bytes are there; they stay unread.
  ModelAnswer& WaitForBytes();
  // Never goes on; ends when the client closes the connection.
  ModelAnswer& Hang();
  // Closes the connection. Over TLS without the goodbye that TLS wants.
  ModelAnswer& Close();
  // Closes it with a reset (RST).
  ModelAnswer& Reset();

  enum class Break { kClose, kReset, kHang };
  // The same up to `bytes` bytes sent, then it breaks off.
  ModelAnswer CutAfter(size_t bytes, Break how) const;
  // All bytes of its Sends.
  size_t byte_count() const;

 private:
  friend class ModelServer;
  struct Step {
    enum class Kind { kSend, kWait, kPause, kWaitForBytes, kHang, kClose, kReset } kind;
    std::string bytes;
    int64_t times = 1;
    std::shared_ptr<ModelGate> gate;
    std::chrono::milliseconds time{0};
  };
  std::vector<Step> steps_;
};

// A model API for tests, on 127.0.0.1 and a free port: speaks HTTP/1.1 down to
// the byte, so that it can speak it wrongly. One thread holds any number of
// connections. model_wire.h has answers as the real APIs write them.
//
//   ModelServer server;
//   server.SetHandler([](const ModelRequest&) { return OpenAiAnswer("Hello"); });
//   ... base_url: server.base_url() ...
//
// Thread-safe.
class ModelServer {
 public:
  using Handler = std::function<ModelAnswer(const ModelRequest&)>;

  struct Tls {
    std::string certificate_file;
    std::string key_file;
  };

  ModelServer();
  explicit ModelServer(const Tls& tls);
  ~ModelServer();
  ModelServer(const ModelServer&) = delete;
  ModelServer& operator=(const ModelServer&) = delete;

  // "http://127.0.0.1:41234/v1"; https with TLS.
  std::string base_url() const;
  int port() const;

  // For requests that come from now on; called on the server's thread. Without
  // one the answer is a 404.
  void SetHandler(Handler handler);

  // What is said on a connection before its first request is read, by its
  // number; called on the server's thread. Without one nothing.
  using Greeting = std::function<ModelAnswer(int connection)>;
  void SetGreeting(Greeting greeting);

  int request_count() const;
  std::vector<ModelRequest> requests() const;
  int connection_count() const;       // Made so far.
  int open_connection_count() const;  // Of them, still open.
  int64_t sent_bytes() const;         // Taken by the kernel.

  // False when it takes more than 30 seconds.
  bool WaitForRequests(int count) const;
  bool WaitForOpenConnections(int count) const;  // Exactly so many.

 private:
  class Impl;
  template <class Stream>
  class Connection;

  const std::unique_ptr<Impl> impl_;
};

}  // namespace colophon
