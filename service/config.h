#pragma once

// The configuration file, read and checked.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "colophon/config/v1/config.pb.h"
#include "service/base/status.h"
#include "service/base/tls.h"

namespace colophon {

// Where to listen.
struct ListenAddress {
  std::string host;  // "127.0.0.1", "::1"
  int port = 0;      // 0: any that is free.
  bool is_loopback = false;

  // "127.0.0.1:50051", "[::1]:50051"; localhost means 127.0.0.1.
  static absl::StatusOr<ListenAddress> Parse(std::string_view text);
  // What Parse takes.
  std::string text() const;

  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

// `tls` of the configuration.
struct TlsConfig {
  TlsFiles files;
  bool http_without_client_certificate = false;
  bool insecure_grpc_without_client_certificate = false;

  friend bool operator==(const TlsConfig&, const TlsConfig&) = default;
};

// config.proto with its defaults filled in and every value within its range.
struct Config {
  ListenAddress listen{"127.0.0.1", 50051, true};
  std::optional<ListenAddress> http_listen;  // As read: 127.0.0.1:8080.
  std::vector<std::string> http_cors_origins;
  bool insecure_plaintext = false;
  std::optional<TlsConfig> tls;  // None: plain text.
  std::string backup_directory;  // Empty: DATA/backups.
  int64_t max_message_bytes = 4 << 20;
  int max_open_completions = 10'000;
  int max_connections = 0;  // 0: as many as open files allow.
  int max_streams_per_connection = 1'000;
  absl::Duration drain = absl::Seconds(20);
  bool drain_when_caller_gone = false;
  google::protobuf::RepeatedPtrField<config::v1::Provider> providers;
  int completion_threads = 1;  // As read: the number of cores.
  int64_t store_cache_bytes = 256 << 20;
  int64_t min_free_bytes = 0;  // 0: by the size of the disk.
  std::string log_level = "info";
  std::optional<bool> require_keys;  // As config.proto says when it isn't there.
};

// `file` is what errors call it. INVALID_ARGUMENT BAD_CONFIG has a line for
// each error, with file, line, field, value and rule:
//
//   colophond.textproto:12: providers[1].base_url has the scheme "htp"; use https
absl::StatusOr<Config> ParseConfig(std::string_view text, const std::string& file);

// NOT_FOUND CONFIG_NOT_FOUND when the file can't be read.
absl::StatusOr<Config> ReadConfig(const std::string& path);

// The fields of config.proto whose values differ.
std::vector<std::string> DifferingFields(const Config& one, const Config& other);

// What listen and --listen take: an address that gRPC may be served on by the rest of
// `config`. The error's message goes on from the name of the field or flag.
absl::StatusOr<ListenAddress> ReadListen(std::string_view text, const Config& config);

// What http_listen and --http-listen take: an address, or "off". Errors as ReadListen's.
absl::StatusOr<std::optional<ListenAddress>> ReadHttpListen(std::string_view text,
                                                            const Config& config);

}  // namespace colophon
