// Ctrl-C while the command line waits for a model.

#include <signal.h>

#include <memory>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/e2e_test.h"
#include "tests/testing/child_process.h"
#include "tests/testing/eventually.h"
#include "tests/testing/matchers.h"
#include "tests/testing/model_server.h"
#include "tests/testing/model_wire.h"

namespace colophon {
namespace {

using testing::MatchesRegex;

class InterruptTest : public E2eTest {
 protected:
  InterruptTest() {
    model_.SetHandler([](const ModelRequest&) {
      return ModelAnswer().Send(HttpChunkedHead() + HttpChunk(OpenAiTextEvent("Once "))).Hang();
    });
    Serve(fmt::format("providers {{ name: \"slow\" kind: KIND_OPENAI base_url: \"{}\" }}",
                      model_.base_url()));
    PublishGreet();
  }

  // The record of a stream whose first piece is there; what the program wrote in log_.
  std::string OpenStream(const std::vector<std::string>& options) {
    std::vector<std::string> command = {
        COLOPHON_PROGRAM, "--server",   server().address(), "complete",    "acme/support/greet",
        "--var",          "text=Hello", "--model",          "slow/talker", "--stream"};
    command.insert(command.end(), options.begin(), options.end());
    EXPECT_OK(program_.Launch(command, log_));
    EXPECT_TRUE(
        Eventually([this] { return ReadFileOrDie(log_).find("Once ") != std::string::npos; }));
    v1::ListRecordsRequest request;
    request.set_name("acme");
    const absl::StatusOr<v1::ListRecordsResponse> records = client().ListRecords(request);
    EXPECT_OK(records);
    return records.ok() && records->records_size() > 0 ? records->records(0).id() : "";
  }

  v1::RecordStatus StatusOf(const std::string& id) {
    v1::GetRecordRequest request;
    request.set_id(id);
    const absl::StatusOr<v1::GetRecordResponse> found = client().GetRecord(request);
    return found.ok() ? found->record().outcome().status() : v1::RECORD_STATUS_UNSPECIFIED;
  }

  ModelServer model_;
  const std::string log_ = dir() / "log";
  ChildProcess program_;
};

TEST_F(InterruptTest, TellsTheRecordOfTheStreamThatItCancels) {
  const std::string id = OpenStream({});
  program_.Signal(SIGINT);
  EXPECT_EQ(program_.AwaitExitCode(absl::Minutes(1)), 128 + SIGINT);
  EXPECT_EQ(ReadFileOrDie(log_), fmt::format("Once record {}\n", id));
  EXPECT_TRUE(Eventually([&] { return StatusOf(id) == v1::RECORD_STATUS_CANCELLED; }));
}

TEST_F(InterruptTest, LeavesJsonAsItIs) {
  const std::string id = OpenStream({"--json"});
  program_.Signal(SIGINT);
  EXPECT_EQ(program_.AwaitExitCode(absl::Minutes(1)), 128 + SIGINT);
  EXPECT_THAT(ReadFileOrDie(log_),
              MatchesRegex(fmt::format("\\{{\"start\":.*{}.*\\}}\n\\{{\"piece\":.*\\}}\n", id)));
}

}  // namespace
}  // namespace colophon
