// What strangers may take of the server: memory, descriptors, time.

#include <zlib.h>

#include <memory>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/e2e_test.h"
#include "tests/testing/eventually.h"
#include "tests/testing/http2_connection.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::HasSubstr;

constexpr int64_t kMebibyte = 1 << 20;
constexpr char kGetVersion[] = "/colophon.v1.RegistryService/GetVersion";
constexpr char kComplete[] = "/colophon.v1.CompletionService/Complete";
constexpr char kWatchChanges[] = "/colophon.v1.RegistryService/WatchChanges";
constexpr char kStreamComplete[] = "/colophon.v1.CompletionService/StreamComplete";

class DoorTest : public E2eTest {
 protected:
  int port() const {
    const std::string& address = server().address();
    return std::stoi(address.substr(address.find(':') + 1));
  }

  // A call of somebody else's, on a connection of its own.
  void ExpectServes() {
    v1::GetVersionRequest request;
    request.set_name("acme/support/greet");
    EXPECT_OK(client().GetVersion(request));
  }
};

// So many zeros in zlib's format, or gzip's (`window_bits` as zlib has it): a part
// is packed once and then there as often as it takes.
std::string PackedZeros(int64_t size, int window_bits) {
  constexpr int kPartBytes = 16 << 20;
  const std::string part(kPartBytes, '\0');
  z_stream stream{};
  EXPECT_EQ(
      deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window_bits, 9, Z_DEFAULT_STRATEGY),
      Z_OK);
  const auto pack = [&] {
    std::string packed(1 << 20, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data()));
    stream.avail_in = kPartBytes;
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = packed.size();
    EXPECT_EQ(deflate(&stream, Z_FULL_FLUSH), Z_OK);
    packed.resize(packed.size() - stream.avail_out);
    return packed;
  };
  std::string all = pack();
  const std::string more = pack();
  for (int64_t done = kPartBytes; done < size; done += kPartBytes) all += more;
  deflateEnd(&stream);
  return all;  // Without its end: what unpacks it has all of it by then.
}

// Kind: memory that is taken before any limit is looked at.
TEST_F(DoorTest, ACompressedMessageIsRefusedBeforeItIsUnpacked) {
  Serve();
  PublishGreet();
  const struct {
    const char* encoding;
    int window_bits;
  } kCases[] = {{"gzip", 15 + 16}, {"deflate", 15}};
  for (const auto& [encoding, window_bits] : kCases) {
    SCOPED_TRACE(encoding);
    const std::string bomb = PackedZeros(4'000 * kMebibyte, window_bits);
    EXPECT_LT(bomb.size(), 5 * kMebibyte);
    const int64_t before = server().peak_resident_bytes();
    Http2Connection connection(port());
    connection.SendGrpcHeaders(1, kGetVersion, {{"grpc-encoding", encoding}});
    connection.SendMessage(1, bomb, /*compressed=*/true);
    EXPECT_TRUE(connection.AwaitEndOfStream(1));
    EXPECT_LT(server().peak_resident_bytes() - before, 64 * kMebibyte);
    ExpectServes();
  }
}

// Kind: the same; a message is taken in whole before its size is looked at, and what
// all of them take is bounded.
TEST_F(DoorTest, AMessageOfManyTimesTheLimitTakesBoundedMemory) {
  Serve();
  PublishGreet();
  const int64_t before = server().peak_resident_bytes();
  {
    Http2Connection connection(port());
    connection.SendGrpcHeaders(1, kGetVersion);
    connection.SendZeros(1, 2'000 * kMebibyte);
    connection.AwaitEndOfStream(1);
  }
  EXPECT_LT(server().peak_resident_bytes() - before, 1'300 * kMebibyte);
  ExpectServes();
}

// Kind: descriptors that strangers use up and the store then lacks.
TEST_F(DoorTest, MoreConnectionsThanFilesLeaveTheStoreItsOwn) {
  server().set_open_file_limit(256);
  // A small cache, so that the store begins a new log every few mebibytes.
  Serve("store_cache_bytes: 8388608");
  PublishGreet();
  const Client early = client();
  ASSERT_OK(early.Complete(CallOf("acme/support/greet", "Hello")));
  {
    std::vector<std::unique_ptr<Http2Connection>> strangers;
    for (int i = 0; i < 400; ++i) strangers.push_back(std::make_unique<Http2Connection>(port()));
    EXPECT_TRUE(Eventually([&] { return server().HasLogged("event=connections_full"); }))
        << server().log();
    const std::string text(100'000, 'x');
    for (int i = 0; i < 200; ++i) {
      ASSERT_OK(early.Complete(CallOf("acme/support/greet", text))) << i << server().log();
    }
    for (int i = 0; i < 20; ++i) {
      ASSERT_OK(early.Publish(PublishOf(fmt::format("more/p{}.prompt", i), "Hello {{name}}")));
    }
    v1::CreateBackupRequest backup;
    backup.set_backup("full");
    ASSERT_OK(early.CreateBackup(backup));
  }
  ExpectServes();  // They are gone, and there is room.
  StopServing();
}

// Kind: work and memory for calls that nobody waits for.
TEST_F(DoorTest, WhoTakesBackManyCallsASecondIsDisconnected) {
  Serve("max_streams_per_connection: 100");
  PublishGreet();
  const auto disconnected = [this] {
    return server().TimesLogged("level=warn event=disconnected");
  };
  const int64_t before = server().peak_resident_bytes();
  for (const char* method : {kStreamComplete, kGetVersion, kComplete, kWatchChanges}) {
    SCOPED_TRACE(method);
    for (int i = 0; i < 2; ++i) {
      const int before_this = disconnected();
      Http2Connection connection(port());
      uint32_t stream = 1;
      const std::string empty_message(5, '\0');
      for (int calls = 0; calls < 30'000 && connection.is_open(); ++calls, stream += 2) {
        connection.SendGrpcHeaders(stream, method);
        connection.Send(Http2Connection::kData, 1, stream, empty_message);
        connection.SendReset(stream);
        if (calls % 100 == 0) connection.Drain();
      }
      EXPECT_TRUE(Eventually([&] {
        connection.Drain();
        return !connection.is_open();
      }));
      EXPECT_GT(disconnected(), before_this);
    }
  }
  // gRPC reads on while it has time to and tells of a call later: a connection's
  // calls (18 kB each) may all be there before the first is counted. Those of all
  // eight never are.
  EXPECT_LT(server().peak_resident_bytes() - before, 540 * kMebibyte);
  ExpectServes();
}

// One who takes back all of his calls, as often as he may have them open, is honest.
TEST_F(DoorTest, WhoTakesBackTheCallsThatHeMayHaveIsServed) {
  Serve();
  PublishGreet();
  Http2Connection connection(port());
  uint32_t stream = 1;
  for (int i = 0; i < 1'000; ++i, stream += 2) {
    connection.SendGrpcHeaders(stream, kStreamComplete);
    connection.SendReset(stream);
  }
  connection.SendGrpcHeaders(stream, kGetVersion);
  connection.SendMessage(stream,
                         "\x0a\x12"
                         "acme/support/greet");
  EXPECT_TRUE(connection.AwaitEndOfStream(stream));
}

// Kind: a limit that only gRPC's words tell of.
TEST_F(DoorTest, APortThatIsTakenIsToldInOneLine) {
  Serve();
  const ShellResult second =
      Shell(fmt::format("timeout 60 {} --data {} --listen {}", COLOPHOND_PROGRAM, dir() / "other",
                        server().address()));
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_EQ(second.output,
            fmt::format("colophond: can't listen on {}: Address already in use; another program "
                        "holds the port: choose another one with --listen, or 0 for any\n",
                        server().address()));
}

TEST_F(DoorTest, TooFewFilesAreToldAtTheStart) {
  server().set_open_file_limit(128);
  const absl::Status started = server().Start();
  EXPECT_THAT(MessageOf(started), HasSubstr("may open 128 files, which is too few"));
}

}  // namespace
}  // namespace colophon
