#include "tests/e2e/e2e_test.h"

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "tests/testing/matchers.h"

namespace colophon {

E2eTest::E2eTest() : server_(std::make_unique<ServerProcess>(COLOPHOND_PROGRAM, data())) {}

void E2eTest::Serve(const std::string& config) {
  std::vector<std::string> arguments;
  if (!config.empty()) {
    WriteFile(dir_ / "colophond.textproto", config);
    arguments = {"--config", dir_ / "colophond.textproto"};
  }
  ASSERT_OK(server_->Start(arguments));
}

void E2eTest::StopServing() { ASSERT_EQ(server_->Terminate(), 0) << server_->log(); }

Client E2eTest::client() const {
  ClientOptions options;
  options.address = server_->address();
  return Client(options);
}

void E2eTest::PublishGreet() {
  v1::CreateRepositoryRequest create;
  create.set_repository("acme");
  ASSERT_OK(client().CreateRepository(create));
  v1::PublishRequest publish = PublishOf(
      "support/greet.prompt",
      "---\nmodel: echo/echo\ncolophon.overrides: [model]\n---\n{{role \"user\"}}{{text}}");
  v1::LabelMove* move = publish.add_label_moves();
  move->set_prompt("support/greet");
  move->set_label("production");
  move->mutable_targets()->add_targets()->set_version(1);
  ASSERT_OK(client().Publish(publish));
}

v1::CompleteResponse E2eTest::CallGreet(const std::string& text) {
  const absl::StatusOr<v1::CompleteResponse> response =
      client().Complete(CallOf("acme/support/greet", text));
  EXPECT_OK(response);
  return response.ok() ? *response : v1::CompleteResponse();
}

v1::PublishRequest PublishOf(const std::string& path, const std::string& content) {
  v1::PublishRequest request;
  request.set_repository("acme");
  request.set_description("Edit " + path);
  v1::FileEdit* edit = request.add_edits();
  edit->set_path(path);
  edit->set_content(content);
  return request;
}

v1::CompleteRequest CallOf(const std::string& name, const std::string& text) {
  v1::CompleteRequest request;
  request.set_name(name);
  (*request.mutable_variables()->mutable_fields())["text"].set_string_value(text);
  return request;
}

std::string TextOf(const v1::Completion& completion) {
  std::string text;
  for (const v1::Part& part : completion.message().parts()) text += part.text();
  return text;
}

std::string SourceFolder() { return COLOPHON_SOURCE_DIR; }

}  // namespace colophon
