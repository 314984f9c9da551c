#include "service/provider/provider_config.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "fmt/format.h"
#include "service/base/json.h"
#include "service/provider/http_url.h"
#include "service/provider/key_source.h"
#include "service/provider/provider_secrets.h"

namespace colophon {
namespace {

using Config = config::v1::Provider;

struct Vendor {
  const char* base_url;
  const char* key_env;
  const char* key_header;
  const char* path;
};
constexpr Vendor kOpenAi = {"https://api.openai.com/v1", "OPENAI_API_KEY", "authorization",
                            "/chat/completions"};
constexpr Vendor kAnthropic = {"https://api.anthropic.com/v1", "ANTHROPIC_API_KEY", "x-api-key",
                               "/messages"};

constexpr std::string_view kLowerAndDigits = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view kNameCharacters = "abcdefghijklmnopqrstuvwxyz0123456789_-";

absl::Status BadConfig(const std::string& field, std::string_view why) {
  return InvalidArgument("BAD_CONFIG", fmt::format("{} {}", field, why), {{"field", field}});
}

std::string Environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

// RFC 9110's token.
bool IsHeaderName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

// No control characters: a line break would begin another header.
bool IsHeaderValue(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

// What HttpClient and libcurl write themselves.
bool IsOwnHeader(const std::string& name) {
  static constexpr std::string_view kOwn[] = {
      "host",   "content-length", "content-type",    "transfer-encoding", "connection",
      "expect", "upgrade",        "accept-encoding", "traceparent"};
  return std::find(std::begin(kOwn), std::end(kOwn), name) != std::end(kOwn);
}

absl::Status CheckName(const Config& config, const std::string& field) {
  const std::string& name = config.name();
  if (name.empty() || name.size() > 32 || kLowerAndDigits.find(name[0]) == std::string::npos ||
      name.find_first_not_of(kNameCharacters) != name.npos) {
    return BadConfig(field + ".name",
                     fmt::format("is \"{}\"; it must match [a-z0-9][a-z0-9_-]{{0,31}}", name));
  }
  if (name == "echo") {
    return BadConfig(field + ".name",
                     "is \"echo\", which is the built-in provider; choose another");
  }
  return absl::OkStatus();
}

absl::Status CheckUrl(const Config& config, const std::string& field, HttpProviderOptions* to) {
  const std::string where = field + ".base_url";
  const absl::StatusOr<HttpUrl> url = ParseHttpUrl(to->base_url);
  if (!url.ok()) return BadConfig(where, MessageOf(url.status()));
  if (url->has_userinfo) {
    return BadConfig(where, "holds a user or password; name the key's variable in api_key_env");
  }
  if (url->has_query) return BadConfig(where, "holds \"?\" or \"#\"; use the field query");
  if (url->scheme == "http" && !url->IsLoopback() && !config.insecure_cleartext()) {
    return BadConfig(where, fmt::format("is \"{}\", which sends prompts and keys readable for "
                                        "everyone on the way; use https, or set "
                                        "insecure_cleartext: true",
                                        to->base_url));
  }
  if (!absl::StartsWith(to->path, "/") || !IsHeaderValue(to->path) ||
      to->path.find_first_of("?# \t") != std::string::npos) {
    // What stands behind may be a key.
    return BadConfig(field + ".path",
                     fmt::format("begins \"{}\"; it must begin with \"/\" and hold no \"?\", "
                                 "\"#\" or space: what follows \"?\" belongs into query",
                                 to->path.substr(0, to->path.find_first_of("?# \t"))));
  }
  if (!IsHeaderValue(to->query) || to->query.find_first_of("# \t") != std::string::npos) {
    // Not shown: it may hold a key.
    return BadConfig(field + ".query", "holds \"#\", a space or a control character");
  }
  return absl::OkStatus();
}

absl::Status CheckEgress(const Config& config, const std::string& field, HttpProviderOptions* to) {
  ASSIGN_OR_RETURN(const HttpUrl url, ParseHttpUrl(to->base_url));
  auto egress = Egress::Make(url, {config.allow_networks().begin(), config.allow_networks().end()});
  if (egress.ok()) {
    to->egress = *std::move(egress);
    return absl::OkStatus();
  }
  const std::string message = MessageOf(egress.status());
  const size_t name = message.find(' ');
  return BadConfig(field + "." + message.substr(0, name), message.substr(name + 1));
}

absl::Status CheckHeaders(const Config& config, const std::string& field, HttpProviderOptions* to) {
  for (const auto& [given, value] : config.headers()) {
    const std::string name = absl::AsciiStrToLower(given);
    if (!IsHeaderName(name) || IsOwnHeader(name) || name == to->key_header) {
      return BadConfig(
          field + ".headers",
          fmt::format("sets \"{}\", which is not a header that can be set here", given));
    }
    if (!IsHeaderValue(value)) {
      return BadConfig(field + ".headers",
                       fmt::format("\"{}\" has a control character in its value", given));
    }
    to->headers.emplace_back(name, value);
  }
  std::sort(to->headers.begin(), to->headers.end());  // A map has no order.
  return absl::OkStatus();
}

// The variable that holds the key; empty: no variable does.
std::string KeyVariableOf(const Config& config, const Vendor& vendor,
                          const HttpProviderOptions& options) {
  if (!config.api_key_env().empty()) return config.api_key_env();
  if (!config.api_key_file().empty() || config.api_key_command_size() > 0) return "";
  return options.base_url == vendor.base_url ? vendor.key_env : "";
}

absl::Status CheckKeyHeader(const Config& config, const Vendor& vendor, const std::string& field,
                            HttpProviderOptions* to) {
  to->key_header = absl::AsciiStrToLower(config.api_key_header().empty() ? vendor.key_header
                                                                         : config.api_key_header());
  if (!IsHeaderName(to->key_header) || IsOwnHeader(to->key_header)) {
    return BadConfig(field + ".api_key_header",
                     fmt::format("is \"{}\", which can't carry a key", config.api_key_header()));
  }
  if (to->key_header == "authorization") to->key_scheme = "Bearer ";
  return absl::OkStatus();
}

// What the field says where the key is, and the key. Empty: it isn't there.
absl::Status ReadKey(const Config& config, const Vendor& vendor, const std::string& field,
                     HttpProviderOptions* to) {
  const std::string variable = KeyVariableOf(config, vendor, *to);
  const int places = (config.api_key_env().empty() ? 0 : 1) +
                     (config.api_key_file().empty() ? 0 : 1) +
                     (config.api_key_command_size() == 0 ? 0 : 1);
  if (!config.api_key_file().empty()) {
    to->key_field = "api_key_file";
    to->key_source = "the file " + config.api_key_file();
  } else if (config.api_key_command_size() > 0) {
    to->key_field = "api_key_command";
    to->key_source = "the output of " + config.api_key_command(0);
  } else if (!variable.empty()) {
    to->key_source = "the environment variable " + variable;
  }
  if (places > 1) {
    return BadConfig(field + "." + to->key_field,
                     "is not the only one of api_key_env, api_key_file and api_key_command: say "
                     "once where the key is");
  }
  if (to->key_field == "api_key_file") {
    ASSIGN_OR_RETURN(to->key, ReadKeyFile(config.api_key_file(), field));
  } else if (to->key_field == "api_key_command") {
    ASSIGN_OR_RETURN(
        to->key,
        RunKeyCommand({config.api_key_command().begin(), config.api_key_command().end()}, field));
  } else if (!variable.empty()) {
    to->key = Environment(variable);
  }
  absl::StripAsciiWhitespace(&to->key);  // Files end with a line break.
  if (!IsHeaderValue(to->key) || !IsUtf8(to->key)) {
    return BadConfig(
        field + "." + to->key_field,
        fmt::format("leads to {}, which holds a control character or isn't UTF-8", to->key_source));
  }
  return absl::OkStatus();
}

absl::Status CheckLimits(const Config& config, const std::string& field, HttpLimits* to) {
  const struct {
    const char* name;
    int32_t given;
    absl::Duration* limit;
  } limits[] = {{"connect_timeout_ms", config.connect_timeout_ms(), &to->connect},
                {"first_byte_timeout_ms", config.first_byte_timeout_ms(), &to->first_byte},
                {"idle_timeout_ms", config.idle_timeout_ms(), &to->idle},
                {"total_timeout_ms", config.total_timeout_ms(), &to->total}};
  for (const auto& limit : limits) {
    if (limit.given < 0) {
      return BadConfig(fmt::format("{}.{}", field, limit.name),
                       fmt::format("is {}; it must not be negative", limit.given));
    }
    if (limit.given > 0) *limit.limit = absl::Milliseconds(limit.given);
  }
  if (config.max_response_bytes() < 0) {
    return BadConfig(field + ".max_response_bytes",
                     fmt::format("is {}; it must not be negative", config.max_response_bytes()));
  }
  if (config.max_response_bytes() > 0) to->max_body_bytes = config.max_response_bytes();
  return absl::OkStatus();
}

absl::Status CheckKeepRaw(const Config& config, const std::string& field, KeepRaw* to) {
  if (config.keep_raw() == Config::KEEP_RAW_ALWAYS) to->when = KeepRaw::When::kAlways;
  if (config.keep_raw() == Config::KEEP_RAW_NEVER) to->when = KeepRaw::When::kNever;
  const int64_t bytes = config.keep_raw_bytes();
  if (bytes == 0) return absl::OkStatus();
  if (bytes < int64_t{KeepRaw::kMinBytes} || bytes > int64_t{KeepRaw::kMaxBytes}) {
    return BadConfig(
        field + ".keep_raw_bytes",
        fmt::format("is {}; it must be {} to {}", bytes, KeepRaw::kMinBytes, KeepRaw::kMaxBytes));
  }
  to->max_body_bytes = static_cast<size_t>(bytes);
  return absl::OkStatus();
}

// libcurl reads it with each connection, and says then that TLS failed.
absl::Status CheckCaFile(const std::string& path, const std::string& field) {
  if (path.empty()) return absl::OkStatus();
  std::error_code error;
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path, error)) {
    return BadConfig(field + ".ca_file", fmt::format("is \"{}\", which can't be read", path));
  }
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!absl::StrContains(text, "CERTIFICATE-----")) {
    return BadConfig(field + ".ca_file",
                     fmt::format("is \"{}\", which holds no certificate in PEM", path));
  }
  return absl::OkStatus();
}

OpenAiServer ServerOf(const std::string& base_url) {
  const absl::StatusOr<HttpUrl> url = ParseHttpUrl(base_url);
  if (!url.ok()) return {};
  const bool is_openai =
      url->host == "api.openai.com" || absl::EndsWith(url->host, ".api.openai.com");
  return {.is_vendor = is_openai || absl::EndsWith(url->host, ".openai.azure.com"),
          .has_vendors_models = is_openai,
          .reasoning_member = {}};
}

absl::Status CheckReasoning(const Config& config, const std::string& field) {
  const std::string& member = config.send_reasoning();
  if (member.empty()) return absl::OkStatus();
  if (config.kind() == Config::KIND_ANTHROPIC) {
    return BadConfig(field + ".send_reasoning",
                     "is for KIND_OPENAI; Anthropic's API has a place for it, and it is sent");
  }
  if (member == "reasoning_content" || member == "reasoning") return absl::OkStatus();
  return BadConfig(field + ".send_reasoning",
                   fmt::format("is \"{}\"; use \"reasoning_content\" or \"reasoning\"", member));
}

// When none is configured.
std::vector<Config> ProvidersOfEnvironment() {
  std::vector<Config> configs;
  if (!Environment(kOpenAi.key_env).empty()) {
    Config& config = configs.emplace_back();
    config.set_name("openai");
    config.set_kind(Config::KIND_OPENAI);
    config.set_api_key_env(kOpenAi.key_env);
    config.set_base_url(Environment("OPENAI_BASE_URL"));
  }
  if (!Environment(kAnthropic.key_env).empty()) {
    Config& config = configs.emplace_back();
    config.set_name("anthropic");
    config.set_kind(Config::KIND_ANTHROPIC);
    config.set_api_key_env(kAnthropic.key_env);
    // The vendor's SDKs take it without the version, ours has it.
    std::string base_url = Environment("ANTHROPIC_BASE_URL");
    while (absl::EndsWith(base_url, "/")) base_url.pop_back();
    if (!base_url.empty() && !absl::EndsWith(base_url, "/v1")) base_url += "/v1";
    config.set_base_url(base_url);
  }
  return configs;
}

}  // namespace

absl::StatusOr<CheckedProvider> CheckProvider(const Config& config, const std::string& field) {
  RETURN_IF_ERROR(CheckName(config, field));
  if (config.kind() != Config::KIND_OPENAI && config.kind() != Config::KIND_ANTHROPIC) {
    return BadConfig(field + ".kind", "is not given; use KIND_OPENAI or KIND_ANTHROPIC");
  }
  const bool is_openai = config.kind() == Config::KIND_OPENAI;
  const Vendor& vendor = is_openai ? kOpenAi : kAnthropic;
  CheckedProvider checked{.kind = config.kind(), .options = {}, .server = {}};
  HttpProviderOptions& options = checked.options;
  options.name = config.name();
  options.base_url = config.base_url().empty() ? vendor.base_url : config.base_url();
  while (absl::EndsWith(options.base_url, "/")) options.base_url.pop_back();
  options.path = config.path().empty() ? vendor.path : config.path();
  options.query = config.query();
  RETURN_IF_ERROR(CheckUrl(config, field, &options));
  RETURN_IF_ERROR(CheckEgress(config, field, &options));
  RETURN_IF_ERROR(CheckKeyHeader(config, vendor, field, &options));
  RETURN_IF_ERROR(ReadKey(config, vendor, field, &options));
  RETURN_IF_ERROR(CheckHeaders(config, field, &options));
  const auto is_version = [](const auto& header) { return header.first == "anthropic-version"; };
  if (!is_openai && std::none_of(options.headers.begin(), options.headers.end(), is_version)) {
    options.headers.emplace_back("anthropic-version", "2023-06-01");
  }
  ASSIGN_OR_RETURN(options.secrets, SecretsOf(options, field));
  RETURN_IF_ERROR(CheckLimits(config, field, &options.limits));
  RETURN_IF_ERROR(CheckKeepRaw(config, field, &options.keep_raw));
  RETURN_IF_ERROR(CheckCaFile(config.ca_file(), field));
  options.ca_file = config.ca_file();
  options.keep_connections = !config.has_keep_connections() || config.keep_connections();
  checked.server = ServerOf(options.base_url);
  RETURN_IF_ERROR(CheckReasoning(config, field));
  checked.server.reasoning_member = config.send_reasoning();
  if (!options.key_source.empty() && options.key.empty()) {
    const bool is_variable = options.key_field == "api_key_env";
    return KeyMissing(fmt::format("provider \"{}\" needs its API key in {}, which is {}",
                                  config.name(), options.key_source,
                                  is_variable ? "not set" : "empty"));
  }
  return checked;
}

std::vector<absl::StatusOr<CheckedProvider>> CheckedProviders(
    const google::protobuf::RepeatedPtrField<Config>& configs) {
  const std::vector<Config> found = configs.empty()
                                        ? ProvidersOfEnvironment()
                                        : std::vector<Config>(configs.begin(), configs.end());
  std::set<std::string> names;
  std::vector<absl::StatusOr<CheckedProvider>> checked;
  for (size_t i = 0; i < found.size(); ++i) {
    const std::string& name = found[i].name();
    // What isn't in the file can only be wrong in the environment.
    const std::string field = configs.empty() ? fmt::format("environment: provider {}", name)
                                              : fmt::format("providers[{}]", i);
    if (names.insert(name).second) {
      checked.push_back(CheckProvider(found[i], field));
    } else {
      checked.push_back(
          BadConfig(field + ".name", fmt::format("is \"{}\", which another provider has", name)));
    }
  }
  return checked;
}

}  // namespace colophon
