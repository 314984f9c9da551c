#pragma once

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "tests/http/raw_client.h"
#include "tests/rpc/rpc_fixture.h"

namespace colophon {

// A server that lets nobody in without a key. Tests call as the holder of one.
class AccessTest : public RpcFixture {
 protected:
  void SetUp() override {
    options_.config.http_listen = *ListenAddress::Parse("127.0.0.1:0");
    options_.config.require_keys = true;
    RpcFixture::SetUp();
    std::ifstream file(directory_ / "data/admin.key");
    ASSERT_TRUE(file >> admin_key_);
    as_ = admin_key_;
    MustCreateRepository("acme");
    MustCreateRepository("beta");
    ASSERT_OK(
        PublishFiles({{"support/triage.prompt", kGreeting}, {"sales/pitch.prompt", kGreeting}},
                     {"support/triage"}));
  }

  int port() const { return server_->http_address()->port; }
  Metadata Shown() const {
    return as_.empty() ? Metadata() : Metadata{{"authorization", "Bearer " + as_}};
  }

  // Calls as the holder of the key `as_`.
  template <class Stub, class Request, class Response>
  absl::StatusOr<Response> As(Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                           Response*),
                              const std::string& request) {
    return Call(stub, method, FromText<Request>(request), Shown());
  }
  void MustCreateRepository(const std::string& name) {
    ASSERT_OK(
        As(*registry_, &v1::RegistryService::Stub::CreateRepository, "repository: '" + name + "'"));
  }
  absl::Status PublishFiles(const std::map<std::string, std::string>& files,
                            const std::vector<std::string>& production = {},
                            const std::string& branch = "") {
    v1::PublishRequest request;
    request.set_repository("acme");
    request.set_description("test");
    request.set_branch(branch);
    for (const auto& [path, content] : files) {
      v1::FileEdit& edit = *request.add_edits();
      edit.set_path(path);
      edit.set_content(content);
    }
    for (const std::string& prompt : production) {
      v1::LabelMove& move = *request.add_label_moves();
      move.set_prompt(prompt);
      move.set_label("production");
      move.mutable_targets()->add_targets()->set_version(0);
    }
    return Call(*registry_, &v1::RegistryService::Stub::Publish, request, Shown()).status();
  }
  // Of a key made by the administrator, with these grants as text.
  v1::CreateKeyResponse NewKey(const std::string& caller, const std::string& grants) {
    const auto made = Call(
        *admin_, &v1::AdminService::Stub::CreateKey,
        FromText<v1::CreateKeyRequest>(fmt::format("key {{ caller: '{}' {} }}", caller, grants)),
        {{"authorization", "Bearer " + admin_key_}});
    EXPECT_OK(made);
    return made.ok() ? *made : v1::CreateKeyResponse();
  }
  RawResponse Http(const std::string& verb, const std::string& target,
                   std::vector<std::string> headers = {}, const std::string& body = "") {
    if (!as_.empty()) headers.push_back("Authorization: Bearer " + as_);
    RawClient client(port());
    client.Send(verb, target, headers, body);
    return client.Read();
  }

  std::string admin_key_;
  std::string as_;  // Empty: without a key.
};

}  // namespace colophon
