#include "service/provider/http_client.h"

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "service/provider/http_provider.h"
#include "tests/provider/calls.h"
#include "tests/testing/eventually.h"
#include "tests/testing/model_wire.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::AllOf;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;

std::vector<std::string> HeldEvents(int count) {
  return std::vector<std::string>(count, OpenAiTextEvent(std::string(4000, 'x')));
}

class HttpClientTest : public testing::Test {
 protected:
  HttpClientTest() : client_(std::make_shared<HttpClient>(executor_.loop(0))) {}
  ~HttpClientTest() override {
    executor_.Stop();
    client_->Close();
  }

  std::unique_ptr<HttpCall> Start(HttpLimits limits = {}) {
    return OnLoop(loop(), [&] {
      HttpRequest request;
      request.url = server_.base_url() + "/x";
      request.egress = *Egress::Make({.host = "127.0.0.1"}, {});
      request.limits = limits;
      return client_->Start(std::move(request));
    });
  }
  void Destroy(std::unique_ptr<HttpCall> call) {
    OnLoop(loop(), [&] {
      call.reset();
      return 0;
    });
  }
  template <class T>
  T Run(Task<T> task) {
    return boost::asio::co_spawn(loop().context(), std::move(task), boost::asio::use_future).get();
  }
  static Task<absl::StatusOr<std::string>> ReadAll(HttpCall* call) {
    std::string body;
    for (;;) {
      absl::StatusOr<std::string> bytes = co_await call->Read();
      if (!bytes.ok()) co_return bytes.status();
      if (bytes->empty()) break;
      body += *bytes;
    }
    co_return body;
  }

  Loop& loop() { return executor_.loop(0); }

  ModelServer server_;
  Executor executor_{1};
  std::shared_ptr<HttpClient> client_;
};

TEST_F(HttpClientTest, GivesHeadAndBody) {
  server_.SetHandler([](const ModelRequest&) {
    return ModelAnswer().Send(HttpMessage(201, "hello", {"X-One:  1 ", "x-one: 2"}));
  });
  auto call = Start();
  ASSERT_OK_AND_ASSIGN(const HttpHead head, Run(call->Head()));
  EXPECT_EQ(head.status, 201);
  EXPECT_EQ(head.Header("x-one"), "1");
  EXPECT_EQ(head.Header("x-two"), "");
  ASSERT_OK_AND_ASSIGN(const std::string body, Run(ReadAll(call.get())));
  EXPECT_EQ(body, "hello");
  Destroy(std::move(call));
}

TEST_F(HttpClientTest, AnInterimAnswerIsNotTheHead) {
  server_.SetHandler([](const ModelRequest&) {
    return ModelAnswer().Send("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" +
                              HttpMessage(200, "hello"));
  });
  auto call = Start();
  ASSERT_OK_AND_ASSIGN(const HttpHead head, Run(call->Head()));
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("link"), "");
  Destroy(std::move(call));
}

TEST_F(HttpClientTest, ReadsNoMoreThanABoundWhileNobodyReads) {
  constexpr int64_t kBlock = 64 << 10;
  constexpr int64_t kBlocks = 512;  // 32 MiB, more than all buffers of the kernel.
  server_.SetHandler([](const ModelRequest& request) {
    if (request.index > 0) return ModelAnswer().Send(HttpMessage(200, "small"));
    return ModelAnswer()
        .Send(fmt::format("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", kBlock * kBlocks))
        .Repeat(std::string(kBlock, 'x'), kBlocks);
  });
  auto slow = Start({.max_body_bytes = INT64_MAX});
  ASSERT_OK(Run(slow->Head()).status());
  // Meanwhile others are served, and the loop has all the time to read on.
  for (int i = 0; i < 200; ++i) {
    auto call = Start();
    ASSERT_OK_AND_ASSIGN(const std::string body, Run(ReadAll(call.get())));
    EXPECT_EQ(body, "small");
    Destroy(std::move(call));
  }
  EXPECT_LT(server_.sent_bytes(), 16 << 20);
  const size_t unread = OnLoop(loop(), [&] { return slow->unread_bytes(); });
  EXPECT_THAT(unread, AllOf(Ge(HttpCall::kMaxUnreadBytes), Le(HttpCall::kMaxUnreadBytes + 16384)));
  // And it goes on where it stopped.
  ASSERT_OK_AND_ASSIGN(const std::string body, Run(ReadAll(slow.get())));
  EXPECT_EQ(static_cast<int64_t>(body.size()), kBlock * kBlocks);
  Destroy(std::move(slow));
}

TEST_F(HttpClientTest, ASlowReaderIsNotAnIdleServer) {
  constexpr int kBytes = 4 << 20;
  server_.SetHandler([](const ModelRequest& request) {
    if (request.index == 1) return ModelAnswer().Hang();
    return ModelAnswer().Send(HttpMessage(200, std::string(kBytes, 'x')));
  });
  auto slow = Start({.idle = absl::Milliseconds(100)});
  ASSERT_OK(Run(slow->Head()).status());
  // As long as it takes another to be idle for three times that long.
  auto other = Start({.first_byte = absl::Milliseconds(300)});
  EXPECT_THAT(Run(other->Head()), ErrorIs(StatusCode::kDeadlineExceeded, "PROVIDER_TIMEOUT"));
  ASSERT_OK_AND_ASSIGN(const std::string body, Run(ReadAll(slow.get())));
  EXPECT_EQ(body.size(), static_cast<size_t>(kBytes));
  Destroy(std::move(slow));
  Destroy(std::move(other));
}

TEST_F(HttpClientTest, AConnectionClosedMeanwhileIsReplaced) {
  server_.SetHandler(
      [](const ModelRequest&) { return ModelAnswer().Send(HttpMessage(200, "x")).Close(); });
  for (int i = 0; i < 5; ++i) {
    auto call = Start();
    EXPECT_OK(Run(ReadAll(call.get())).status());
    Destroy(std::move(call));
  }
  EXPECT_EQ(server_.connection_count(), 5);
}

// The server may have taken the request before it closed the connection.
TEST_F(HttpClientTest, ARequestIsSentOnceThoughItsPooledConnectionCloses) {
  for (const bool reset : {false, true}) {
    server_.SetHandler([](const ModelRequest&) { return OpenAiAnswer("x"); });
    auto first = Start();
    ASSERT_OK(Run(ReadAll(first.get())).status());
    Destroy(std::move(first));
    Rest(HttpConnections::kRest);
    const int before = server_.request_count();
    server_.SetHandler([reset](const ModelRequest&) {
      return reset ? ModelAnswer().Reset() : ModelAnswer().Close();
    });
    auto second = Start();
    EXPECT_THAT(Run(ReadAll(second.get())),
                ErrorIs(StatusCode::kUnavailable, "PROVIDER_CUT", HasSubstr("isn't known")));
    Destroy(std::move(second));
    EXPECT_EQ(server_.request_count(), before + 1);
  }
}

TEST_F(HttpClientTest, StoppingAnExchangeClosesItsConnection) {
  const std::function<ModelAnswer()> states[] = {
      [] { return ModelAnswer().Hang(); },
      [] { return ModelAnswer().Send("HTTP/1.1 200 OK\r\nx").Hang(); },
      [] { return ModelAnswer().Send(HttpChunkedHead()).Hang(); },
      [] { return ModelAnswer().Send(HttpChunkedHead() + HttpChunk("x")).Hang(); },
      [] {
        return ModelAnswer().Send(HttpChunkedHead()).Repeat(HttpChunk(std::string(9999, 'x')));
      },
  };
  int requests = 0;
  for (const auto& state : states) {
    server_.SetHandler([&](const ModelRequest&) { return state(); });
    for (const bool cancel : {false, true}) {
      auto call = Start();
      ASSERT_TRUE(server_.WaitForRequests(++requests));
      if (cancel) {
        auto reading =
            boost::asio::co_spawn(loop().context(), ReadAll(call.get()), boost::asio::use_future);
        OnLoop(loop(), [&] {
          call->Cancel();
          return 0;
        });
        EXPECT_THAT(reading.get(), ErrorIs(StatusCode::kCancelled, "CANCELLED"));
      }
      Destroy(std::move(call));
      EXPECT_TRUE(server_.WaitForOpenConnections(0));
      EXPECT_EQ(OnLoop(loop(), [&] { return client_->open_exchange_count(); }), 0);
    }
  }
}

TEST_F(HttpClientTest, CanBeStoppedBeforeItBegan) {
  server_.SetHandler([](const ModelRequest&) { return ModelAnswer().Hang(); });
  OnLoop(loop(), [&] {
    HttpRequest request;
    request.url = server_.base_url();
    request.egress = *Egress::Make({.host = "127.0.0.1"}, {});
    client_->Start(request).reset();
    client_->Start(request)->Cancel();
    client_->Start(request)->Finish();
    return 0;
  });
  EXPECT_TRUE(server_.WaitForOpenConnections(0));
}

TEST_F(HttpClientTest, ACallOutlivesItsClosedClient) {
  server_.SetHandler([](const ModelRequest&) { return ModelAnswer().Hang(); });
  auto before = Start();
  ASSERT_TRUE(server_.WaitForRequests(1));
  OnLoop(loop(), [&] {
    client_->Close();
    return 0;
  });
  EXPECT_THAT(Run(before->Head()), ErrorIs(StatusCode::kUnavailable, "PROVIDER_UNREACHABLE"));
  auto after = Start();
  EXPECT_THAT(Run(after->Head()), ErrorIs(StatusCode::kUnavailable, "PROVIDER_UNREACHABLE"));
  EXPECT_TRUE(server_.WaitForOpenConnections(0));
  Destroy(std::move(before));
  Destroy(std::move(after));
}

TEST_F(HttpClientTest, ASilentListenerIsATimeoutOfTheConnect) {
  // TCP is taken, TLS never answered.
  server_.SetHandler([](const ModelRequest&) { return ModelAnswer().Hang(); });
  HttpRequest request;
  request.url = "https://127.0.0.1:" + std::to_string(server_.port());
  request.egress = *Egress::Make({.host = "127.0.0.1"}, {});
  request.limits.connect = absl::Milliseconds(200);
  auto call = OnLoop(loop(), [&] { return client_->Start(request); });
  const absl::Status status = Run(call->Head()).status();
  EXPECT_THAT(status, ErrorIs(StatusCode::kDeadlineExceeded, "PROVIDER_TIMEOUT"));
  EXPECT_EQ(MetadataOf(status)["limit"], "connect");
  Destroy(std::move(call));
}

TEST(ManyCallsTest, RunAtOnceOnOneLoop) {
  constexpr int kCalls = 500;
  ModelServer server;
  const auto gate = std::make_shared<ModelGate>();
  server.SetHandler([&](const ModelRequest&) {
    ModelAnswer answer;
    answer.Send(HttpChunkedHead() + HttpChunk(OpenAiTextEvent("a"))).WaitFor(gate);
    for (const std::string& event : OpenAiEvents({"b", "c"})) answer.Send(HttpChunk(event));
    return answer.Send(HttpChunkEnd());
  });
  OneProvider one(ConfigFor(server));
  std::vector<std::future<Outcome>> calls;
  for (int i = 0; i < kCalls; ++i) calls.push_back(one.Start(true));
  ASSERT_TRUE(server.WaitForRequests(kCalls));
  EXPECT_EQ(server.open_connection_count(), kCalls);
  gate->Open();
  for (auto& call : calls) {
    const Outcome outcome = call.get();
    EXPECT_OK(outcome.end);
    EXPECT_EQ(outcome.text(), "abc");
  }
}

TEST(ShutdownTest, ExecutorStopsWithCallsInEveryState) {
  const std::function<ModelAnswer()> states[] = {
      [] { return ModelAnswer().Hang(); },
      [] { return ModelAnswer().Send(HttpChunkedHead()).Hang(); },
      [] { return ModelAnswer().Send(HttpChunkedHead() + HttpChunk(OpenAiTextEvent("a"))).Hang(); },
      [] { return StreamAnswer(HeldEvents(1000)); },
  };
  for (const auto& state : states) {
    ModelServer server;
    server.SetHandler([&](const ModelRequest&) { return state(); });
    auto one = std::make_unique<OneProvider>(ConfigFor(server));
    std::vector<std::future<Outcome>> calls;
    for (int i = 0; i < 20; ++i) calls.push_back(one->Start(true));
    ASSERT_TRUE(server.WaitForRequests(20));
    // Coroutines and their calls are destroyed with the executor, which is
    // after the providers.
    one.reset();
    EXPECT_TRUE(server.WaitForOpenConnections(0));
  }
}

}  // namespace
}  // namespace colophon
