#pragma once

#include <string>
#include <vector>

#include "colophon/config/v1/config.pb.h"
#include "service/provider/http_provider.h"
#include "service/provider/openai.h"

namespace colophon {

// One provider of the configuration with every default in its place.
struct CheckedProvider {
  config::v1::Provider::Kind kind;
  HttpProviderOptions options;
  OpenAiServer server;  // Of KIND_OPENAI.
};

// Reads the key from where it is. `field` is where `config` stands
// ("providers[0]"), for errors; these are Providers::Create's, PROVIDER_KEY_MISSING
// the last.
absl::StatusOr<CheckedProvider> CheckProvider(const config::v1::Provider& config,
                                              const std::string& field);

// All that are configured; when none is, those whose vendor's variables are set. Names
// that two have are BAD_CONFIG.
std::vector<absl::StatusOr<CheckedProvider>> CheckedProviders(
    const google::protobuf::RepeatedPtrField<config::v1::Provider>& configs);

}  // namespace colophon
