#pragma once

#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "service/completion/completer.h"
#include "service/completion/records.h"
#include "service/store/rocksdb/rocksdb_store.h"
#include "tests/testing/matchers.h"
#include "tests/testing/scripted_provider.h"
#include "tests/testing/temp_dir.h"

namespace colophon {

// Everything from the store up to the completer, real but for the provider,
// which is called "scripted" and answers as told.
class CompletionFixture : public testing::Test {
 protected:
  // A prompt of two messages, with a model and overrides that are allowed.
  static constexpr char kGreeting[] = R"(---
model: scripted/one
colophon.overrides: [model, temperature]
config:
  temperature: 0.5
---
{{role "system"}}
You greet.
{{role "user"}}
Hello {{name}}.
)";

  CompletionFixture();
  ~CompletionFixture() override;

  // Builds everything anew on the same folder, as after a restart.
  void Open();
  void Close();
  // What `scripted/…` answers from now on.
  ScriptedProvider* Script(std::vector<colophon::Script> scripts,
                           const std::string& provider = "scripted");

  // Publishes one file and points @production at the newest version.
  void Publish(const std::string& prompt, const std::string& text);
  void PublishChange(const v1::PublishRequest& request);

  using Variables = std::map<std::string, std::string>;
  static v1::CompleteRequest Request(const std::string& name, const Variables& variables = {});

  // A call that ran to its end.
  absl::StatusOr<v1::CompleteResponse> Complete(const v1::CompleteRequest& request,
                                                Call context = {});
  absl::StatusOr<v1::Record> Record(const std::string& id);
  // The only record there is.
  v1::Record OnlyRecord();

  TempDir directory_;
  Clock* clock_ = Clock::Real();
  CompleterOptions options_;
  // For the next Open.
  google::protobuf::RepeatedPtrField<config::v1::Provider> provider_configs_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<Registry> registry_;
  std::unique_ptr<Providers> providers_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<Completer> completer_;
  std::unique_ptr<Records> records_;
};

// A caller that keeps what it is sent, and takes it only while it is willing.
//
// Thread-safe.
class CollectingSink : public MessageSink {
 public:
  void Write(v1::StreamCompleteResponse message, std::function<void(bool)> written) override;

  // From now on nothing is taken, until Resume.
  void Pause();
  void Resume();
  // Waits until so many messages have come, at most 30 s. False: not.
  bool WaitFor(size_t count);
  std::vector<v1::StreamCompleteResponse> messages();
  // The text of the pieces.
  std::string text();

 private:
  std::mutex mu_;
  std::condition_variable came_;
  // Guarded by mu_.
  bool paused_ = false;
  std::function<void(bool)> waiting_;
  std::vector<v1::StreamCompleteResponse> messages_;
};

// What a call ends with.
class Ending {
 public:
  Completer::DoneFunction Done();
  absl::StatusOr<v1::CompleteResponse> Wait() { return promise_->get_future().get(); }

 private:
  std::shared_ptr<std::promise<absl::StatusOr<v1::CompleteResponse>>> promise_ =
      std::make_shared<std::promise<absl::StatusOr<v1::CompleteResponse>>>();
};

}  // namespace colophon
