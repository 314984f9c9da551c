#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "colophon/config/v1/config.pb.h"
#include "service/base/executor.h"
#include "service/base/workers.h"
#include "service/provider/http_connections.h"
#include "service/provider/provider.h"

namespace colophon {

class HttpClients;

// A provider and what it calls the model: what "openai/gpt-4o" stands for.
struct ProviderModel {
  Provider* provider = nullptr;
  std::string model;  // "gpt-4o"
};

// The providers that are configured, by name. `echo` is always there.
//
// Thread-safe after construction.
class Providers {
 public:
  // Reads API keys from the environment. FAILED_PRECONDITION
  // PROVIDER_KEY_MISSING names the variable that a configured provider lacks;
  // INVALID_ARGUMENT BAD_CONFIG names the field. Large answers are read on the
  // workers. At most `max_kept_connections` are kept for further calls.
  static absl::StatusOr<std::unique_ptr<Providers>> Create(
      const google::protobuf::RepeatedPtrField<config::v1::Provider>& configs, Executor* executor,
      Workers* workers, int max_kept_connections = HttpConnections::kMaxKept);
  // REQUIRES: the executor is stopped, but not destroyed. Calls that were not
  // destroyed by then fail; they may outlive it.
  ~Providers();

  // Adds or replaces one; for tests, before the first call.
  void Add(std::string name, std::unique_ptr<Provider> provider);

  // FAILED_PRECONDITION PROVIDER_UNKNOWN lists the names there are;
  // INVALID_ARGUMENT BAD_MODEL when it is not "provider/model".
  absl::StatusOr<ProviderModel> Find(const std::string& model) const;

  // Sorted.
  std::vector<std::string> names() const;

 private:
  Providers(Executor* executor, Workers* workers, int max_kept_connections);

  std::unique_ptr<HttpClients> clients_;
  std::map<std::string, std::unique_ptr<Provider>> providers_;
};

}  // namespace colophon
