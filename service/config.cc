#include "service/config.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "boost/asio/ip/address.hpp"
#include "fmt/format.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "service/provider/provider_config.h"

namespace colophon {
namespace {

using google::protobuf::TextFormat;
using google::protobuf::util::MessageDifferencer;

// All errors of a file, each on a line of its own.
class ConfigErrors final : public google::protobuf::io::ErrorCollector {
 public:
  explicit ConfigErrors(std::string file) : file_(std::move(file)) {}

  // By protobuf's parser: lines from 0, -1 for the whole file. It repeats the
  // word that it met, which may be a key that misses its quotes.
  void AddError(int line, int column, const std::string& said) override {
    constexpr std::string_view kWord = ", got: ";
    constexpr size_t kLongestShown = 15;
    std::string message = said;
    const size_t word = message.find(kWord);
    if (word != message.npos && message.size() - word - kWord.size() > kLongestShown) {
      message.resize(word);
    }
    if (line < 0) {
      lines_.push_back(fmt::format("{}: {}", file_, message));
    } else {
      lines_.push_back(fmt::format("{}:{}:{}: {}", file_, line + 1, column + 1, message));
    }
  }

  // `line` from 1; 0 when the file doesn't say it.
  void Add(int line, std::string_view message) {
    const std::string place = line > 0 ? fmt::format("{}:{}", file_, line) : file_;
    lines_.push_back(fmt::format("{}: {}", place, message));
  }

  absl::Status status() const {
    if (lines_.empty()) return absl::OkStatus();
    return InvalidArgument("BAD_CONFIG", fmt::format("{}", fmt::join(lines_, "\n")));
  }

 private:
  const std::string file_;
  std::vector<std::string> lines_;
};

// The fields of one message in the file, and where they stand.
class Fields {
 public:
  // `line`: of the message itself, from 1; 0 for the file.
  Fields(const google::protobuf::Message& message, const TextFormat::ParseInfoTree* places,
         std::string prefix, int line, ConfigErrors* errors)
      : message_(message),
        places_(places),
        prefix_(std::move(prefix)),
        line_(line),
        errors_(errors) {}

  // True when the file says it, be it the default.
  bool Has(const std::string& name) const { return LineOf(name) > 0; }

  // Names the field's line, or the message's where the field is missing.
  void Refuse(const std::string& name, std::string_view message) const {
    const int line = LineOf(name);
    errors_->Add(line > 0 ? line : line_, fmt::format("{}{} {}", prefix_, name, message));
  }
  // The same for a message that names the field itself. `path`:
  // "providers[0].name".
  void RefuseWhole(const std::string& path, std::string_view message) const {
    const std::string name = path.starts_with(prefix_) ? path.substr(prefix_.size()) : "";
    const int line = FieldOf(name) == nullptr ? 0 : LineOf(name);
    errors_->Add(line > 0 ? line : line_, message);
  }

  // The field's value, or `absent` when the file doesn't have it.
  int64_t Number(const std::string& name, int64_t min, int64_t max, int64_t absent) const {
    if (!Has(name)) return absent;
    const auto* field = FieldOf(name);
    const auto* reflection = message_.GetReflection();
    const int64_t value = field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_INT32
                              ? reflection->GetInt32(message_, field)
                              : reflection->GetInt64(message_, field);
    if (value >= min && value <= max) return value;
    Refuse(name, fmt::format("is {}; it must be {} to {}", value, min, max));
    return absent;
  }

 private:
  const google::protobuf::FieldDescriptor* FieldOf(const std::string& name) const {
    return message_.GetDescriptor()->FindFieldByName(name);
  }

  // From 1; 0 when the file doesn't have the field. Of a map or a list, its
  // first entry's.
  int LineOf(const std::string& name) const {
    if (places_ == nullptr) return 0;
    const auto* field = FieldOf(name);
    return places_->GetLocation(field, field->is_repeated() ? 0 : -1).line + 1;
  }

  const google::protobuf::Message& message_;
  const TextFormat::ParseInfoTree* const places_;
  const std::string prefix_;
  const int line_;
  ConfigErrors* const errors_;
};

// "127.0.0.1:50051" → "127.0.0.1", 50051.
bool SplitAddress(std::string_view text, std::string_view* host, int* port) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  *host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), *port);
  if (error != std::errc() || end != digits.data() + digits.size()) return false;
  if (*port < 0 || *port > 65535) return false;
  if (host->find(':') == std::string_view::npos) return true;
  if (!host->starts_with('[') || !host->ends_with(']')) return false;
  *host = host->substr(1, host->size() - 2);
  return true;
}

// The message when `name` can't be a variable's name. It may be the key itself,
// so the message doesn't repeat it.
std::string ProblemOfVariable(const std::string& name) {
  const bool good = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  const auto has = [&name](auto is) { return std::any_of(name.begin(), name.end(), is); };
  const bool looks_random =
      name.size() >= 20 && has(absl::ascii_islower) && has(absl::ascii_isdigit);
  return good && !looks_random
             ? ""
             : "is no name of an environment variable, or looks like a key; write the variable's "
               "name, not the key itself";
}

// A key that is not in the environment is no error of the file: it is told at
// the start.
void CheckProviders(const config::v1::Config& proto, const TextFormat::ParseInfoTree& places,
                    ConfigErrors* errors) {
  const auto* field = proto.GetDescriptor()->FindFieldByName("providers");
  std::set<std::string> names;
  for (int i = 0; i < proto.providers_size(); ++i) {
    const config::v1::Provider& provider = proto.providers(i);
    const std::string name = fmt::format("providers[{}]", i);
    const Fields fields(provider, places.GetTreeForNested(field, i), name + ".",
                        places.GetLocation(field, i).line + 1, errors);
    if (!names.insert(provider.name()).second) {
      fields.Refuse("name", fmt::format("is \"{}\", which another provider has", provider.name()));
    }
    // The key is looked for at the start.
    config::v1::Provider without_key = provider;
    without_key.clear_api_key_command();
    if (std::string problem = ProblemOfVariable(provider.api_key_env()); !problem.empty()) {
      fields.Refuse("api_key_env", problem);
    } else if (absl::Status status = CheckProvider(provider, name).status();
               status.code() == absl::StatusCode::kInvalidArgument) {
      fields.RefuseWhole(MetadataOf(status)["field"], MessageOf(status));
    }
  }
}

// What the files hold is looked at when they are read: at the start, and by --check.
TlsConfig CheckTls(const config::v1::Config& proto, const TextFormat::ParseInfoTree& places,
                   ConfigErrors* errors) {
  const auto* field = proto.GetDescriptor()->FindFieldByName("tls");
  const config::v1::Tls& tls = proto.tls();
  const Fields fields(tls, places.GetTreeForNested(field, -1), "tls.",
                      places.GetLocation(field, -1).line + 1, errors);
  if (tls.certificate_file().empty()) {
    fields.Refuse("certificate_file", "is missing: name the PEM file of the server's certificate");
  }
  if (tls.key_file().empty()) {
    fields.Refuse("key_file", "is missing: name the PEM file of the certificate's private key");
  }
  TlsConfig config;
  config.files = {tls.certificate_file(), tls.key_file(), tls.client_ca_file()};
  config.http_without_client_certificate = tls.http_without_client_certificate();
  config.insecure_grpc_without_client_certificate = tls.insecure_grpc_without_client_certificate();
  return config;
}

Config CheckFields(const config::v1::Config& proto, const TextFormat::ParseInfoTree& places,
                   ConfigErrors* errors) {
  const Fields fields(proto, &places, "", 0, errors);
  Config config;
  config.insecure_plaintext = proto.insecure_plaintext();
  if (proto.has_tls()) config.tls = CheckTls(proto, places, errors);
  config.backup_directory = proto.backup_directory();
  if (proto.has_require_keys()) config.require_keys = proto.require_keys();
  config.max_message_bytes = fields.Number("max_message_bytes", 1 << 10, 64 << 20, 4 << 20);
  config.max_open_completions =
      static_cast<int>(fields.Number("max_open_completions", 1, 1'000'000, 10'000));
  config.max_connections = static_cast<int>(fields.Number("max_connections", 1, 1'000'000, 0));
  config.max_streams_per_connection =
      static_cast<int>(fields.Number("max_streams_per_connection", 1, 100'000, 1'000));
  config.drain = absl::Seconds(fields.Number("drain_seconds", 1, 3600, 20));
  config.drain_when_caller_gone =
      proto.on_caller_gone() == config::v1::Config::ON_CALLER_GONE_DRAIN;
  config.providers = proto.providers();
  config.completion_threads = static_cast<int>(
      fields.Number("completion_threads", 1, 256,
                    std::clamp<int64_t>(std::thread::hardware_concurrency(), 1, 256)));
  config.store_cache_bytes =
      fields.Number("store_cache_bytes", 8 << 20, int64_t{1} << 40, 256 << 20);
  config.min_free_bytes = fields.Number("min_free_bytes", 1 << 20, int64_t{1} << 40, 0);
  if (fields.Has("log_level")) {
    config.log_level = proto.log_level();
    if (!std::set<std::string>{"debug", "info", "warn", "error"}.contains(config.log_level)) {
      fields.Refuse("log_level",
                    fmt::format("is \"{}\"; it must be \"debug\", \"info\", \"warn\" or \"error\"",
                                config.log_level));
    }
  }
  if (fields.Has("listen")) {
    auto listen = ReadListen(proto.listen(), config);
    if (listen.ok()) config.listen = *std::move(listen);
    if (!listen.ok()) fields.Refuse("listen", MessageOf(listen.status()));
  }
  config.http_listen = ListenAddress{"127.0.0.1", 8080, true};
  if (fields.Has("http_listen")) {
    auto listen = ReadHttpListen(proto.http_listen(), config);
    if (listen.ok()) config.http_listen = *std::move(listen);
    if (!listen.ok()) fields.Refuse("http_listen", MessageOf(listen.status()));
  }
  for (const std::string& origin : proto.http_cors_origins()) {
    const bool has_scheme = origin.starts_with("https://") || origin.starts_with("http://");
    if (!has_scheme || std::count(origin.begin(), origin.end(), '/') != 2) {
      fields.Refuse("http_cors_origins",
                    fmt::format("has \"{}\", which is no origin: write a scheme and a host, "
                                "\"https://console.example.com\"",
                                origin));
    }
    config.http_cors_origins.push_back(origin);
  }
  CheckProviders(proto, places, errors);
  return config;
}

}  // namespace

absl::StatusOr<ListenAddress> ListenAddress::Parse(std::string_view text) {
  ListenAddress address;
  std::string_view host;
  boost::system::error_code error;
  if (SplitAddress(text, &host, &address.port)) {
    if (host == "localhost") host = "127.0.0.1";
    const auto ip = boost::asio::ip::make_address(std::string(host), error);
    if (!error) {
      address.host = ip.to_string();
      address.is_loopback = ip.is_loopback();
      return address;
    }
  }
  return InvalidArgument(
      "BAD_ADDRESS",
      fmt::format("is \"{}\", which is no address to listen on: write an IP address and a port, "
                  "\"127.0.0.1:50051\" or \"[::1]:50051\"; port 0 picks a free one",
                  text));
}

std::string ListenAddress::text() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

namespace {

absl::Status CheckEncrypted(const ListenAddress& address, const Config& config) {
  if (address.is_loopback || config.tls || config.insecure_plaintext) return absl::OkStatus();
  return InvalidArgument(
      "BAD_CONFIG",
      fmt::format("is \"{}\", which is not loopback, and there is no TLS: whatever is said would "
                  "cross the network readable and changeable for everyone on the way. Give `tls` a "
                  "certificate; or stay on 127.0.0.1, behind nginx with deploy/nginx.conf; or, on "
                  "a private network, set `insecure_plaintext: true`",
                  address.text()));
}

}  // namespace

absl::StatusOr<ListenAddress> ReadListen(std::string_view text, const Config& config) {
  ASSIGN_OR_RETURN(const ListenAddress address, ListenAddress::Parse(text));
  RETURN_IF_ERROR(CheckEncrypted(address, config));
  const bool knows_clients = !config.tls || !config.tls->files.client_ca.empty() ||
                             config.tls->insecure_grpc_without_client_certificate;
  if (address.is_loopback || knows_clients) return address;
  return InvalidArgument(
      "BAD_CONFIG",
      fmt::format(
          "is \"{}\", which is not loopback, and clients are asked for no certificate: gRPC 1.51 "
          "reads a header of any length before it looks at a key, so one stranger's connection "
          "can hold a core (CVE-2023-33953). Name the clients' authorities in "
          "`tls.client_ca_file`; or stay on 127.0.0.1, behind nginx with deploy/nginx.conf; or "
          "set `tls.insecure_grpc_without_client_certificate: true`",
          address.text()));
}

absl::StatusOr<std::optional<ListenAddress>> ReadHttpListen(std::string_view text,
                                                            const Config& config) {
  if (text == "off") return std::nullopt;
  ASSIGN_OR_RETURN(const ListenAddress address, ListenAddress::Parse(text));
  RETURN_IF_ERROR(CheckEncrypted(address, config));
  return address;
}

std::vector<std::string> DifferingFields(const Config& one, const Config& other) {
  std::vector<std::string> fields;
  const auto compare = [&](const char* name, auto member) {
    if (!(one.*member == other.*member)) fields.emplace_back(name);
  };
  compare("listen", &Config::listen);
  compare("insecure_plaintext", &Config::insecure_plaintext);
  compare("tls", &Config::tls);
  compare("backup_directory", &Config::backup_directory);
  compare("max_message_bytes", &Config::max_message_bytes);
  compare("max_open_completions", &Config::max_open_completions);
  compare("drain_seconds", &Config::drain);
  compare("on_caller_gone", &Config::drain_when_caller_gone);
  if (!std::equal(one.providers.begin(), one.providers.end(), other.providers.begin(),
                  other.providers.end(), MessageDifferencer::Equals)) {
    fields.emplace_back("providers");
  }
  compare("completion_threads", &Config::completion_threads);
  compare("store_cache_bytes", &Config::store_cache_bytes);
  compare("log_level", &Config::log_level);
  compare("max_connections", &Config::max_connections);
  compare("max_streams_per_connection", &Config::max_streams_per_connection);
  compare("min_free_bytes", &Config::min_free_bytes);
  compare("http_listen", &Config::http_listen);
  compare("http_cors_origins", &Config::http_cors_origins);
  compare("require_keys", &Config::require_keys);
  return fields;
}

absl::StatusOr<Config> ParseConfig(std::string_view text, const std::string& file) {
  ConfigErrors errors(file);
  config::v1::Config proto;
  TextFormat::ParseInfoTree places;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.WriteLocationsTo(&places);
  if (!parser.ParseFromString(std::string(text), &proto)) {
    RETURN_IF_ERROR(errors.status());
    return InvalidArgument("BAD_CONFIG", fmt::format("{}: can't be parsed", file));
  }
  Config config = CheckFields(proto, places, &errors);
  RETURN_IF_ERROR(errors.status());
  return config;
}

absl::StatusOr<Config> ReadConfig(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    error = std::make_error_code(std::errc::is_a_directory);
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) error = std::error_code(errno, std::generic_category());
  if (error) {
    return NotFound("CONFIG_NOT_FOUND",
                    fmt::format("can't read the configuration \"{}\": {}; name another file with "
                                "--config, or leave the flag out for the defaults",
                                path, error.message()));
  }
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return ParseConfig(text, path);
}

}  // namespace colophon
