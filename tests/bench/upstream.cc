// A model API that answers at once: what stands behind Colophon and behind its
// peers. One thread and epoll, so that it costs little of the machine.
//
//   POST …            {"stream":true,…}: the first piece, then nothing more
//                     until the streams are released; else the whole answer
//   GET /held         how many streams are held
//   POST /release     releases them, now and from now on

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <unordered_map>

#include "CLI/CLI.hpp"
#include "fmt/format.h"
#include "tests/bench/http_connection.h"
#include "tests/bench/upstream_text.h"

namespace colophon::bench {
namespace {

std::string WithLength(std::string_view type, std::string_view body) {
  return fmt::format("HTTP/1.1 200 OK\r\ncontent-type: {}\r\ncontent-length: {}\r\n\r\n{}", type,
                     body.size(), body);
}

std::string Chunk(std::string_view body) {
  return fmt::format("{:x}\r\n{}\r\n", body.size(), body);
}

bool AsksForStream(std::string_view body) {
  return body.find(R"("stream":true)") != std::string_view::npos ||
         body.find(R"("stream": true)") != std::string_view::npos;
}

// One thread's.
class Upstream {
 public:
  explicit Upstream(size_t answer_bytes)
      : answer_(WithLength("application/json", ChatCompletion(std::string(answer_bytes, 'a')))) {}

  // The port; 0 when it can't listen.
  int Listen();
  // Until SIGTERM or SIGINT.
  void Serve();

 private:
  void Watch(int fd, bool writing, int operation);
  void Accept();
  void Handle(HttpConnection& connection, uint32_t events);
  // False: the peer is gone.
  bool Answer(HttpConnection& connection, const HttpCall& call);
  bool BeginStream(HttpConnection& connection, const HttpCall& call);
  bool EndStream(HttpConnection& connection, const std::string& marker);
  void ReleaseAll();
  void Close(HttpConnection& connection);

  const std::string answer_;
  const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  int listener_ = -1;
  int signals_ = -1;
  bool released_ = false;
  std::unordered_map<int, std::unique_ptr<HttpConnection>> connections_;
  std::unordered_map<int, std::string> held_;  // Markers by connection.
};

int Upstream::Listen() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  signals_ = signalfd(-1, &signals, SFD_CLOEXEC);
  Watch(signals_, false, EPOLL_CTL_ADD);

  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener_, SOMAXCONN) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return 0;
  }
  Watch(listener_, false, EPOLL_CTL_ADD);
  return ntohs(address.sin_port);
}

void Upstream::Watch(int fd, bool writing, int operation) {
  epoll_event event{};
  event.events = EPOLLIN | (writing ? static_cast<uint32_t>(EPOLLOUT) : 0u);
  event.data.fd = fd;
  epoll_ctl(epoll_, operation, fd, &event);
}

void Upstream::Serve() {
  epoll_event events[256];
  for (;;) {
    const int count = epoll_wait(epoll_, events, 256, -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[i].data.fd;
      if (fd == signals_) return;
      if (fd == listener_) {
        Accept();
      } else if (const auto found = connections_.find(fd); found != connections_.end()) {
        Handle(*found->second, events[i].events);
      }
    }
  }
}

void Upstream::Accept() {
  for (;;) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    connections_[fd] = std::make_unique<HttpConnection>(fd);
    Watch(fd, false, EPOLL_CTL_ADD);
  }
}

void Upstream::Handle(HttpConnection& connection, uint32_t events) {
  const bool was_writing = connection.has_unsent();
  bool alive = (events & EPOLLOUT) == 0 || connection.Flush();
  if (alive && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
    alive = connection.Read();
    while (alive) {
      const std::optional<HttpCall> call = connection.Next();
      if (!call) break;
      alive = Answer(connection, *call);
    }
    alive = alive && !connection.broken();
  }
  if (!alive) {
    Close(connection);
  } else if (connection.has_unsent() != was_writing) {
    Watch(connection.fd(), connection.has_unsent(), EPOLL_CTL_MOD);
  }
}

bool Upstream::Answer(HttpConnection& connection, const HttpCall& call) {
  if (call.path == "/held") {
    return connection.Write(WithLength("text/plain", fmt::format("{}", held_.size())));
  }
  if (call.path == "/release") {
    ReleaseAll();
    return connection.Write(WithLength("text/plain", "released"));
  }
  if (AsksForStream(call.body)) return BeginStream(connection, call);
  return connection.Write(answer_);
}

bool Upstream::BeginStream(HttpConnection& connection, const HttpCall& call) {
  const std::string marker = FindMarker(call.body);
  const std::string head =
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n" +
      Chunk(ChatChunk(PiecesOf(marker).front()));
  if (!connection.Write(head)) return false;
  if (released_) return EndStream(connection, marker);
  held_[connection.fd()] = marker;
  return true;
}

bool Upstream::EndStream(HttpConnection& connection, const std::string& marker) {
  const std::vector<std::string> pieces = PiecesOf(marker);
  std::string rest;
  for (size_t i = 1; i < pieces.size(); ++i) rest += Chunk(ChatChunk(pieces[i]));
  return connection.Write(rest + Chunk(ChatEnd()) + "0\r\n\r\n");
}

void Upstream::ReleaseAll() {
  released_ = true;
  const auto held = std::move(held_);
  held_.clear();
  for (const auto& [fd, marker] : held) {
    HttpConnection& connection = *connections_.at(fd);
    if (!EndStream(connection, marker)) {
      Close(connection);
    } else if (connection.has_unsent()) {
      Watch(fd, true, EPOLL_CTL_MOD);
    }
  }
}

void Upstream::Close(HttpConnection& connection) {
  const int fd = connection.fd();
  held_.erase(fd);
  connections_.erase(fd);
}

}  // namespace
}  // namespace colophon::bench

int main(int argc, char** argv) {
  CLI::App app("A model API that answers at once, for benchmarks");
  std::string port_file;
  size_t answer_bytes = 1024;
  app.add_option("--port-file", port_file, "Where to write the port")->required();
  app.add_option("--answer-bytes", answer_bytes, "Length of the text of a whole answer");
  CLI11_PARSE(app, argc, argv);

  colophon::bench::Upstream upstream(answer_bytes);
  const int port = upstream.Listen();
  if (port == 0) {
    fmt::print(stderr, "can't listen on 127.0.0.1\n");
    return 1;
  }
  std::ofstream(port_file + ".new") << port << "\n";
  std::filesystem::rename(port_file + ".new", port_file);
  upstream.Serve();
  return 0;
}
