// What no good git client sends to git's door, and clients that leave.

#include <dirent.h>

#include <fstream>
#include <iterator>
#include <random>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "service/api/git_service.h"
#include "service/git/push_request.h"
#include "tests/http/raw_client.h"
#include "tests/rpc/rpc_fixture.h"
#include "tests/testing/eventually.h"

namespace colophon {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// Programs that this process has started and that run.
int ProgramCount() {
  int count = 0;
  const std::string mine = fmt::format(" {} ", getpid());
  DIR* const processes = opendir("/proc");
  while (const dirent* entry = readdir(processes)) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    std::ifstream file(fmt::format("/proc/{}/stat", entry->d_name));
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const size_t state = text.rfind(") ");
    if (state != std::string::npos && text.substr(state + 3).starts_with(mine)) ++count;
  }
  closedir(processes);
  return count;
}

class GitHttpTest : public RpcFixture {
 protected:
  void SetUp() override {
    options_.config.http_listen = *ListenAddress::Parse("127.0.0.1:0");
    options_.config.max_message_bytes = 4 << 20;
    RpcFixture::SetUp();
    CreateRepository();
    head_ = Publish("greeting", "Hello.").commit();
  }
  int port() const { return server_->http_address()->port; }

  RawResponse Get(const std::string& target, const std::vector<std::string>& headers = {}) {
    RawClient client(port());
    client.Send("GET", target, headers);
    return client.Read();
  }
  RawResponse Post(const std::string& service, const std::string& body,
                   std::vector<std::string> headers = {}) {
    RawClient client(port());
    headers.push_back(fmt::format("Content-Type: application/x-{}-request", service));
    client.Send("POST", "/acme.git/" + service, headers, body);
    return client.Read();
  }
  std::string Want(const std::string& id) {
    return GitLine(fmt::format("want {} side-band-64k ofs-delta\n", id)) + kGitFlush +
           GitLine("done\n");
  }
  // The server goes on.
  void ExpectServes() {
    const RawResponse refs = Get("/acme.git/info/refs?service=git-upload-pack");
    EXPECT_EQ(refs.status, 200);
    EXPECT_THAT(refs.body, StartsWith("001e# service=git-upload-pack\n0000"));
    EXPECT_TRUE(Eventually([] { return ProgramCount() == 0; }));
  }

  std::string head_;
};

TEST_F(GitHttpTest, SaysWhatThereIsAndSendsIt) {
  const RawResponse refs = Get("/acme.git/info/refs?service=git-upload-pack");
  EXPECT_EQ(refs.status, 200);
  EXPECT_EQ(refs.headers.at("content-type"), "application/x-git-upload-pack-advertisement");
  EXPECT_THAT(refs.headers.at("cache-control"), HasSubstr("no-cache"));
  EXPECT_THAT(refs.body, HasSubstr(head_ + " refs/heads/main\n"));
  EXPECT_THAT(refs.body, HasSubstr("refs/tags/greeting/v1\n"));
  const RawResponse pack = Post("git-upload-pack", Want(head_));
  EXPECT_EQ(pack.headers.at("content-type"), "application/x-git-upload-pack-result");
  EXPECT_THAT(pack.body, HasSubstr("PACK"));
  EXPECT_THAT(Get("/acme.git/info/refs?service=git-receive-pack").body,
              HasSubstr(head_ + " refs/heads/main"));
  // Whether it may push, before much is sent.
  EXPECT_EQ(Post("git-receive-pack", kGitFlush).status, 200);
}

TEST_F(GitHttpTest, NamesAreNamesAndNothingElse) {
  for (const char* target :
       {"/nowhere.git/info/refs?service=git-upload-pack",
        "/..git/info/refs?service=git-upload-pack", "/.git/info/refs?service=git-upload-pack",
        "/$(touch%20x).git/info/refs?service=git-upload-pack",
        "/`id`.git/info/refs?service=git-upload-pack",
        "/-acme.git/info/refs?service=git-upload-pack",
        "/%61cme.git/info/refs?service=git-upload-pack",
        "/acme%00.git/info/refs?service=git-upload-pack",
        "/acme/../acme.git/info/refs?service=git-upload-pack",
        "/%2e%2e%2facme.git/info/refs?service=git-upload-pack", "/acme.git/HEAD",
        "/acme.git/objects/info/packs", "/acme.git/config", "/acme.git/../acme.git/config",
        "/acme.git/", "/acme.git", "/ACME.git/info/refs?service=git-upload-pack"}) {
    const RawResponse response = Get(target);
    EXPECT_TRUE(response.status == 404 || response.status == 400) << target << response.status;
  }
  for (const char* target :
       {"/acme.git/info/refs", "/acme.git/info/refs?service=git-upload-archive",
        "/acme.git/info/refs?service=git-upload-pack;id",
        "/acme.git/info/refs?service=", "/acme.git/info/refs?x=1&service=git-upload-pack"}) {
    EXPECT_EQ(Get(target).status, 403) << target;
  }
  EXPECT_EQ(Get("/acme.git/git-upload-pack").status, 405);
  ExpectServes();
}

TEST_F(GitHttpTest, WhatIsNoRequestOfGitsIsRefused) {
  const std::string want = Want(head_);
  RawClient client(port());
  client.Send("POST", "/acme.git/git-upload-pack", {"Content-Type: text/plain"}, want);
  EXPECT_EQ(client.Read().status, 400);
  EXPECT_EQ(Post("git-upload-pack", want, {"Content-Encoding: br"}).status, 400);
  EXPECT_EQ(Post("git-upload-pack", want, {"Content-Encoding: gzip"}).status, 400);
  EXPECT_EQ(Post("git-upload-pack", want, {"Colophon-Caller: \x01"}).status, 400);
  for (const std::string& bad :
       {std::string("zzzz"), std::string("0003"), GitLine("hello"),
        GitLine(std::string(40, 'a') + " " + head_ + " refs/heads/main")}) {
    EXPECT_EQ(Post("git-receive-pack", bad).status, 400) << bad;
  }
  // Of upload-pack git is the judge: what isn't there isn't sent.
  for (const std::string& bad :
       {std::string("zzzz"), GitLine("want nothing\n"), Want(std::string(40, 'e')),
        GitLine("filter blob:none\n") + kGitFlush}) {
    EXPECT_THAT(Post("git-upload-pack", bad).body, testing::Not(HasSubstr("PACK"))) << bad;
  }
  ExpectServes();
}

TEST_F(GitHttpTest, AHugeListOfWishesIsBounded) {
  std::string wants;
  std::mt19937 random(1);
  for (int i = 0; i < 60'000; ++i) {
    std::string id;
    while (id.size() < 40) id += "0123456789abcdef"[random() % 16];
    wants += GitLine(fmt::format("want {}{}\n", id, i == 0 ? " side-band-64k" : ""));
  }
  ASSERT_LT(wants.size(), GitService::kMaxWishBytes);
  EXPECT_THAT(Post("git-upload-pack", wants + kGitFlush + GitLine("done\n")).body,
              testing::Not(HasSubstr("PACK")));
  std::string more;
  while (more.size() <= GitService::kMaxWishBytes) more += wants;
  EXPECT_EQ(Post("git-upload-pack", more).status, 413);
  ExpectServes();
}

// The program that answers it goes too.
TEST_F(GitHttpTest, WhoLeavesInTheMiddleLeavesNothing) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 12; ++i) {
    std::string text;
    while (text.size() < 900'000) text += fmt::format("{:016x}", random());
    Publish(fmt::format("large/p{}", i), text);
  }
  const std::string head = Publish("greeting", "Hello again.").commit();
  for (int i = 0; i < 4; ++i) {
    RawClient client(port());
    client.Send("POST", "/acme.git/git-upload-pack",
                {"Content-Type: application/x-git-upload-pack-request"}, Want(head));
    EXPECT_EQ(client.ReadHead().status, 200);
    if (i % 2 == 0) {
      EXPECT_THAT(client.ReadChunk(), testing::Not(IsEmpty()));
      EXPECT_GT(ProgramCount(), 0) << "it would go on for megabytes";
    }
  }
  EXPECT_TRUE(Eventually([] { return ProgramCount() == 0; }));
  ExpectServes();
}

TEST_F(GitHttpTest, SoManyPushesAtATimeAreRead) {
  std::vector<std::unique_ptr<RawClient>> slow;
  const std::string head =
      "POST /acme.git/git-receive-pack HTTP/1.1\r\nHost: localhost\r\n"
      "Content-Type: application/x-git-receive-pack-request\r\nContent-Length: 4\r\n"
      "Expect: 100-continue\r\n\r\n";
  for (int i = 0; i < GitService::kMaxPushes; ++i) {
    slow.push_back(std::make_unique<RawClient>(port()));
    slow.back()->Send(head);
    EXPECT_EQ(slow.back()->ReadHead().status, 100) << i;
  }
  RawClient more(port());
  more.Send(head);
  const RawResponse refused = more.Read();
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.body, HasSubstr("try again"));
  slow[0]->Send(kGitFlush);
  EXPECT_EQ(slow[0]->Read().status, 200);
  EXPECT_TRUE(Eventually([&] { return Post("git-receive-pack", kGitFlush).status == 200; }));
}

}  // namespace
}  // namespace colophon
