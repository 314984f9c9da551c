// What a connection can do that no client library would: messages that unpack
// to a thousand times their size, streams that are reset at once, headers that
// don't end, answers that nobody reads, more connections than open files.

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <atomic>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "tests/bench/attacks/attack.h"
#include "tests/bench/attacks/http2_connection.h"

namespace colophon::bench {
namespace {

using Frame = Http2Connection::Frame;
using Flag = Http2Connection::Flag;

constexpr char kComplete[] = "/colophon.v1.CompletionService/Complete";
constexpr char kStreamComplete[] = "/colophon.v1.CompletionService/StreamComplete";
constexpr char kGetVersion[] = "/colophon.v1.RegistryService/GetVersion";

// So many zero bytes, as gzip packs them.
std::string GzipOfZeros(int64_t bytes) {
  z_stream stream{};
  constexpr int kGzip = 15 + 16;
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY);
  std::string zeros(1 << 20, '\0');
  std::string packed;
  std::string out(1 << 16, '\0');
  while (bytes > 0 || stream.avail_in > 0) {
    if (stream.avail_in == 0) {
      const auto next = std::min<int64_t>(bytes, static_cast<int64_t>(zeros.size()));
      stream.next_in = reinterpret_cast<Bytef*>(zeros.data());
      stream.avail_in = static_cast<uInt>(next);
      bytes -= next;
    }
    do {
      stream.next_out = reinterpret_cast<Bytef*>(out.data());
      stream.avail_out = static_cast<uInt>(out.size());
      deflate(&stream, bytes == 0 ? Z_FINISH : Z_NO_FLUSH);
      packed.append(out, 0, out.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  }
  deflateEnd(&stream);
  return packed;
}

absl::Status PublishGreet(AttackContext& context) {
  return PublishFiles(context.Connect(), kHostile,
                      {{"greet.prompt", "---\nmodel: echo/echo\n---\n{{text}}"}});
}

v1::CompleteRequest CallGreet(const std::string& text) {
  v1::CompleteRequest call;
  call.set_name(fmt::format("{}/greet@latest", kHostile));
  (*call.mutable_variables()->mutable_fields())["text"].set_string_value(text);
  return call;
}

// A call that is begun: headers and message, and the stream stays open for more.
std::string CallFrames(uint32_t stream, const std::string& method, const std::string& message) {
  return Http2Connection::FrameOf(Frame::kHeaders, Flag::kEndHeaders, stream,
                                  Http2Connection::CallHeaders(method)) +
         Http2Connection::FrameOf(Frame::kData, Flag::kEndStream, stream,
                                  Http2Connection::Message(message));
}

void CountEnd(const Http2Connection& connection, AttackContext* context) {
  if (connection.told_to_go()) {
    context->answers().Add("connection told to go");
  } else if (connection.is_closed()) {
    context->answers().Add("connection closed");
  }
}

Attack Compressed() {
  Attack attack;
  attack.name = "messages that unpack to 600 MB";
  attack.finding = "4";
  attack.most_mib = 384;
  const auto packed = std::make_shared<std::string>();
  attack.prepare = [packed](AttackContext& context) {
    *packed = GzipOfZeros(int64_t{context.Size(200, 600)} << 20);
    return absl::OkStatus();
  };
  attack.run = [packed](AttackContext& context) {
    InParallel(context.Size(2, 4), [&](int) {
      const auto connection = Http2Connection::Open(context.port());
      if (connection == nullptr) return context.answers().Add("no connection");
      int begun = 0;
      int whole = 0;
      uint32_t stream = 1;
      do {
        connection->Send(Http2Connection::FrameOf(
            Frame::kHeaders, Flag::kEndHeaders, stream,
            Http2Connection::CallHeaders(kGetVersion, {{"grpc-encoding", "gzip"}})));
        if (connection->SendMessage(stream, *packed, true)) ++whole;
        connection->WaitForEnds(++begun, std::chrono::seconds(10));
        stream += 2;
      } while (!context.over() && !connection->is_closed());
      context.answers().Add("call begun", begun);
      context.answers().Add("call sent whole", whole);
      CountEnd(*connection, &context);
    });
  };
  return attack;
}

// A socket that said hello and says no more.
class IdleConnection {
 public:
  explicit IdleConnection(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    // A queue that is full is an answer as well.
    fcntl(fd_, F_SETFL, O_NONBLOCK);
    connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  }
  ~IdleConnection() { close(fd_); }
  IdleConnection(const IdleConnection&) = delete;
  IdleConnection& operator=(const IdleConnection&) = delete;

  void SayHello() {
    constexpr std::string_view kHello("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);
    if (send(fd_, kHello.data(), kHello.size(), MSG_NOSIGNAL) < 0) return;
  }

 private:
  const int fd_;
};

// Meanwhile somebody writes: sooner or later the store needs another file.
Attack ManyConnections(bool small) {
  Attack attack;
  attack.name = "more connections than open files";
  attack.finding = "5";
  attack.open_files = small ? 512 : 1024;
  attack.config = "store_cache_bytes: 8388608";
  attack.prepare = PublishGreet;
  attack.run = [files = attack.open_files](AttackContext& context) {
    const Client writer = context.Connect();
    const v1::CompleteRequest call = CallGreet(std::string(200'000, 'w'));
    context.answers().Add(writer.Complete(call).status());
    auto connections = std::make_shared<std::vector<std::unique_ptr<IdleConnection>>>();
    for (int i = 0; i < files + 200; ++i) {
      connections->push_back(std::make_unique<IdleConnection>(context.port()));
    }
    absl::SleepFor(absl::Milliseconds(200));
    for (const auto& connection : *connections) connection->SayHello();
    context.Keep(connections);
    CallOptions options;
    options.timeout = absl::Seconds(10);
    while (!context.over()) context.answers().Add(writer.Complete(call, options).status());
  };
  return attack;
}

// As fast as the server takes them: headers, a whole message, a reset.
Attack RapidReset(const std::string& name, const std::string& method) {
  Attack attack;
  attack.name = name;
  attack.finding = "9";
  attack.most_mib = 768;  // What one connection may send before it is disconnected.
  attack.prepare = PublishGreet;
  attack.run = [method](AttackContext& context) {
    v1::StreamCompleteRequest request;
    *request.mutable_call() = CallGreet("reset");
    const std::string message = method == kStreamComplete ? request.SerializeAsString()
                                                          : request.call().SerializeAsString();
    int64_t sent = 0;
    while (!context.over()) {
      const auto connection = Http2Connection::Open(context.port());
      if (connection == nullptr) {
        context.answers().Add("no connection");
        absl::SleepFor(absl::Milliseconds(100));
        continue;
      }
      constexpr uint32_t kCancel = 8;
      constexpr uint32_t kBatch = 50;
      for (uint32_t stream = 1; stream < (1U << 30) && !context.over(); stream += 2 * kBatch) {
        std::string frames;
        for (uint32_t i = 0; i < kBatch; ++i) {
          frames += CallFrames(stream + 2 * i, method, message) +
                    Http2Connection::FrameOf(Frame::kReset, Flag::kNone, stream + 2 * i,
                                             {"\0\0\0\x08", sizeof(kCancel)});
        }
        if (!connection->Send(frames)) break;
        sent += kBatch;
      }
      CountEnd(*connection, &context);
    }
    context.answers().Add("stream reset", sent);
  };
  return attack;
}

Attack EndlessHeaders() {
  Attack attack;
  attack.name = "headers that go on in CONTINUATION frames";
  attack.finding = "9";
  attack.most_mib = 512;  // Of 8 connections, each closed behind what gRPC takes at most.
  attack.run = [](AttackContext& context) {
    const std::string header = Http2Connection::Header("a", std::string(16'000, 'a'));
    const std::string next = Http2Connection::FrameOf(Frame::kContinuation, Flag::kNone, 1, header);
    InParallel(8, [&](int) {
      int64_t bytes = 0;
      while (!context.over()) {
        const auto connection = Http2Connection::Open(context.port());
        if (connection == nullptr ||
            !connection->Send(Http2Connection::FrameOf(Frame::kHeaders, Flag::kNone, 1,
                                                       Http2Connection::CallHeaders(kComplete)))) {
          context.answers().Add("no connection");
          absl::SleepFor(absl::Milliseconds(100));
          continue;
        }
        const int64_t most = int64_t{context.Size(30, 60)} << 20;
        for (int64_t sent = 0; sent < most && !context.over() && connection->Send(next);) {
          sent += static_cast<int64_t>(next.size());
          bytes += static_cast<int64_t>(next.size());
        }
        CountEnd(*connection, &context);
        if (!connection->is_closed()) connection->WaitForEnds(1, std::chrono::seconds(1));
      }
      context.answers().Add("MB of headers", bytes >> 20);
    });
  };
  return attack;
}

// Streams that wait for a reader, each with a call's slot.
Attack UnreadStreams() {
  Attack attack;
  attack.name = "streams on a connection that reads nothing";
  attack.finding = "15";
  attack.config = "max_open_completions: 400 max_streams_per_connection: 1000";
  attack.prepare = PublishGreet;
  attack.run = [](AttackContext& context) {
    v1::StreamCompleteRequest request;
    *request.mutable_call() = CallGreet(std::string(4'000, 'u'));
    const std::string message = request.SerializeAsString();
    constexpr uint32_t kNothing = 0;
    auto connection =
        std::shared_ptr<Http2Connection>(Http2Connection::Open(context.port(), kNothing));
    if (connection == nullptr) return context.answers().Add("no connection");
    context.Keep(connection);
    int64_t sent = 0;
    for (uint32_t stream = 1; stream < 2 * 900 && !context.over(); stream += 2) {
      if (!connection->Send(CallFrames(stream, kStreamComplete, message))) break;
      ++sent;
    }
    connection->WaitForEnds(1 << 30, std::chrono::milliseconds(absl::ToInt64Milliseconds(std::max(
                                         absl::ZeroDuration(), context.end() - absl::Now()))));
    context.answers().Add("stream opened", sent);
    context.answers().Add("stream reset by the server", connection->resets());
    CountEnd(*connection, &context);
  };
  return attack;
}

}  // namespace

std::vector<Attack> ConnectionAttacks(bool small) {
  return {Compressed(),
          ManyConnections(small),
          RapidReset("streams reset at once, Complete", kComplete),
          RapidReset("streams reset at once, StreamComplete", kStreamComplete),
          EndlessHeaders(),
          UnreadStreams()};
}

}  // namespace colophon::bench
