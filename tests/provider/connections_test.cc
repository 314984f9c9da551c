// Which connections are used again. Kind: an answer that is matched to its request
// by order alone.

#include <filesystem>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "service/provider/http_client.h"
#include "service/provider/http_connections.h"
#include "tests/provider/calls.h"
#include "tests/provider/certificates.h"
#include "tests/testing/eventually.h"
#include "tests/testing/model_wire.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::HasSubstr;

// Over plain TCP, or TLS.
class ConnectionsTest : public testing::TestWithParam<bool> {
 protected:
  ConnectionsTest() : client_(std::make_shared<HttpClient>(executor_.loop(0))) {
    if (GetParam()) {
      server_.emplace(ModelServer::Tls{.certificate_file = certificates_.file("IP.pem"),
                                       .key_file = certificates_.file("IP.key")});
    } else {
      server_.emplace();
    }
  }
  ~ConnectionsTest() override {
    executor_.Stop();
    client_->Close();
  }

  struct Result {
    absl::StatusOr<std::string> body;
    std::optional<int64_t> request_count;  // Of its connection, before it.
  };

  HttpRequest Request(size_t body_bytes = 2) const {
    HttpRequest request;
    request.url = server_->base_url() + "/x";
    request.ca_file = certificates_.file("ca.pem");
    request.egress = *Egress::Make({.host = "127.0.0.1"}, {});
    request.body = std::string(body_bytes, ' ');
    return request;
  }
  Result Call(HttpRequest request) {
    auto call = OnLoop(loop(), [&] { return client_->Start(std::move(request)); });
    return End(std::move(call));
  }
  Result Call() { return Call(Request()); }
  Result End(std::unique_ptr<HttpCall> call) {
    Result result;
    result.body =
        boost::asio::co_spawn(loop().context(), ReadAll(call.get()), boost::asio::use_future).get();
    OnLoop(loop(), [&] {
      result.request_count = call->connection_request_count();
      call.reset();
      return 0;
    });
    return result;
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

  const Certificates certificates_;
  std::optional<ModelServer> server_;
  Executor executor_{1};
  std::shared_ptr<HttpClient> client_;
};

std::string Numbered(const ModelRequest& request) {
  return HttpMessage(200, fmt::format("answer {}", request.index));
}

TEST_P(ConnectionsTest, AreUsedAgainWhenTheyHaveRested) {
  server_->SetHandler(
      [](const ModelRequest& request) { return ModelAnswer().Send(Numbered(request)); });
  EXPECT_EQ(Call().request_count, 0);
  EXPECT_EQ(Call().request_count, 0);  // The first one rests.
  Rest(HttpConnections::kRest);
  EXPECT_EQ(Call().request_count, 1);
  EXPECT_EQ(Call().request_count, 1);
  EXPECT_EQ(Call().request_count, 0);
  EXPECT_EQ(server_->connection_count(), 3);
  EXPECT_EQ(server_->open_connection_count(), 3);
}

// Kind: a callback that nobody ever sees called. libcurl got an object where it
// takes a pointer to a function, and closed every socket by itself.
TEST_P(ConnectionsTest, AreForgottenWhenTheyAreClosed) {
  server_->SetHandler(
      [](const ModelRequest& request) { return ModelAnswer().Send(Numbered(request)); });
  const auto count = [&] {
    return OnLoop(loop(), [&] { return client_->open_connection_count(); });
  };
  for (int i = 0; i < 3; ++i) {
    HttpRequest request = Request();
    request.keep_connection = false;
    EXPECT_EQ(Call(std::move(request)).request_count, 0);
    EXPECT_EQ(count(), 0);
  }
  Call();
  Call();
  EXPECT_EQ(count(), 2);
  OnLoop(loop(), [&] {
    client_->Close();
    return 0;
  });
  EXPECT_EQ(count(), 0);
}

// Kind: descriptors without a bound.
TEST_P(ConnectionsTest, AreKeptAsFarAsThereIsRoom) {
  server_->SetHandler(
      [](const ModelRequest& request) { return ModelAnswer().Send(Numbered(request)); });
  OnLoop(loop(), [&] {
    client_->Close();
    client_ = std::make_shared<HttpClient>(loop(), /*max_kept_connections=*/2);
    return 0;
  });
  const auto count = [&] {
    return OnLoop(loop(), [&] { return client_->open_connection_count(); });
  };
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(Call().request_count, 0);
    EXPECT_LE(count(), 2);
  }
  // The longest of those that may be used again makes room for another.
  Rest(HttpConnections::kRest);
  EXPECT_EQ(Call().request_count, 1);
  EXPECT_EQ(Call().request_count, 1);
  Rest(HttpConnections::kRest);
  server_->SetHandler([](const ModelRequest&) { return ModelAnswer().Hang(); });
  const auto hang = [&] { return OnLoop(loop(), [&] { return client_->Start(Request()); }); };
  std::vector<std::unique_ptr<HttpCall>> calls;
  for (int i = 0; i < 4; ++i) calls.push_back(hang());
  EXPECT_TRUE(Eventually([&] { return server_->open_connection_count() == 4; }));
  OnLoop(loop(), [&] {
    calls.clear();
    return 0;
  });
  EXPECT_EQ(count(), 0);
}

TEST_P(ConnectionsTest, CarryOneRequestWhereNoneAreKept) {
  server_->SetHandler(
      [](const ModelRequest& request) { return ModelAnswer().Send(Numbered(request)); });
  for (int i = 0; i < 2; ++i) {
    HttpRequest request = Request();
    request.keep_connection = false;
    EXPECT_EQ(Call(std::move(request)).request_count, 0);
    EXPECT_TRUE(server_->WaitForOpenConnections(0));
    Rest(HttpConnections::kRest);
  }
  EXPECT_EQ(server_->connection_count(), 2);
}

// Before HttpConnections the second call got "stray", and the third one the second
// one's answer.
TEST_P(ConnectionsTest, ALateAnswerIsNobodysAndEndsTheTrust) {
  const auto gate = std::make_shared<ModelGate>();
  server_->SetHandler([&](const ModelRequest& request) {
    ModelAnswer answer;
    answer.Send(Numbered(request));
    if (request.index == 0) answer.WaitFor(gate).Send(HttpMessage(200, std::string(99, 's')));
    return answer;
  });
  EXPECT_EQ(*Call().body, "answer 0");
  EXPECT_EQ(*Call().body, "answer 1");
  EXPECT_TRUE(server_->WaitForOpenConnections(2));
  gate->Open();
  EXPECT_TRUE(server_->WaitForOpenConnections(0));
  for (int i = 2; i < 5; ++i) {
    const Result result = Call();
    EXPECT_EQ(*result.body, fmt::format("answer {}", i));
    EXPECT_EQ(result.request_count, 0);
    EXPECT_TRUE(server_->WaitForOpenConnections(0));
    Rest(HttpConnections::kRest);
  }
}

TEST_P(ConnectionsTest, TwoAnswersAtOnceEndTheConnection) {
  const std::string chunked = HttpChunkedHead() + HttpChunk("chunks") + HttpChunkEnd();
  const std::string whole = HttpMessage(200, "whole");
  for (const std::string& first : {whole, chunked}) {
    for (const std::string& second : {whole, chunked, std::string("HTT")}) {
      server_->SetHandler([&](const ModelRequest&) { return ModelAnswer().Send(first + second); });
      EXPECT_THAT(*Call().body, testing::AnyOf("whole", "chunks"));
      EXPECT_TRUE(server_->WaitForOpenConnections(0)) << first << second;
    }
  }
}

// Nobody has seen what has come when the next request begins: the loop was busy.
TEST_P(ConnectionsTest, WhatCameUnseenSendsTheRequestToAFreshConnection) {
  const auto gate = std::make_shared<ModelGate>();
  server_->SetHandler([&](const ModelRequest& request) {
    ModelAnswer answer;
    answer.Send(Numbered(request));
    if (request.index == 0) answer.WaitFor(gate).Send(HttpMessage(200, "stray"));
    return answer;
  });
  EXPECT_EQ(*Call().body, "answer 0");
  Rest(HttpConnections::kRest);
  const int64_t before = server_->sent_bytes();
  auto call = OnLoop(loop(), [&] {
    gate->Open();
    EXPECT_TRUE(Eventually([&] { return server_->sent_bytes() > before; }));
    return client_->Start(Request());
  });
  const Result result = End(std::move(call));
  EXPECT_EQ(*result.body, "answer 1");
  EXPECT_EQ(result.request_count, 0);
  EXPECT_EQ(server_->request_count(), 2);
}

// The server's kernel doesn't take all of a large request, so it is known not to
// have had it when it spoke.
TEST_P(ConnectionsTest, AnAnswerBeforeTheRequestIsThereIsNoAnswerToIt) {
  server_->SetHandler([&](const ModelRequest& request) {
    return ModelAnswer()
        .Send(Numbered(request))
        .WaitForBytes()
        .Send(HttpMessage(200, "stray"))
        .Hang();
  });
  EXPECT_EQ(*Call().body, "answer 0");
  Rest(HttpConnections::kRest);
  const Result result = Call(Request(16 << 20));
  EXPECT_THAT(result.body, ErrorIs(StatusCode::kUnavailable, "PROVIDER_CUT",
                                   HasSubstr("before it had the request")));
  EXPECT_EQ(result.request_count, 1);
  EXPECT_EQ(server_->request_count(), 1);
}

// The same on a fresh connection; but a refusal there can only be its own.
TEST_P(ConnectionsTest, ARefusalMayComeBeforeTheEndOfTheRequest) {
  for (const int status : {200, 413}) {
    const auto gate = std::make_shared<ModelGate>();
    server_->SetGreeting([&](int) {
      return ModelAnswer().WaitForBytes().Send(HttpMessage(status, "early")).WaitFor(gate).Close();
    });
    auto call = OnLoop(loop(), [&] { return client_->Start(Request(16 << 20)); });
    const auto head =
        boost::asio::co_spawn(loop().context(), call->Head(), boost::asio::use_future).get();
    if (status == 413) {
      EXPECT_OK(head.status());
      EXPECT_EQ(head.ok() ? head->status : 0, 413);
    } else {
      EXPECT_THAT(head.status(), ErrorIs(StatusCode::kUnavailable, "PROVIDER_CUT"));
    }
    gate->Open();
    End(std::move(call));
    EXPECT_TRUE(server_->WaitForOpenConnections(0));
  }
}

TEST_P(ConnectionsTest, EndAfterWhatIsOdd) {
  const std::string good = HttpMessage(200, "good");
  const std::function<ModelAnswer()> odd[] = {
      [&] { return ModelAnswer().Send("HTTP/1.1 100 Continue\r\n\r\n" + good); },
      [&] { return ModelAnswer().Send("HTTP/1.1 408 Request Time-out\r\n\r\n").Close(); },
      [&] { return ModelAnswer().Send(HttpMessage(200, "good").substr(0, 30)).Close(); },
      [&] { return ModelAnswer().Send(HttpMessage(200, "goo") + "d"); },
      [&] { return ModelAnswer().Send("HTTP/1.1 200 OK\r\n\r\ngood").Close(); },
      [&] { return ModelAnswer().Send("good" + good); },
  };
  for (const auto& answer : odd) {
    server_->SetHandler([&](const ModelRequest&) { return answer(); });
    Call();
    EXPECT_TRUE(server_->WaitForOpenConnections(0));
  }
}

// A refusal on a kept connection may be another request's, whose answer comes yet.
TEST_P(ConnectionsTest, EndAfterARefusalUnlessItWasTheFirstAnswer) {
  server_->SetHandler(
      [](const ModelRequest&) { return ModelAnswer().Send(HttpMessage(429, "slower")); });
  EXPECT_EQ(Call().request_count, 0);
  Rest(HttpConnections::kRest);
  EXPECT_EQ(Call().request_count, 1);
  EXPECT_TRUE(server_->WaitForOpenConnections(0));
}

TEST_P(ConnectionsTest, AreNotKeptForBytesBehindTheEnd) {
  const auto gate = std::make_shared<ModelGate>();
  server_->SetHandler([&](const ModelRequest&) {
    return ModelAnswer()
        .Send(HttpChunkedHead() + HttpChunk("good"))
        .WaitFor(gate)
        .Send(HttpChunk("more") + HttpChunkEnd());
  });
  auto call = OnLoop(loop(), [&] { return client_->Start(Request()); });
  const auto bytes =
      boost::asio::co_spawn(loop().context(), call->Read(), boost::asio::use_future).get();
  EXPECT_EQ(*bytes, "good");
  OnLoop(loop(), [&] {
    call->Finish();
    call.reset();
    return 0;
  });
  gate->Open();
  EXPECT_TRUE(server_->WaitForOpenConnections(0));
}

TEST_P(ConnectionsTest, EndWhenNobodyUsesThemForSeconds) {
  const auto open_files = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  server_->SetHandler(
      [](const ModelRequest& request) { return ModelAnswer().Send(Numbered(request)); });
  const auto before = open_files();
  for (int i = 0; i < 3; ++i) Call();
  EXPECT_EQ(server_->open_connection_count(), 3);
  EXPECT_TRUE(server_->WaitForOpenConnections(0));
  // Ours are closed, too, though no other call begins.
  EXPECT_TRUE(Eventually([&] { return open_files() <= before + 1; }));
}

// Kind: a request that is sent twice, or not at all, because of where it went.
TEST_P(ConnectionsTest, ACallThatEndsBeforeItBeganGivesItsConnectionBack) {
  server_->SetHandler(
      [](const ModelRequest& request) { return ModelAnswer().Send(Numbered(request)); });
  Call();
  Rest(HttpConnections::kRest);
  OnLoop(loop(), [&] {
    client_->Start(Request()).reset();
    return 0;
  });
  Rest(HttpConnections::kRest);
  EXPECT_EQ(Call().request_count, 1);
  EXPECT_EQ(server_->connection_count(), 1);
}

INSTANTIATE_TEST_SUITE_P(PlainAndTls, ConnectionsTest, testing::Bool(),
                         [](const auto& tls) { return tls.param ? "Tls" : "Plain"; });

}  // namespace
}  // namespace colophon
