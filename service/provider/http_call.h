#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "service/base/status.h"
#include "service/base/task.h"
#include "service/provider/egress.h"

namespace colophon {

class HttpClient;
class HttpTransfer;

struct HttpLimits {
  absl::Duration connect = absl::Seconds(5);       // Names, TCP and TLS.
  absl::Duration first_byte = absl::Seconds(120);  // Then to the body's first byte.
  absl::Duration idle = absl::Seconds(60);         // Without a byte, while somebody reads.
  absl::Duration total = absl::Seconds(600);
  int64_t max_body_bytes = 16 << 20;
  int64_t max_header_bytes = 64 << 10;  // All headers, of interim answers too.
};

// A POST.
struct HttpRequest {
  std::string url;
  std::vector<std::string> headers;  // "name: value"
  std::string body;
  // File of authorities to trust instead of the system's; empty: the system's.
  std::string ca_file;
  // Which addresses it may go to.
  Egress egress;
  // HTTP/2 when the server offers it over TLS; else HTTP/1.1.
  bool allow_http2 = false;
  // False: a connection that carries this request and nothing else.
  bool keep_connection = true;
  // The answer comes in pieces over a long time, and many are open at once: it
  // is read through a small buffer.
  bool is_stream = false;
  HttpLimits limits;
};

struct HttpHead {
  int status = 0;
  // Names in lower case.
  std::vector<std::pair<std::string, std::string>> headers;

  // The first with that name; empty when there is none.
  std::string Header(std::string_view name) const;
};

// One exchange. Lives on its client's Loop; destroying it stops it.
//
// Errors are ProviderCall::Next's, their messages to be read behind the
// provider's name: "can't be reached: …". One reader at a time.
class HttpCall {
 public:
  // What a call holds unread before its connection isn't read any more.
  static constexpr size_t kMaxUnreadBytes = 64 << 10;

  HttpCall(std::shared_ptr<HttpClient> client, std::shared_ptr<HttpTransfer> transfer);
  ~HttpCall();
  HttpCall(const HttpCall&) = delete;
  HttpCall& operator=(const HttpCall&) = delete;

  // Waits for status and headers.
  Task<absl::StatusOr<HttpHead>> Head();

  // The next bytes of the body; empty when it has ended as it should. An error
  // comes after the bytes that arrived before it.
  Task<absl::StatusOr<std::string>> Read();

  // A waiting Head or Read returns CANCELLED.
  void Cancel();

  // Nobody reads on. What little is left is read away, so that the connection
  // can serve another call.
  void Finish();

  // How many requests its connection had carried before; nullopt until the
  // request is sent.
  std::optional<int64_t> connection_request_count() const;

  // Held and not yet read.
  size_t unread_bytes() const;

 private:
  const std::shared_ptr<HttpClient> client_;
  const std::shared_ptr<HttpTransfer> transfer_;
};

}  // namespace colophon
