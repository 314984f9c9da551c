#pragma once

#include <map>
#include <string>
#include <vector>

namespace colophon {

// What a server answered.
struct RawResponse {
  int status = 0;                              // 0: nothing came, or no HTTP.
  std::map<std::string, std::string> headers;  // By name in lower case.
  std::string body;                            // Out of its chunks.
};

// A client that sends any bytes. Waits at most 20 s for an answer.
class RawClient {
 public:
  explicit RawClient(int port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void Send(const std::string& bytes);
  // A request with these headers, lines without their ends.
  void Send(const std::string& method, const std::string& target,
            const std::vector<std::string>& headers, const std::string& body = "");
  RawResponse Read();
  // Of a stream: the next chunk; empty at the end. After ReadHead.
  std::string ReadChunk();
  RawResponse ReadHead();
  // True when the server has closed the connection, and nothing else came.
  bool IsClosed();
  // Takes back what it would still have sent: FIN, or a reset.
  void Close();

 private:
  bool Fill();
  std::string ReadLine();
  std::string ReadBytes(size_t count);

  int socket_;
  std::string unread_;
};

// JSON by POST to /colophon.v1.METHOD, "RegistryService/GetVersion".
RawResponse PostJson(int port, const std::string& method, const std::string& body,
                     const std::vector<std::string>& headers = {});

}  // namespace colophon
