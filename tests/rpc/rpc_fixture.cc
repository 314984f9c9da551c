#include "tests/rpc/rpc_fixture.h"

#include <chrono>

#include "google/rpc/status.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "service/provider/providers.h"

namespace colophon {

absl::Status FromGrpc(const grpc::Status& status) {
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  if (status.error_details().empty()) return result;
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details()) ||
      details.code() != static_cast<int>(status.error_code()) ||
      details.message() != status.error_message()) {
    return absl::InternalError("the details don't say what the status says");
  }
  for (const auto& detail : details.details()) {
    result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return result;
}

void RpcFixture::SetUp() { Start(); }

void RpcFixture::Start() {
  options_.data_directory = directory_ / "data";
  options_.config.listen = *ListenAddress::Parse("127.0.0.1:0");
  options_.config.completion_threads = 2;
  options_.add_providers = [this](Providers* providers) {
    auto provider = std::make_unique<ScriptedProvider>(scripts_);
    provider_ = provider.get();
    providers->Add("scripted", std::move(provider));
  };
  auto server = Server::Start(options_);
  ASSERT_OK(server);
  server_ = *std::move(server);
  channel_ = NewChannel();
  registry_ = v1::RegistryService::NewStub(channel_);
  completion_ = v1::CompletionService::NewStub(channel_);
  record_ = v1::RecordService::NewStub(channel_);
  admin_ = v1::AdminService::NewStub(channel_);
}

void RpcFixture::TearDown() { server_ = nullptr; }

void RpcFixture::Restart() {
  server_ = nullptr;
  Start();
}

std::shared_ptr<grpc::Channel> RpcFixture::NewChannel(grpc::ChannelArguments arguments) {
  // Otherwise channels to one address share a connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(server_->address().text(), grpc::InsecureChannelCredentials(),
                                   arguments);
}

void RpcFixture::Prepare(grpc::ClientContext* context, const Metadata& metadata) {
  context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  for (const auto& [key, value] : metadata) context->AddMetadata(key, value);
}

void RpcFixture::CreateRepository(const std::string& name) {
  v1::CreateRepositoryRequest request;
  request.set_repository(name);
  ASSERT_OK(Call(*registry_, &v1::RegistryService::Stub::CreateRepository, request));
}

v1::Change RpcFixture::Publish(const std::string& prompt, const std::string& text) {
  v1::PublishRequest request;
  request.set_repository("acme");
  request.set_description("edit " + prompt);
  v1::FileEdit* edit = request.add_edits();
  edit->set_path(prompt + ".prompt");
  edit->set_content(text);
  v1::LabelMove* move = request.add_label_moves();
  move->set_prompt(prompt);
  move->set_label("production");
  move->mutable_targets()->add_targets()->set_version(0);
  auto response = Call(*registry_, &v1::RegistryService::Stub::Publish, request);
  EXPECT_OK(response);
  return response.ok() ? response->change() : v1::Change();
}

v1::Change RpcFixture::MoveLabel(const std::string& name, int version) {
  v1::UpdateLabelRequest request;
  request.set_name(name);
  request.mutable_targets()->add_targets()->set_version(version);
  auto response = Call(*registry_, &v1::RegistryService::Stub::UpdateLabel, request);
  EXPECT_OK(response);
  return response.ok() ? response->change() : v1::Change();
}

void ExpectFailures(const std::vector<Failure>& failures) {
  for (const Failure& failure : failures) {
    EXPECT_EQ(failure.status.code(), failure.code) << failure.what << ": " << failure.status;
    EXPECT_EQ(ReasonOf(failure.status), failure.reason) << failure.what << ": " << failure.status;
    EXPECT_FALSE(MessageOf(failure.status).empty()) << failure.what;
  }
}

}  // namespace colophon
