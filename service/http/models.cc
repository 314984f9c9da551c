#include "service/http/models.h"

#include <utility>

#include "absl/time/time.h"
#include "colophon/v1/registry.pb.h"
#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/json.h"

namespace colophon {
namespace {

constexpr size_t kMaxModels = 10'000;
constexpr int kPageSize = 1'000;

json::object ModelOf(const std::string& name, const google::protobuf::Timestamp& time) {
  const absl::Time made = FromProto(time);
  return {{"id", name},
          {"object", "model"},
          {"created", absl::ToUnixSeconds(made)},
          {"owned_by", name.substr(0, name.find('/'))},
          {"type", "model"},
          {"display_name", name},
          {"created_at", absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", made, absl::UTCTimeZone())}};
}

void AddModels(const v1::Prompt& prompt, json::array* models) {
  for (const v1::Label& label : prompt.labels()) {
    models->push_back(ModelOf(label.name(), label.update_time()));
  }
  models->push_back(ModelOf(prompt.name() + "@latest", prompt.update_time()));
}

Task<absl::Status> AddModelsOf(MethodCaller& caller, const std::string& repository,
                               json::array* models) {
  v1::ListPromptsRequest request;
  request.set_name(repository);
  request.set_page_size(kPageSize);
  do {
    v1::ListPromptsResponse page;
    CO_RETURN_IF_ERROR(
        co_await caller.Call("colophon.v1.RegistryService.ListPrompts", request, &page));
    for (const v1::Prompt& prompt : page.prompts()) AddModels(prompt, models);
    if (models->size() > kMaxModels) {
      co_return ResourceExhausted(
          "ANSWER_TOO_LARGE",
          fmt::format("there are more than {} models: list the prompts of one repository by "
                      "RegistryService/ListPrompts",
                      kMaxModels));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  co_return absl::OkStatus();
}

}  // namespace

Task<absl::StatusOr<std::string>> ListModels(MethodCaller& caller) {
  json::array models;
  v1::ListRepositoriesRequest request;
  request.set_page_size(kPageSize);
  do {
    v1::ListRepositoriesResponse page;
    CO_RETURN_IF_ERROR(
        co_await caller.Call("colophon.v1.RegistryService.ListRepositories", request, &page));
    for (const v1::Repository& repository : page.repositories()) {
      CO_RETURN_IF_ERROR(co_await AddModelsOf(caller, repository.name(), &models));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  json::object list{{"object", "list"}, {"has_more", false}};
  list["first_id"] = models.empty() ? json::value(nullptr) : models.front().at("id");
  list["last_id"] = models.empty() ? json::value(nullptr) : models.back().at("id");
  list["data"] = std::move(models);
  co_return WriteJson(list);
}

Task<absl::StatusOr<std::string>> GetModel(MethodCaller& caller, const std::string& name) {
  v1::GetVersionRequest request;
  request.set_name(name);
  v1::GetVersionResponse response;
  CO_RETURN_IF_ERROR(
      co_await caller.Call("colophon.v1.RegistryService.GetVersion", request, &response));
  co_return WriteJson(ModelOf(name, response.version().publish_time()));
}

}  // namespace colophon
