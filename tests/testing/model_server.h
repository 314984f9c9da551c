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

#include "tests/testing/model_answer.h"

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
