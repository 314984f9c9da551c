#pragma once

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "service/registry/registry.h"
#include "service/store/rocksdb/rocksdb_store.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {

// Words for a publish request of repository "acme".
class Edit {
 public:
  explicit Edit(const std::string& description = "a change") {
    request_.set_repository("acme");
    request_.set_description(description);
    request_.set_author("Ada <ada@example.com>");
  }
  Edit& Write(const std::string& path, const std::string& content) {
    v1::FileEdit* const edit = request_.add_edits();
    edit->set_path(path);
    edit->set_content(content);
    return *this;
  }
  Edit& Delete(const std::string& path) {
    v1::FileEdit* const edit = request_.add_edits();
    edit->set_path(path);
    edit->set_remove(true);
    return *this;
  }
  // {{12, 90}, {13, 10}}; {} removes the label.
  Edit& Label(const std::string& prompt, const std::string& label,
              const std::vector<std::pair<uint32_t, uint32_t>>& targets) {
    v1::LabelMove* const move = request_.add_label_moves();
    move->set_prompt(prompt);
    move->set_label(label);
    for (const auto& [version, weight] : targets) {
      v1::LabelTarget* const target = move->mutable_targets()->add_targets();
      target->set_version(version);
      target->set_weight(weight);
    }
    return *this;
  }
  Edit& On(int64_t base_sequence) {
    request_.set_base_sequence(base_sequence);
    return *this;
  }
  Edit& Branch(const std::string& branch) {
    request_.set_branch(branch);
    return *this;
  }
  Edit& Id(const std::string& request_id) {
    request_.set_request_id(request_id);
    return *this;
  }
  Edit& By(const std::string& author) {
    request_.set_author(author);
    return *this;
  }
  Edit& OnlyCheck() {
    request_.set_validate_only(true);
    return *this;
  }
  v1::PublishRequest& request() { return request_; }

 private:
  v1::PublishRequest request_;
};

// A registry on a real store with the repository "acme".
class RegistryFixture : public testing::Test {
 protected:
  void SetUp() override {
    Open();
    ASSERT_OK(CreateRepository("acme"));
  }

  void Open() {
    RocksdbStoreOptions options;
    options.cache_bytes = 8 << 20;
    auto store = OpenRocksdbStore(directory_ / "store", options);
    ASSERT_OK(store);
    store_ = *std::move(store);
    auto registry = Registry::Open(store_.get(), &clock_);
    ASSERT_OK(registry);
    registry_ = *std::move(registry);
  }
  void Reopen() {
    registry_ = nullptr;
    store_ = nullptr;
    Open();
  }

  // Calls and waits for the reply.
  template <class Response, class Call>
  static absl::StatusOr<Response> Await(Call call) {
    auto promise = std::make_shared<std::promise<absl::StatusOr<Response>>>();
    auto future = promise->get_future();
    call([promise](absl::StatusOr<Response> result) { promise->set_value(std::move(result)); });
    if (future.wait_for(std::chrono::seconds(30)) != std::future_status::ready) {
      return Internal("no reply within 30 s");
    }
    return future.get();
  }

  absl::StatusOr<v1::CreateRepositoryResponse> CreateRepository(const std::string& name) {
    return Await<v1::CreateRepositoryResponse>([&](auto reply) {
      v1::CreateRepositoryRequest request;
      request.set_repository(name);
      registry_->CreateRepository(request, Call(), std::move(reply));
    });
  }
  absl::StatusOr<v1::PublishResponse> Publish(Edit edit) {
    return Await<v1::PublishResponse>(
        [&](auto reply) { registry_->Publish(edit.request(), {"tester"}, std::move(reply)); });
  }
  absl::StatusOr<v1::UpdateLabelResponse> UpdateLabel(const v1::UpdateLabelRequest& request) {
    return Await<v1::UpdateLabelResponse>(
        [&](auto reply) { registry_->UpdateLabel(request, {"tester"}, std::move(reply)); });
  }
  absl::StatusOr<v1::DeleteLabelResponse> DeleteLabel(const v1::DeleteLabelRequest& request) {
    return Await<v1::DeleteLabelResponse>(
        [&](auto reply) { registry_->DeleteLabel(request, {"tester"}, std::move(reply)); });
  }
  absl::StatusOr<v1::DeleteDraftResponse> DeleteDraft(const v1::DeleteDraftRequest& request) {
    return Await<v1::DeleteDraftResponse>(
        [&](auto reply) { registry_->DeleteDraft(request, {"tester"}, std::move(reply)); });
  }
  // Points "acme/PROMPT@LABEL" at one version.
  absl::StatusOr<v1::UpdateLabelResponse> Label(const std::string& name, uint32_t version) {
    v1::UpdateLabelRequest request;
    request.set_name(name);
    request.mutable_targets()->add_targets()->set_version(version);
    return UpdateLabel(request);
  }

  absl::StatusOr<v1::PublishResponse> Push(PushedCommits commits) {
    return Await<v1::PublishResponse>([&](auto reply) {
      registry_->PublishCommits(std::move(commits), {"tester"}, std::move(reply));
    });
  }
  // The version that a request means, and how it was found.
  absl::StatusOr<v1::GetVersionResponse> GetVersion(const v1::GetVersionRequest& request) {
    ASSIGN_OR_RETURN(const Resolution resolution, Await<Resolution>([&](auto reply) {
                       registry_->GetVersion(&workers_, request, Call(), std::move(reply));
                     }));
    v1::GetVersionResponse response;
    *response.mutable_version() = resolution.loaded->version;
    response.set_label(resolution.label);
    response.set_sequence(resolution.sequence);
    return response;
  }

  // What a reference resolves to: the version's name.
  absl::StatusOr<std::string> Resolve(const std::string& reference,
                                      const ResolveOptions& options = {}) {
    ASSIGN_OR_RETURN(const Resolution resolution, registry_->Resolve(reference, options, Call()));
    return resolution.loaded->version.name();
  }

  // Everything the registry serves, as text.
  std::string Dump() {
    std::string text;
    v1::ListRepositoriesRequest repositories;
    text += registry_->ListRepositories(repositories, Call())->DebugString();
    v1::ListPromptsRequest prompts;
    prompts.set_name("acme");
    prompts.set_show_archived(true);
    prompts.set_page_size(1000);
    text += registry_->ListPrompts(prompts, Call())->DebugString();
    v1::ListLabelsRequest labels;
    labels.set_name("acme");
    labels.set_page_size(1000);
    text += registry_->ListLabels(labels, Call())->DebugString();
    return text;
  }

  TempDir directory_;
  FakeClock clock_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Registry> registry_;
  Workers workers_{2, 64};  // First to go: they finish what they began.
};

}  // namespace colophon
