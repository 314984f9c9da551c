#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>

#include "grpcpp/server_builder.h"
#include "service/base/status.h"

namespace colophon {

// The socket that clients connect to, and their connections: taken here, up to a
// limit, and handed to gRPC, which reads, writes and closes them. gRPC's own
// listening socket takes whoever comes until no file can be opened any more, the
// store's next one among them.
//
// gRPC doesn't say when it closes a connection, so that is looked up: a connection
// is open as long as its descriptor is the socket that it was (sockets have an
// inode, which the kernel gives to no other while it's open).
//
// Thread-safe, but for Start and Stop.
class Listener {
 public:
  // Takes the port; clients are refused until Start. FAILED_PRECONDITION ADDRESS_IN_USE
  // when another program has it, CANT_LISTEN when it can't be had. Port 0 picks a free one.
  static absl::StatusOr<std::unique_ptr<Listener>> Bind(const std::string& host, int port,
                                                        int max_connections);
  ~Listener();

  int port() const { return port_; }

  // Listens, and hands connections to `server`, which has started and outlives Stop.
  // FAILED_PRECONDITION CANT_LISTEN.
  absl::Status Start(std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> server);
  // Takes none any more. Idempotent.
  void Stop();

  // Those that are open, at most max_connections.
  int connection_count();

  // Ends the connection of this peer, "ipv4:127.0.0.1:50123" as gRPC names it, if
  // it's open: its calls are cancelled.
  void Disconnect(const std::string& peer);

 private:
  struct Connection {
    ino_t inode = 0;  // The socket's.
    std::string peer;
  };

  Listener(int socket, std::string host, int port, int max_connections);

  void Run();
  void Accept();
  // Forgets the connections that were closed.
  void Sweep();
  bool IsFull();
  // At most once a minute.
  void Complain(std::string_view event, std::string_view message);

  // Constant after construction.
  const int socket_;
  const std::string host_;
  const int port_;
  const int max_connections_;
  const int stop_event_;

  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> server_;
  std::thread thread_;
  int64_t complained_at_ = 0;  // On thread_ only; seconds of the steady clock.

  std::mutex mu_;
  // Guarded by mu_. By descriptor.
  std::unordered_map<int, Connection> connections_;
};

}  // namespace colophon
