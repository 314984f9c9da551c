#include "tests/completion/completion_fixture.h"

#include <chrono>
#include <utility>

#include "service/record/terms.h"

namespace colophon {

CompletionFixture::CompletionFixture() {
  Open();
  std::promise<absl::Status> created;
  v1::CreateRepositoryRequest request;
  request.set_repository("acme");
  registry_->CreateRepository(request, Call(),
                              [&](auto response) { created.set_value(StatusOf(response)); });
  EXPECT_OK(created.get_future().get());
}

CompletionFixture::~CompletionFixture() { Close(); }

void CompletionFixture::Open() {
  Close();
  RocksdbStoreOptions store_options;
  store_options.terms = MakeRecordTerms();
  auto store = OpenRocksdbStore(directory_ / "store", store_options);
  EXPECT_OK(store);
  store_ = *std::move(store);
  executor_ = std::make_unique<Executor>(2);
  workers_ = std::make_unique<Workers>(4, 100);
  auto registry = Registry::Open(store_.get(), clock_);
  EXPECT_OK(registry);
  registry_ = *std::move(registry);
  auto providers = Providers::Create(provider_configs_, executor_.get(), workers_.get());
  EXPECT_OK(providers);
  providers_ = *std::move(providers);
  recorder_ = std::make_unique<Recorder>(store_.get(), clock_);
  EXPECT_OK(recorder_->CloseAbandonedRecords());
  completer_ = std::make_unique<Completer>(registry_.get(), providers_.get(), recorder_.get(),
                                           executor_.get(), workers_.get(), clock_, options_);
  records_ = std::make_unique<Records>(store_.get(), registry_.get(), providers_.get(),
                                       recorder_.get(), clock_);
}

void CompletionFixture::Close() {
  if (completer_ != nullptr) completer_->Stop(absl::InfinitePast());
  if (workers_ != nullptr) workers_->Stop();
  if (executor_ != nullptr) executor_->Stop();
  records_.reset();
  completer_.reset();
  recorder_.reset();
  providers_.reset();
  registry_.reset();
  workers_.reset();
  executor_.reset();
  store_.reset();
}

ScriptedProvider* CompletionFixture::Script(std::vector<colophon::Script> scripts,
                                            const std::string& provider) {
  auto scripted = std::make_unique<ScriptedProvider>(std::move(scripts));
  ScriptedProvider* raw = scripted.get();
  providers_->Add(provider, std::move(scripted));
  return raw;
}

void CompletionFixture::Publish(const std::string& prompt, const std::string& text) {
  v1::PublishRequest request;
  request.set_repository("acme");
  request.set_description("edit " + prompt);
  request.set_author("Ada <ada@example.com>");
  v1::FileEdit* edit = request.add_edits();
  edit->set_path(prompt + ".prompt");
  edit->set_content(text);
  v1::LabelMove* move = request.add_label_moves();
  move->set_prompt(prompt);
  move->set_label("production");
  move->mutable_targets()->add_targets()->set_version(0);
  PublishChange(request);
}

void CompletionFixture::PublishChange(const v1::PublishRequest& request) {
  std::promise<absl::Status> published;
  registry_->Publish(request, {}, [&](auto response) { published.set_value(StatusOf(response)); });
  ASSERT_OK(published.get_future().get());
}

v1::CompleteRequest CompletionFixture::Request(const std::string& name,
                                               const Variables& variables) {
  v1::CompleteRequest request;
  request.set_name(name);
  for (const auto& [key, value] : variables) {
    (*request.mutable_variables()->mutable_fields())[key].set_string_value(value);
  }
  return request;
}

absl::StatusOr<v1::CompleteResponse> CompletionFixture::Complete(const v1::CompleteRequest& request,
                                                                 Call context) {
  Ending ending;
  completer_->Start(std::move(context), request, nullptr, ending.Done());
  return ending.Wait();
}

absl::StatusOr<v1::Record> CompletionFixture::Record(const std::string& id) {
  return store_->GetRecord(id);
}

v1::Record CompletionFixture::OnlyRecord() {
  RecordQuery query;
  query.repository = "acme";
  auto records = store_->ListRecords(query);
  EXPECT_OK(records);
  EXPECT_EQ(records->size(), 1u);
  return records->empty() ? v1::Record() : records->front();
}

void CollectingSink::Write(v1::StreamCompleteResponse message, std::function<void(bool)> written) {
  {
    std::lock_guard lock(mu_);
    messages_.push_back(std::move(message));
    came_.notify_all();
    if (paused_) {
      waiting_ = std::move(written);
      return;
    }
  }
  written(true);
}

void CollectingSink::Pause() {
  std::lock_guard lock(mu_);
  paused_ = true;
}

void CollectingSink::Resume() {
  std::function<void(bool)> written;
  {
    std::lock_guard lock(mu_);
    paused_ = false;
    written.swap(waiting_);
  }
  if (written) written(true);
}

bool CollectingSink::WaitFor(size_t count) {
  std::unique_lock lock(mu_);
  return came_.wait_for(lock, std::chrono::seconds(30), [&] { return messages_.size() >= count; });
}

std::vector<v1::StreamCompleteResponse> CollectingSink::messages() {
  std::lock_guard lock(mu_);
  return messages_;
}

std::string CollectingSink::text() {
  std::string text;
  for (const auto& message : messages()) text += message.piece().text();
  return text;
}

Completer::DoneFunction Ending::Done() {
  return [promise = promise_](absl::StatusOr<v1::CompleteResponse> response) {
    promise->set_value(std::move(response));
  };
}

}  // namespace colophon
