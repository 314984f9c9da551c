#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/provider/http_client.h"
#include "service/provider/provider.h"
#include "service/provider/raw_answer.h"
#include "service/provider/wire_format.h"

namespace colophon {

// One HTTP client a loop, and the workers that read what is large.
//
// Thread-safe after construction.
class HttpClients {
 public:
  HttpClients(Executor* executor, Workers* workers, int max_kept_connections);
  // REQUIRES: the loops are stopped. Calls may outlive it.
  ~HttpClients();

  const std::shared_ptr<HttpClient>& Of(const Loop& loop) const { return clients_[loop.index()]; }
  Workers* workers() const { return workers_; }

 private:
  Workers* const workers_;
  std::vector<std::shared_ptr<HttpClient>> clients_;
};

struct HttpProviderOptions {
  std::string name;      // "openai", for messages.
  std::string base_url;  // Without a slash at its end.
  std::string path;      // "{model}" is replaced.
  std::string query;     // Without "?"; may be empty.
  std::vector<std::pair<std::string, std::string>> headers;
  // Where the key is from: "the environment variable NAME", "the file PATH", "the command
  // NAME"; empty: none is sent.
  std::string key_source;
  std::string key_field = "api_key_env";  // Of the configuration, that says so.
  std::string key;                        // Empty: none is sent.
  std::string key_header;                 // The header that carries it,
  std::string key_scheme;                 // and what stands before it there: "Bearer ".
  // The key, and what else of the above nobody may see: SecretsOf's.
  std::vector<std::string> secrets;
  std::string ca_file;
  Egress egress;
  bool keep_connections = true;
  KeepRaw keep_raw;
  HttpLimits limits;
};

// A model API over HTTP. The key goes to base_url's host in one header and
// nowhere else; the secrets are taken out of answers and errors alike.
//
// A unary call may share an HTTP/2 connection, because its answer is read at
// once. A streamed one gets a connection of its own by HTTP/1.1: libcurl grants
// megabytes of window to a stream and, while one is paused, may hold back the
// others of its connection, so that a slow caller would stop quick ones.
//
// Whether an answer is whole is never left to the connection's end (libcurl
// takes some HTTP/2 resets and TLS cuts for a good one): a stream has its
// terminator, a unary answer is whole JSON.
//
// Thread-safe.
class HttpProvider : public Provider {
 public:
  // `clients` outlives it; its calls need neither.
  HttpProvider(HttpProviderOptions options, std::unique_ptr<WireFormat> format,
               const HttpClients* clients);
  ~HttpProvider() override;

  absl::StatusOr<std::string> Encode(const v1::Rendered& rendered, std::string_view model,
                                     bool stream) const override;
  absl::StatusOr<std::string> EncodeCount(const v1::Rendered& rendered,
                                          std::string_view model) const override;
  std::unique_ptr<ProviderCall> Start(Loop& loop, ProviderRequest request) override;

  struct Shared;

 private:
  const std::shared_ptr<const Shared> shared_;
  const HttpClients* const clients_;
};

}  // namespace colophon
