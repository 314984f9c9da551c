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
      {Url(std::string(99, 'x') + "\u00e9"), "x\\xc3\\xa9\""},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(ReadMedia(c.media, "here"),
                ErrorIs(StatusCode::kInvalidArgument, "UNSUPPORTED", HasSubstr(c.message)));
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
