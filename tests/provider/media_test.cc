#include "service/provider/media.h"

#include "gmock/gmock.h"
#include "service/provider/anthropic.h"
#include "service/provider/openai.h"
#include "service/provider/request_json.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::HasSubstr;
using namespace std::string_literals;

const std::string kPng = "\x89PNG\r\n\x1a\n...."s;
const std::string kJpeg = "\xff\xd8\xff\xe0...."s;
const std::string kWav = "RIFF\x10\0\0\0WAVEfmt "s;
const std::string kWebp = "RIFF\x10\0\0\0WEBPVP8 "s;
const std::string kPdf = "%PDF-1.7\n";

v1::Media Bytes(std::string bytes, std::string content_type = "") {
  v1::Media media;
  media.set_data(std::move(bytes));
  media.set_content_type(std::move(content_type));
  return media;
}

v1::Media Url(std::string url, std::string content_type = "") {
  v1::Media media;
  media.set_url(std::move(url));
  media.set_content_type(std::move(content_type));
  return media;
}

v1::Media DataUrl(const std::string& type, const std::string& bytes) {
  return Url("data:" + type + ";base64," + Base64(bytes));
}

v1::Rendered Showing(const v1::Media& media) {
  v1::Rendered rendered;
  v1::Message& message = *rendered.add_messages();
  message.set_role(v1::ROLE_USER);
  message.add_parts()->set_text("What is it?");
  *message.add_parts()->mutable_media() = media;
  return rendered;
}

TEST(MediaTest, KnowsWhatBytesAre) {
  EXPECT_EQ(SniffContentType(kPng), "image/png");
  EXPECT_EQ(SniffContentType(kJpeg), "image/jpeg");
  EXPECT_EQ(SniffContentType("GIF89a..."), "image/gif");
  EXPECT_EQ(SniffContentType("GIF87a"), "image/gif");
  EXPECT_EQ(SniffContentType(kWebp), "image/webp");
  EXPECT_EQ(SniffContentType(kWav), "audio/wav");
  EXPECT_EQ(SniffContentType("ID3\x04"), "audio/mpeg");
  EXPECT_EQ(SniffContentType(kPdf), "application/pdf");
  for (const std::string& other : {""s, "GIF"s, "RIFF"s, "RIFF\x10\0\0\0AVI "s, "hello"s}) {
    EXPECT_EQ(SniffContentType(other), "") << other;
  }
}

TEST(MediaTest, ReadsTypeAndBytes) {
  const struct {
    v1::Media media;
    const char* type;
    std::string bytes;
  } cases[] = {
      {Bytes(kPng), "image/png", kPng},
      {Bytes(kPng, "image/png"), "image/png", kPng},
      {Bytes(kJpeg, "Image/JPG; q=1"), "image/jpeg", kJpeg},
      {Bytes("whatever", "image/x-own"), "image/x-own", "whatever"},
      {Bytes(kPng, "application/octet-stream"), "application/octet-stream", kPng},
      {DataUrl("image/webp", kWebp), "image/webp", kWebp},
      {DataUrl("", kPdf), "application/pdf", kPdf},
      {DataUrl("audio/x-wav", kWav), "audio/wav", kWav},
  };
  for (const auto& c : cases) {
    ASSERT_OK_AND_ASSIGN(const MediaSource source, ReadMedia(c.media, "here"));
    EXPECT_TRUE(source.is_bytes());
    EXPECT_EQ(source.type, c.type);
    EXPECT_EQ(source.base64, Base64(c.bytes));
    EXPECT_EQ(source.DataUrl(), "data:"s + c.type + ";base64," + Base64(c.bytes));
  }
  ASSERT_OK_AND_ASSIGN(const MediaSource source, ReadMedia(Url("https://x/a", "image/png"), "h"));
  EXPECT_FALSE(source.is_bytes());
  EXPECT_EQ(source.url, "https://x/a");
  EXPECT_EQ(source.type, "image/png");
}

TEST(MediaTest, RefusesWhatNoApiCouldRead) {
  const struct {
    v1::Media media;
    const char* message;
  } cases[] = {
      {Bytes("x"), "here: media given as bytes needs a content type"},
      {Bytes(kJpeg, "image/png"),
       "the content type says \"image/png\", and the bytes are "
       "\"image/jpeg\""},
      {DataUrl("image/gif", kPdf), "the bytes are \"application/pdf\""},
      {Url("data:image/png,abc"), "in Base64 only"},
      {Url("data:image/png;base64"), "in Base64 only"},
      {Url("file:///etc/passwd"), "media URL \"file:///etc/passwd\""},
      {Url(""), "media URL \"\""},
      {Url(std::string(99, 'x') + "\u00e9"), "x\u00e9\""},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(ReadMedia(c.media, "here"),
                ErrorIs(StatusCode::kInvalidArgument, "UNSUPPORTED", HasSubstr(c.message)));
  }
}

// Kind: a URL that leads elsewhere than it seems. It is looked at as a whole.
TEST(MediaTest, AUrlIsHttpsToTheInternetOrData) {
  for (const char* good :
       {"https://example.com/a.png", "HTTPS://Example.COM/a", "https://example.com:8443/a?b=c#d",
        "https://xn--bcher-kva.example/%C3%A4.png", "https://8.8.8.8/a", "https://[2606:4700::1]/a",
        "https://example.com", "https://a_b.example.com./x",
        "data:image/png;base64,iVBORw0KGgo=", "DATA:Image/PNG;Base64,iVBORw0KGgo=",
        "data:image/png;charset=x;base64,iVBORw0KGgo=", "data:;base64,iVBORw0KGgo="}) {
    EXPECT_OK(CheckMedia(Url(good), "here")) << good;
  }
  const std::string long_url = "https://example.com/" + std::string(9'000, 'a');
  for (const std::string& bad : std::vector<std::string>{
           "http://example.com/a.png", "http://169.254.169.254/latest/meta-data", "ftp://x/a",
           "file:///etc/passwd", "javascript:alert(1)", "//example.com/a", "example.com/a", "",
           " https://example.com/", "https:/example.com", "https:example.com", "https://",
           "https:///a", "https://?a", "https://:80/a", "https://example.com/a b",
           "https://example.com/\r\nx: y", "https://example.com/a\n",
           std::string("https://example.com/a\0b", 23), "https://example.com/\x7f",
           "https://example.com/\u00e4", "https://example.com\\@evil.example/",
           "https://user@example.com/", "https://user:password@example.com/",
           "https://example.com:port/", "https://ex%61mple.com/", "https://exa mple.com/", long_url,
           // Private and local networks, in each way to write them.
           "https://127.0.0.1/", "https://10.1.2.3/", "https://172.31.0.1/", "https://192.168.1.1/",
           "https://169.254.169.254/", "https://100.64.0.1/", "https://0.0.0.0/",
           "https://224.0.0.1/", "https://255.255.255.255/", "https://[::1]/", "https://[::]/",
           "https://[::ffff:10.0.0.1]/", "https://[::ffff:a00:1]/", "https://[fe80::1]/",
           "https://[fc00::1]/", "https://[fd12::1]/", "https://[ff02::1]/",
           "https://[64:ff9b::a00:1]/", "https://localhost/", "https://LOCALHOST./",
           "https://a.localhost/", "https://printer.local/", "https://metadata.google.internal/",
           "https://2130706433/", "https://0x7f000001/", "https://127.1/", "https://0177.0.0.1/",
           "https://example.0x1/", "https://[v1.a]/",
           // Data that is none.
           "data:image/png,abc", "data:image/png;base64", "data:image/png;base64,",
           "data:image/png;base64,%%%", "data:image/png;base64,abc", "data:image/png;base64,abc=d",
           "data:image/png;base64,ab\ncd", "data:image/png;base64,YWJj YWJj",
           "data:image/png;base64,iVBORw0KGgo", "data:image/png;base64,-_-_",
           "data:image;base64,YWJj", "data:image/p ng;base64,YWJj", "data:image/png;x;base64,YWJj",
           "data:image/png\r\n;base64,YWJj", "data:/png;base64,YWJj"}) {
    EXPECT_THAT(CheckMedia(Url(bad), "here"),
                ErrorIs(StatusCode::kInvalidArgument, "UNSUPPORTED", testing::StartsWith("here: ")))
        << bad;
    EXPECT_THAT(ReadMedia(Url(bad), "here"), ErrorIs(StatusCode::kInvalidArgument, "UNSUPPORTED"));
  }
  for (const char* type : {"image", "image/", "/png", "image/png\r\nx: y", "image/png;", "a b/c"}) {
    EXPECT_THAT(CheckMedia(Bytes(kPng, type), "here"),
                ErrorIs(StatusCode::kInvalidArgument, "UNSUPPORTED"))
        << type;
  }
}

TEST(MediaTest, OpenAiHearsAndReads) {
  const OpenAiFormat openai({.is_vendor = true, .has_vendors_models = true});
  const struct {
    v1::Media media;
    std::string part;
  } cases[] = {
      {Bytes(kWav),
       R"({"type":"input_audio","input_audio":{"data":")" + Base64(kWav) + R"(","format":"wav"}})"},
      {Bytes("ID3\x04", "audio/mp3"), R"("format":"mp3"}})"},
      {Bytes(kPdf), R"({"type":"file","file":{"filename":"document.pdf","file_data":"data:)"},
      {DataUrl("image/webp", kWebp), R"({"type":"image_url","image_url":{"url":"data:image/webp)"},
      {Url("https://x/a"), R"({"type":"image_url","image_url":{"url":"https://x/a"}})"},
  };
  for (const auto& c : cases) {
    ASSERT_OK_AND_ASSIGN(const std::string body, openai.Encode(Showing(c.media), "gpt-4o", false));
    EXPECT_THAT(body, HasSubstr(c.part));
  }
}

// Azure's models have whatever names somebody gave them.
TEST(MediaTest, ChecksWhatTheModelTakes) {
  const OpenAiFormat openai({.is_vendor = true, .has_vendors_models = true});
  const OpenAiFormat azure({.is_vendor = true, .has_vendors_models = false});
  const OpenAiFormat compatible({});
  const AnthropicFormat anthropic;
  const v1::Rendered picture = Showing(Bytes(kPng));
  for (const char* model : {"gpt-4", "gpt-3.5-turbo-0125", "o3-mini"}) {
    EXPECT_THAT(openai.Encode(picture, model, false),
                ErrorIs(StatusCode::kInvalidArgument, "UNSUPPORTED",
                        HasSubstr("messages[0].parts[1]: the model \"" + std::string(model) +
                                  "\" takes text only")));
    EXPECT_OK(azure.Encode(picture, model, false));
    EXPECT_OK(compatible.Encode(picture, model, false));
  }
  for (const char* model : {"gpt-4o", "gpt-4-turbo", "gpt-99", "o3"}) {
    EXPECT_OK(openai.Encode(picture, model, false)) << model;
  }
  EXPECT_THAT(anthropic.Encode(picture, "claude-2.1", false),
              ErrorIs(StatusCode::kInvalidArgument, "UNSUPPORTED", HasSubstr("takes text only")));
  EXPECT_OK(anthropic.Encode(picture, "claude-sonnet-4-5", false));
}

TEST(MediaTest, ChecksWhatTheApiTakes) {
  const OpenAiFormat openai({.is_vendor = true, .has_vendors_models = true});
  const OpenAiFormat compatible({});
  const AnthropicFormat anthropic;
  const auto refused = [](const std::string& part) {
    return ErrorIs(StatusCode::kInvalidArgument, "UNSUPPORTED", HasSubstr(part));
  };
  const v1::Rendered bitmap = Showing(Bytes("BM", "image/bmp"));
  EXPECT_THAT(openai.Encode(bitmap, "gpt-4o", false), refused("PNG, JPEG, GIF and WebP images"));
  EXPECT_OK(compatible.Encode(bitmap, "llava", false));
  EXPECT_THAT(anthropic.Encode(bitmap, "claude-sonnet-4-5", false), refused("not \"image/bmp\""));

  const v1::Rendered sound = Showing(Bytes(kWav));
  EXPECT_THAT(anthropic.Encode(sound, "claude-sonnet-4-5", false), refused("not \"audio/wav\""));
  const v1::Rendered video = Showing(Bytes("x", "video/mp4"));
  EXPECT_THAT(compatible.Encode(video, "llava", false), refused("not \"video/mp4\""));
  EXPECT_THAT(openai.Encode(Showing(Url("https://x/a.pdf", "application/pdf")), "gpt-4o", false),
              refused("not \"application/pdf\" by URL"));
  EXPECT_OK(anthropic.Encode(Showing(Url("https://x/a.pdf", "application/pdf")),
                             "claude-sonnet-4-5", false));
}

}  // namespace
}  // namespace colophon
