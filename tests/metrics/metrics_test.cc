// What Prometheus reads: every name with its values, bounded, and known to the dashboard and
// the alerts.

#include "service/metrics/metrics.h"

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "service/base/json.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::HasSubstr;
using testing::Not;

v1::Outcome OutcomeOf(const std::string& text) {
  v1::Outcome outcome;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &outcome)) << text;
  return outcome;
}

TEST(MetricsTest, CallsAreCountedByDoorMethodAndCode) {
  Metrics metrics;
  metrics.CountCall("grpc", "GetVersion", absl::StatusCode::kOk, absl::Milliseconds(3));
  metrics.CountCall("grpc", "GetVersion", absl::StatusCode::kOk, absl::Milliseconds(300));
  metrics.CountCall("http", "GetVersion", absl::StatusCode::kNotFound, absl::Milliseconds(1));
  const std::string text = metrics.Write({});
  EXPECT_THAT(text, HasSubstr("# TYPE colophon_calls_total counter\n"));
  EXPECT_THAT(text,
              HasSubstr(R"(colophon_calls_total{code="OK",door="grpc",method="GetVersion"} 2)"));
  EXPECT_THAT(
      text,
      HasSubstr(R"(colophon_calls_total{code="NOT_FOUND",door="http",method="GetVersion"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(colophon_call_seconds_count{door="grpc",method="GetVersion"} 2)"));
  EXPECT_THAT(
      text,
      HasSubstr(R"(colophon_call_seconds_bucket{door="grpc",method="GetVersion",le="0.005"} 1)"));
}

TEST(MetricsTest, CompletionsAreCountedByModelAndHowTheyEnd) {
  Metrics metrics;
  metrics.CountCompletion(OutcomeOf(
      "model: 'openai/gpt' status: RECORD_STATUS_OK attempts {} attempts {} output_valid: false "
      "latency { seconds: 3 } first_piece_latency { nanos: 200000000 } "
      "completion { usage { input_tokens: 70 output_tokens: 30 } }"));
  metrics.CountCompletion(OutcomeOf("model: 'openai/gpt' status: RECORD_STATUS_TIMED_OUT"));
  const std::string text = metrics.Write({});
  for (const char* line :
       {R"(colophon_completions_total{model="openai/gpt",status="ok"} 1)",
        R"(colophon_completions_total{model="openai/gpt",status="timed_out"} 1)",
        R"(colophon_completion_seconds_sum{model="openai/gpt"} 3)",
        R"(colophon_completion_seconds_count{model="openai/gpt"} 2)",
        R"(colophon_completion_first_piece_seconds_count{model="openai/gpt"} 1)",
        R"(colophon_completion_attempts_total{model="openai/gpt"} 2)",
        R"(colophon_completion_tokens_total{direction="input",model="openai/gpt"} 70)",
        R"(colophon_completion_tokens_total{direction="output",model="openai/gpt"} 30)",
        R"(colophon_completion_invalid_outputs_total{model="openai/gpt"} 1)"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

// Callers may write any model: their names don't fill the memory of two servers.
TEST(MetricsTest, ModelsAreBounded) {
  Metrics metrics;
  for (int i = 0; i < 1'000; ++i) {
    metrics.CountCompletion(
        OutcomeOf("status: RECORD_STATUS_OK model: 'openai/m" + std::to_string(i) + "'"));
  }
  const std::string text = metrics.Write({});
  EXPECT_THAT(text, HasSubstr(R"(colophon_completions_total{model="openai/m199",status="ok"} 1)"));
  EXPECT_THAT(text, Not(HasSubstr("openai/m200")));
  EXPECT_THAT(text, HasSubstr(R"(colophon_completions_total{model="other",status="ok"} 800)"));
}

TEST(MetricsTest, GaugesAreOfTheMomentAndTheStoreIsTimed) {
  Metrics metrics;
  metrics.CountCommit(64, absl::Milliseconds(2));
  metrics.CountGit("upload-pack", true, absl::Seconds(1));
  v1::GetServerInfoResponse info;
  info.set_version("1.2.3");
  info.set_open_completion_count(7);
  info.set_disk_free_bytes(1'000'000);
  std::string text = metrics.Write(info);
  for (const char* line : {"colophon_open_completions 7", "colophon_disk_free_bytes 1000000",
                           R"(colophon_info{version="1.2.3"} 1)", "colophon_store_writes_total 64",
                           "colophon_store_batch_seconds_count 1",
                           R"(colophon_git_requests_total{result="ok",service="upload-pack"} 1)"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  info.set_open_completion_count(0);
  EXPECT_THAT(metrics.Write(info), HasSubstr("colophon_open_completions 0"));
}

TEST(MetricsTest, IsThreadSafe) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&metrics, i] {
      for (int k = 0; k < 500; ++k) {
        metrics.CountCall("grpc", "M" + std::to_string(k % 7), absl::StatusCode::kOk,
                          absl::Milliseconds(1));
        metrics.CountCompletion(
            OutcomeOf("status: RECORD_STATUS_OK model: 'm" + std::to_string(k % 5) + "'"));
        if (k % 100 == i) metrics.Write({});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(metrics.Write({}),
              HasSubstr(R"(colophon_completions_total{model="m0",status="ok"} 800)"));
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(std::string(DEPLOY) + path);
  EXPECT_TRUE(file.is_open()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

// A dashboard or an alert over a name that isn't there would be silent for ever.
TEST(MetricsTest, TheDashboardAndTheAlertsNameWhatThereIs) {
  Metrics metrics;
  metrics.CountCall("grpc", "GetVersion", absl::StatusCode::kOk, absl::Milliseconds(3));
  metrics.CountGit("upload-pack", true, absl::Seconds(1));
  metrics.CountCompletion(OutcomeOf("model: 'm' status: RECORD_STATUS_OK first_piece_latency {}"));
  std::set<std::string> there;
  std::istringstream lines(metrics.Write({}));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with('#')) there.insert(line.substr(0, line.find_first_of(" {")));
  }
  const std::regex name("colophon_[a-z_]+[a-z]");
  for (const char* path : {"/grafana/colophon.json", "/prometheus/alerts.yaml"}) {
    const std::string text = ReadFile(path);
    int named = 0;
    for (std::sregex_iterator at(text.begin(), text.end(), name), end; at != end; ++at, ++named) {
      EXPECT_TRUE(there.contains(at->str())) << path << " names " << at->str();
    }
    EXPECT_GT(named, 5) << path;
  }
  EXPECT_OK(ParseJson(ReadFile("/grafana/colophon.json")).status());
}

}  // namespace
}  // namespace colophon
