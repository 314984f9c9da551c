// What a person who runs colophond relies on.

#include <signal.h>

#include <filesystem>
#include <map>

#include "absl/strings/str_replace.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/base/json.h"
#include "tests/e2e/e2e_test.h"
#include "tests/testing/eventually.h"
#include "tests/testing/matchers.h"
#include "tests/testing/model_server.h"
#include "tests/testing/model_wire.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The first line of `text` that has `part`; a failure when none has.
std::string LineWith(const std::string& text, const std::string& part) {
  const size_t at = text.find(part);
  EXPECT_NE(at, text.npos) << "no line has " << part;
  if (at == text.npos) return "";
  const size_t begin = text.rfind('\n', at) + 1;
  return text.substr(begin, text.find('\n', at) - begin);
}

class ServerProcessTest : public E2eTest {
 protected:
  v1::Record RecordOf(const std::string& id) {
    v1::GetRecordRequest request;
    request.set_id(id);
    const absl::StatusOr<v1::GetRecordResponse> found = client().GetRecord(request);
    EXPECT_OK(found);
    return found.ok() ? found->record() : v1::Record();
  }

  void ExpectWholeStore() {
    const absl::StatusOr<v1::VerifyStoreResponse> store = client().VerifyStore({});
    ASSERT_OK(store);
    EXPECT_THAT(store->problems(), IsEmpty()) << store->DebugString();
    EXPECT_EQ(store->open_record_count(), 0);
  }

  // A stream that has its first piece, from a model that says no more before
  // the gate is opened.
  Stream<v1::StreamCompleteResponse> OpenStream(std::string* record) {
    v1::StreamCompleteRequest request;
    *request.mutable_call() = CallOf("acme/support/greet", "Say something long.");
    request.mutable_call()->mutable_overrides()->set_model("slow/talker");
    Stream<v1::StreamCompleteResponse> stream = client().StreamComplete(request);
    v1::StreamCompleteResponse event;
    EXPECT_TRUE(stream.Read(&event));
    *record = event.start().record();
    EXPECT_TRUE(stream.Read(&event));
    EXPECT_EQ(event.piece().text(), "Once ");
    return stream;
  }

  // Speaks OpenAI's format; the second half of its answer waits for `gate_`.
  std::string SlowModel(const std::string& more = "") {
    model_.SetHandler([this](const ModelRequest&) {
      return ModelAnswer()
          .Send(HttpChunkedHead() + HttpChunk(OpenAiTextEvent("Once ")))
          .WaitFor(gate_)
          .Send(HttpChunk(OpenAiTextEvent("upon a time.")))
          .Send(HttpChunk("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":"
                          "\"stop\"}]}\n\ndata: [DONE]\n\n") +
                HttpChunkEnd());
    });
    return fmt::format("providers {{ name: \"slow\" kind: KIND_OPENAI base_url: \"{}\" }} {}",
                       model_.base_url(), more);
  }

  std::shared_ptr<ModelGate> gate_ = std::make_shared<ModelGate>();
  ModelServer model_;
};

TEST_F(ServerProcessTest, KeepsEverythingAcrossARestart) {
  Serve();
  PublishGreet();
  const v1::CompleteResponse call = CallGreet("Hello, Ada.");
  StopServing();
  Serve();
  const v1::Record record = RecordOf(call.record());
  EXPECT_EQ(TextOf(record.outcome().completion()), "Hello, Ada.");
  EXPECT_EQ(record.outcome().status(), v1::RECORD_STATUS_OK);
  EXPECT_EQ(CallGreet("Again.").version(), "acme/support/greet@v1");
  ExpectWholeStore();
}

TEST_F(ServerProcessTest, LetsAnOpenStreamFinishAfterSigterm) {
  Serve(SlowModel());
  PublishGreet();
  std::string id;
  Stream<v1::StreamCompleteResponse> stream = OpenStream(&id);
  const Client late = client();
  server().Signal(SIGTERM);
  // It takes no new calls, but still waits for this one.
  CallOptions once;
  once.max_attempts = 1;
  bool takes_calls = true;
  for (int i = 0; i < 100'000 && takes_calls; ++i) {
    takes_calls = late.Complete(CallOf("acme/support/greet", "Too late?"), once).ok();
  }
  EXPECT_FALSE(takes_calls);
  gate_->Open();
  v1::StreamCompleteResponse event;
  v1::CompleteResponse last;
  while (stream.Read(&event)) {
    if (event.has_response()) last = event.response();
  }
  EXPECT_OK(stream.Finish());
  EXPECT_EQ(TextOf(last.completion()), "Once upon a time.");
  EXPECT_EQ(server().AwaitExitCode(), 0) << server().log();
  Serve();
  EXPECT_EQ(RecordOf(id).outcome().status(), v1::RECORD_STATUS_OK);
  ExpectWholeStore();
}

TEST_F(ServerProcessTest, RecordsAStreamThatOutlivesTheDrainAsCut) {
  Serve(SlowModel("drain_seconds: 1"));
  PublishGreet();
  std::string id;
  Stream<v1::StreamCompleteResponse> stream = OpenStream(&id);
  EXPECT_EQ(server().Terminate(), 0) << server().log();
  v1::StreamCompleteResponse event;
  while (stream.Read(&event)) {
  }
  EXPECT_FALSE(stream.Finish().ok());
  Serve();
  const v1::Record record = RecordOf(id);
  EXPECT_EQ(record.outcome().status(), v1::RECORD_STATUS_CUT);
  EXPECT_EQ(TextOf(record.outcome().completion()), "Once ");
  EXPECT_EQ(record.outcome().piece_count(), 1);
  ExpectWholeStore();
}

TEST_F(ServerProcessTest, SigintStopsItInGoodOrderToo) {
  Serve();
  PublishGreet();
  const v1::CompleteResponse call = CallGreet("Before the end.");
  server().Signal(SIGINT);
  EXPECT_EQ(server().AwaitExitCode(), 0) << server().log();
  Serve();
  EXPECT_EQ(RecordOf(call.record()).outcome().status(), v1::RECORD_STATUS_OK);
  ExpectWholeStore();
}

TEST_F(ServerProcessTest, ASecondSignalEndsItAtOnceAndNothingAcknowledgedIsLost) {
  Serve(SlowModel());
  PublishGreet();
  const v1::CompleteResponse call = CallGreet("Before the end.");
  std::string id;
  Stream<v1::StreamCompleteResponse> stream = OpenStream(&id);
  server().Signal(SIGTERM);
  // Two signals that are both unread would count as one.
  EXPECT_TRUE(Eventually([&] { return server().HasLogged("event=signal"); }));
  server().Signal(SIGTERM);
  EXPECT_EQ(server().AwaitExitCode(), 130);
  stream.Cancel();
  Serve();
  EXPECT_EQ(RecordOf(id).outcome().status(), v1::RECORD_STATUS_UNKNOWN);
  EXPECT_EQ(RecordOf(call.record()).outcome().status(), v1::RECORD_STATUS_OK);
  ExpectWholeStore();
}

// Kind: a signal that operators send to reload, and whose default kills.
TEST_F(ServerProcessTest, SighupTakesOverWhatItCanAndNamesWhatNeedsARestart) {
  Serve(R"(log_level: "warn" drain_seconds: 60)");
  PublishGreet();
  EXPECT_FALSE(server().HasLogged("rpc=Publish"));
  WriteFile(dir() / "colophond.textproto",
            R"(log_level: "debug" drain_seconds: 1 max_connections: 99 http_listen: "off"
               providers { name: "new" kind: KIND_OPENAI base_url: "http://127.0.0.1:9" })");
  server().Signal(SIGHUP);
  EXPECT_TRUE(Eventually([&] { return server().HasLogged("event=restart_needed"); }));
  EXPECT_THAT(server().log(),
              AllOf(HasSubstr("level=info event=reloaded changed=drain_seconds,log_level\n"),
                    HasSubstr("level=warn event=restart_needed fields=providers,max_connections "
                              "message=\"what the configuration has for these holds after a "
                              "restart\"\n")));
  CallGreet("Still there.");
  EXPECT_TRUE(Eventually([&] { return server().HasLogged("rpc=Complete"); }));
  EXPECT_EQ(client().GetServerInfo({})->providers(0), "echo");
  EXPECT_EQ(client().GetServerInfo({})->providers_size(), 1);
}

TEST_F(ServerProcessTest, ADrainThatWasReloadedHolds) {
  Serve(SlowModel("drain_seconds: 3600"));
  PublishGreet();
  std::string id;
  Stream<v1::StreamCompleteResponse> stream = OpenStream(&id);
  WriteFile(dir() / "colophond.textproto", SlowModel("drain_seconds: 1"));
  server().Signal(SIGHUP);
  EXPECT_TRUE(Eventually([&] { return server().HasLogged("changed=drain_seconds"); }));
  EXPECT_EQ(server().Terminate(), 0) << server().log();
}

TEST_F(ServerProcessTest, ABadFileIsRefusedAndWhatHeldHoldsOn) {
  Serve(R"(log_level: "info")");
  PublishGreet();
  const std::string config = dir() / "colophond.textproto";
  WriteFile(config, "log_level: \"debug\"\ndrain_seconds: -5\n");
  server().Signal(SIGHUP);
  EXPECT_TRUE(Eventually([&] { return server().HasLogged("event=reload_refused"); }));
  EXPECT_THAT(server().log(), HasSubstr(config + ":2: drain_seconds is -5; it must be 1 to 3600"));
  std::filesystem::remove(config);
  server().Signal(SIGHUP);
  EXPECT_TRUE(Eventually([&] { return server().TimesLogged("event=reload_refused") == 2; }));
  EXPECT_THAT(server().log(), HasSubstr("can't read the configuration"));
  CallGreet("Still there.");
  StopServing();
  EXPECT_FALSE(server().HasLogged("level=debug"));
  EXPECT_FALSE(server().HasLogged("event=reloaded"));
}

TEST_F(ServerProcessTest, SighupNeitherShortensADrainNorEndsAServerWithoutAFile) {
  Serve();
  server().Signal(SIGHUP);
  EXPECT_TRUE(Eventually([&] { return server().HasLogged("event=reloaded changed=\"\""); }));
  StopServing();

  Serve(SlowModel());
  PublishGreet();
  std::string id;
  Stream<v1::StreamCompleteResponse> stream = OpenStream(&id);
  server().Signal(SIGTERM);
  EXPECT_TRUE(Eventually([&] { return server().HasLogged("name=Terminated"); }));
  server().Signal(SIGHUP);
  gate_->Open();
  v1::StreamCompleteResponse event;
  while (stream.Read(&event)) {
  }
  EXPECT_OK(stream.Finish());
  EXPECT_EQ(server().AwaitExitCode(), 0) << server().log();
}

TEST_F(ServerProcessTest, StandsStillAndGoesOn) {
  Serve(SlowModel());
  PublishGreet();
  std::string id;
  Stream<v1::StreamCompleteResponse> stream = OpenStream(&id);
  server().Signal(SIGSTOP);
  gate_->Open();  // The model's answer arrives while nobody is there.
  server().Signal(SIGCONT);
  v1::StreamCompleteResponse event;
  v1::CompleteResponse last;
  while (stream.Read(&event)) {
    if (event.has_response()) last = event.response();
  }
  EXPECT_OK(stream.Finish());
  EXPECT_EQ(TextOf(last.completion()), "Once upon a time.");
  EXPECT_EQ(RecordOf(id).outcome().status(), v1::RECORD_STATUS_OK);
}

// Kind: a boundary of the store's format. Values of 4,096 bytes and more are kept
// apart from their record, once; on either side of it a record is read as it was
// written, before and after a restart.
TEST_F(ServerProcessTest, RecordsAroundTheSizeOfDetachedValuesAreReadAsTheyWereWritten) {
  Serve();
  PublishGreet();
  std::map<std::string, std::string> text_of;  // By record.
  for (size_t bytes = 4'090; bytes <= 4'102; ++bytes) {
    // Some the same as others, which are kept once, and some of their own.
    for (const char letter : {'a', 'a', static_cast<char>('b' + bytes % 13)}) {
      // A letter of two bytes at the end: a cut would show.
      std::string text(bytes, letter);
      text.replace(bytes - 2, 2, "é");
      text_of[CallGreet(text).record()] = text;
    }
  }
  const auto expect_all = [&] {
    for (const auto& [id, text] : text_of) {
      const v1::Record record = RecordOf(id);
      EXPECT_EQ(record.intent().variables_json(), WriteJson(json::object{{"text", text}}));
      EXPECT_EQ(TextOf(record.outcome().completion()), text);
      v1::FindRecordsRequest find;
      find.set_text(text);
      const auto found = client().FindRecords(find);
      ASSERT_OK(found);
      EXPECT_GE(found->records_size(), 1);
    }
    v1::ListRecordsRequest list;
    list.set_name("acme");
    list.set_page_size(500);
    const auto listed = client().ListRecords(list);
    ASSERT_OK(listed);
    EXPECT_EQ(listed->records_size(), static_cast<int>(text_of.size()));
    for (const v1::Record& record : listed->records()) {
      EXPECT_EQ(record.intent().variables_json(),
                WriteJson(json::object{{"text", text_of[record.id()]}}));
    }
  };
  expect_all();
  server().Kill();
  Serve();
  expect_all();
  ExpectWholeStore();
}

TEST_F(ServerProcessTest, RecordsACallThatDiedWithItAsUnknown) {
  Serve(SlowModel());
  PublishGreet();
  std::string id;
  Stream<v1::StreamCompleteResponse> stream = OpenStream(&id);
  server().Kill();
  stream.Cancel();
  Serve();
  EXPECT_EQ(RecordOf(id).outcome().status(), v1::RECORD_STATUS_UNKNOWN);
  ExpectWholeStore();
}

TEST_F(ServerProcessTest, StartsOnABackupAsOfItsMoment) {
  Serve();
  PublishGreet();
  const v1::CompleteResponse before = CallGreet("Before the backup.");
  v1::CreateBackupRequest request;
  request.set_backup("monday");
  ASSERT_OK_AND_ASSIGN(const v1::CreateBackupResponse backup, client().CreateBackup(request));
  EXPECT_THAT(backup.directory(), HasSubstr("monday"));
  EXPECT_GT(backup.size_bytes(), 0);
  const v1::CompleteResponse after = CallGreet("After the backup.");
  StopServing();

  ServerProcess restored(COLOPHOND_PROGRAM, backup.directory());
  ASSERT_OK(restored.Start());
  ClientOptions options;
  options.address = restored.address();
  const Client client(options);
  v1::GetRecordRequest get;
  get.set_id(before.record());
  EXPECT_THAT(client.GetRecord(get), IsOk());
  get.set_id(after.record());
  EXPECT_THAT(client.GetRecord(get), ErrorIs(absl::StatusCode::kNotFound, "RECORD_NOT_FOUND"));
  EXPECT_THAT(client.Complete(CallOf("acme/support/greet", "On the copy.")), IsOk());
  ASSERT_OK_AND_ASSIGN(const v1::VerifyStoreResponse store, client.VerifyStore({}));
  EXPECT_THAT(store.problems(), IsEmpty());
}

TEST_F(ServerProcessTest, IsRestoredFromABackupAsTheReadmeSays) {
  Serve();
  PublishGreet();
  const v1::CompleteResponse before = CallGreet("Before the backup.");
  ASSERT_OK_AND_ASSIGN(const v1::CreateBackupResponse backup, client().CreateBackup({}));
  const v1::CompleteResponse after = CallGreet("After the backup.");
  StopServing();
  std::string restore =
      LineWith(ReadFileOrDie(SourceFolder() + "/README.md"), "cp -a BACKUP/store DATA/");
  for (const auto& [name, path] :
       {std::pair("DATA", data()), std::pair("BACKUP", backup.directory())}) {
    restore = absl::StrReplaceAll(restore, {{name, path}});
  }
  const ShellResult restored = Shell(restore);
  ASSERT_EQ(restored.exit_code, 0) << restored.output;
  Serve();
  EXPECT_EQ(RecordOf(before.record()).outcome().status(), v1::RECORD_STATUS_OK);
  v1::GetRecordRequest lost;
  lost.set_id(after.record());
  EXPECT_THAT(client().GetRecord(lost), ErrorIs(absl::StatusCode::kNotFound, "RECORD_NOT_FOUND"));
  CallGreet("And on.");
  ExpectWholeStore();
}

TEST_F(ServerProcessTest, RefusesADataDirectoryThatIsServed) {
  Serve();
  ServerProcess second(COLOPHOND_PROGRAM, data());
  const absl::Status started = second.Start();
  EXPECT_FALSE(started.ok());
  EXPECT_THAT(MessageOf(started), HasSubstr(data()));
  PublishGreet();  // The first one doesn't mind.
}

TEST_F(ServerProcessTest, RefusesAPortThatIsTaken) {
  Serve();
  const ShellResult second =
      Shell(fmt::format("timeout 60 {} --data {} --listen {}", COLOPHOND_PROGRAM, dir() / "other",
                        server().address()));
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.output, AllOf(HasSubstr(server().address()), HasSubstr("--listen")));
}

TEST_F(ServerProcessTest, RefusesToListenBeyondLoopback) {
  const ShellResult result =
      Shell(fmt::format("timeout 60 {} --data {} --listen 0.0.0.0:0", COLOPHOND_PROGRAM, data()));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("insecure_plaintext"));
  EXPECT_FALSE(std::filesystem::exists(data()));
}

TEST_F(ServerProcessTest, NamesTheLineOfAConfigurationError) {
  WriteFile(dir() / "bad.textproto", "# Fine.\nlog_level: \"info\"\ndrain_seconds: -5\n");
  const ShellResult result = Shell(fmt::format("timeout 60 {} --data {} --config {}",
                                               COLOPHOND_PROGRAM, data(), dir() / "bad.textproto"));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, AllOf(HasSubstr("bad.textproto:3"), HasSubstr("drain_seconds")));
}

TEST_F(ServerProcessTest, TakesTheConfigurationThatIsShipped) {
  const ShellResult result = Shell(fmt::format("{} --check --config {}/deploy/colophond.textproto",
                                               COLOPHOND_PROGRAM, SourceFolder()));
  EXPECT_EQ(result.exit_code, 0) << result.output;
}

}  // namespace
}  // namespace colophon
