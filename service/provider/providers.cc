#include "service/provider/providers.h"

#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "service/provider/anthropic.h"
#include "service/provider/echo.h"
#include "service/provider/http_provider.h"
#include "service/provider/openai.h"
#include "service/provider/provider_config.h"

namespace colophon {
namespace {

std::unique_ptr<Provider> NewProvider(CheckedProvider checked, const HttpClients* clients) {
  std::unique_ptr<WireFormat> format;
  if (checked.kind == config::v1::Provider::KIND_ANTHROPIC) {
    format = std::make_unique<AnthropicFormat>();
  } else {
    format = std::make_unique<OpenAiFormat>(checked.server);
  }
  return std::make_unique<HttpProvider>(std::move(checked.options), std::move(format), clients);
}

}  // namespace

Providers::Providers(Executor* executor, Workers* workers, int max_kept_connections)
    : clients_(std::make_unique<HttpClients>(executor, workers, max_kept_connections)) {}

Providers::~Providers() = default;

absl::StatusOr<std::unique_ptr<Providers>> Providers::Create(
    const google::protobuf::RepeatedPtrField<config::v1::Provider>& configs, Executor* executor,
    Workers* workers, int max_kept_connections) {
  std::unique_ptr<Providers> providers(new Providers(executor, workers, max_kept_connections));
  providers->Add("echo", std::make_unique<EchoProvider>());
  for (absl::StatusOr<CheckedProvider>& checked : CheckedProviders(configs)) {
    RETURN_IF_ERROR(checked.status());
    const std::string name = checked->options.name;
    providers->Add(name, NewProvider(*std::move(checked), providers->clients_.get()));
  }
  return providers;
}

void Providers::Add(std::string name, std::unique_ptr<Provider> provider) {
  providers_[std::move(name)] = std::move(provider);
}

absl::StatusOr<ProviderModel> Providers::Find(const std::string& model) const {
  const size_t slash = model.find('/');
  if (slash == model.npos || slash == 0 || slash + 1 == model.size()) {
    return InvalidArgument("BAD_MODEL", fmt::format("model \"{}\" is not \"provider/model\", like "
                                                    "\"openai/gpt-4o-mini\"",
                                                    model));
  }
  const std::string name = model.substr(0, slash);
  const auto found = providers_.find(name);
  if (found == providers_.end()) {
    return FailedPrecondition(
        "PROVIDER_UNKNOWN",
        fmt::format("model \"{}\" needs the provider \"{}\", which is not configured; there are: "
                    "{}. Add it to `providers` in the configuration",
                    model, name, fmt::join(names(), ", ")),
        {{"provider", name}});
  }
  return ProviderModel{.provider = found->second.get(), .model = model.substr(slash + 1)};
}

std::vector<std::string> Providers::names() const {
  std::vector<std::string> names;
  for (const auto& [name, provider] : providers_) names.push_back(name);
  return names;
}

}  // namespace colophon
