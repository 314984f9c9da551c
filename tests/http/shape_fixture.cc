#include "tests/http/shape_fixture.h"

#include "fmt/format.h"

namespace colophon {

void ShapeFixture::SetUp() {
  openai_.SetHandler([](const ModelRequest& request) {
    return OpenAiAnswerTo(request, {"Hello", " there"});
  });
  anthropic_.SetHandler([](const ModelRequest& request) {
    const bool is_stream = request.body.find(R"("stream":true)") != std::string::npos;
    return is_stream ? AnthropicStream({"Hello", " there"}) : AnthropicAnswer("Hello there");
  });
  config::v1::Config config;
  const std::string text = fmt::format(
      "providers {{ name: \"openai\" kind: KIND_OPENAI base_url: \"{}\" }}"
      "providers {{ name: \"anthropic\" kind: KIND_ANTHROPIC base_url: \"{}\" }}",
      openai_.base_url(), anthropic_.base_url());
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &config));
  options_.config.providers = config.providers();
  options_.config.http_listen = *ListenAddress::Parse("127.0.0.1:0");
  RpcFixture::SetUp();
  CreateRepository();
}

RawResponse ShapeFixture::Post(const std::string& path, const std::string& body,
                               const std::vector<std::string>& headers) {
  RawClient client(port());
  std::vector<std::string> all = {"Content-Type: application/json"};
  all.insert(all.end(), headers.begin(), headers.end());
  client.Send("POST", path, all, body);
  return client.Read();
}

v1::Record ShapeFixture::Record(const std::string& id) {
  v1::GetRecordRequest request;
  request.set_id(id);
  auto response = Call(*record_, &v1::RecordService::Stub::GetRecord, request);
  EXPECT_OK(response);
  return response.ok() ? response->record() : v1::Record();
}

int ShapeFixture::RecordCount(const std::string& filter) {
  v1::ListRecordsRequest request;
  request.set_name("acme");
  request.set_filter(filter);
  const auto response = Call(*record_, &v1::RecordService::Stub::ListRecords, request);
  return response.ok() ? response->records_size() : 0;
}

json::value Json(const std::string& text) {
  auto value = ParseJson(text);
  EXPECT_TRUE(value.ok()) << text;
  return value.ok() ? *std::move(value) : json::value();
}

std::string At(const std::string& text, const std::string& pointer) {
  const json::value value = Json(text);
  boost::system::error_code error;
  const json::value* const found = value.find_pointer(pointer, error);
  if (found == nullptr) return "";
  return found->is_string() ? std::string(View(found->get_string())) : WriteJson(*found);
}

std::vector<std::string> DataOf(const std::string& events) {
  std::vector<std::string> data;
  for (size_t at = events.find("data: "); at != events.npos; at = events.find("data: ", at)) {
    at += 6;
    data.push_back(events.substr(at, events.find("\n\n", at) - at));
  }
  return data;
}

}  // namespace colophon
