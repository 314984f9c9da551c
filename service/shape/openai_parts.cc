#include "service/shape/openai_parts.h"

#include <algorithm>
#include <string>
#include <utility>

#include "fmt/format.h"

namespace colophon::shape {
namespace {

using PartReader = absl::Status (*)(Fields part, v1::Message* message);

absl::Status ReadText(Fields part, v1::Message* message) {
  ASSIGN_OR_RETURN(*message->add_parts()->mutable_text(), part.Text("text"));
  // Of an answer that is given back.
  RETURN_IF_ERROR(part.Refuse("annotations", "a text has none here", json::array()));
  RETURN_IF_ERROR(part.Refuse("logprobs", "a text has none here", json::array()));
  return part.Finish();
}

absl::Status ReadRefusal(Fields part, v1::Message* message) {
  ASSIGN_OR_RETURN(*message->add_parts()->mutable_text(), part.Text("refusal"));
  return part.Finish();
}

absl::Status ReadDetail(Fields* image, v1::Media* media) {
  ASSIGN_OR_RETURN(const std::string detail, image->Text("detail"));
  if (detail != "auto") media->set_detail(detail);
  return image->Finish();
}

// {"image_url": {"url": …, "detail": …}}
absl::Status ReadImageUrl(Fields part, v1::Message* message) {
  ASSIGN_OR_RETURN(const json::object* const given, part.Object("image_url"));
  RETURN_IF_ERROR(part.Finish());
  if (given == nullptr) return Wrong(part.At("image_url"), nullptr, "it has to be {\"url\": …}");
  Fields image(*given, part.At("image_url"));
  v1::Media* const media = message->add_parts()->mutable_media();
  ASSIGN_OR_RETURN(*media->mutable_url(), image.RequiredText("url"));
  return ReadDetail(&image, media);
}

// {"image_url": …, "detail": …}
absl::Status ReadInputImage(Fields part, v1::Message* message) {
  constexpr char kNotOurs[] = "files of OpenAI aren't here; give the image itself";
  RETURN_IF_ERROR(part.Refuse("file_id", kNotOurs));
  v1::Media* const media = message->add_parts()->mutable_media();
  ASSIGN_OR_RETURN(*media->mutable_url(), part.RequiredText("image_url"));
  return ReadDetail(&part, media);
}

absl::Status ReadFile(Fields file, v1::Message* message) {
  RETURN_IF_ERROR(
      file.Refuse("file_id", "files of OpenAI aren't here; give file_data, a data: URL"));
  ASSIGN_OR_RETURN(std::string url, file.Text("file_url"));
  ASSIGN_OR_RETURN(std::string data, file.Text("file_data"));
  if (url.empty() == data.empty()) {
    return Wrong(file.At("file_data"), nullptr, "it has to be the file as a data: URL");
  }
  v1::Media* const media = message->add_parts()->mutable_media();
  media->set_url(url.empty() ? std::move(data) : std::move(url));
  ASSIGN_OR_RETURN(*media->mutable_filename(), file.Text("filename"));
  return file.Finish();
}

// {"file": {"file_data": …, "filename": …}}
absl::Status ReadFilePart(Fields part, v1::Message* message) {
  ASSIGN_OR_RETURN(const json::object* const given, part.Object("file"));
  RETURN_IF_ERROR(part.Finish());
  if (given == nullptr) return Wrong(part.At("file"), nullptr, "it has to be {\"file_data\": …}");
  return ReadFile(Fields(*given, part.At("file")), message);
}

// {"input_audio": {"data": BASE64, "format": "wav" | "mp3"}}
absl::Status ReadAudio(Fields part, v1::Message* message) {
  ASSIGN_OR_RETURN(const json::object* const given, part.Object("input_audio"));
  RETURN_IF_ERROR(part.Finish());
  if (given == nullptr) return Wrong(part.At("input_audio"), nullptr, "it has to be an object");
  Fields audio(*given, part.At("input_audio"));
  ASSIGN_OR_RETURN(const std::string data, audio.RequiredText("data"));
  ASSIGN_OR_RETURN(const std::string format, audio.RequiredText("format"));
  if (format != "wav" && format != "mp3") {
    return Wrong(audio.At("format"), JsonText(format), "it has to be wav or mp3");
  }
  RETURN_IF_ERROR(audio.Finish());
  message->add_parts()->mutable_media()->set_url(
      fmt::format("data:audio/{};base64,{}", format == "wav" ? "wav" : "mpeg", data));
  return absl::OkStatus();
}

PartReader ReaderOf(std::string_view type) {
  static constexpr std::pair<std::string_view, PartReader> kReaders[] = {
      {"text", ReadText},       {"input_text", ReadText},    {"output_text", ReadText},
      {"refusal", ReadRefusal}, {"image_url", ReadImageUrl}, {"input_image", ReadInputImage},
      {"file", ReadFilePart},   {"input_file", ReadFile},    {"input_audio", ReadAudio},
  };
  const auto found = std::find_if(std::begin(kReaders), std::end(kReaders),
                                  [&](const auto& reader) { return reader.first == type; });
  return found == std::end(kReaders) ? nullptr : found->second;
}

}  // namespace

absl::Status ReadContent(const json::value& content, const std::string& path,
                         v1::Message* message) {
  if (content.is_string()) {
    message->add_parts()->set_text(std::string(View(content.get_string())));
    return absl::OkStatus();
  }
  if (!content.is_array()) return Wrong(path, content, "it has to be a text or a list of parts");
  const json::array& parts = content.get_array();
  for (size_t i = 0; i < parts.size(); ++i) {
    ASSIGN_OR_RETURN(Fields part, Fields::Of(parts[i], fmt::format("{}[{}]", path, i)));
    ASSIGN_OR_RETURN(const std::string type, part.RequiredText("type"));
    const PartReader read = ReaderOf(type);
    if (read == nullptr) {
      return NoPlace(part.At("type"),
                     fmt::format("\"{}\" is none of text, images, files and sound", type));
    }
    RETURN_IF_ERROR(read(std::move(part), message));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadTextContent(const json::value& content, const std::string& path) {
  v1::Message message;
  RETURN_IF_ERROR(ReadContent(content, path, &message));
  std::string text;
  for (const v1::Part& part : message.parts()) {
    if (!part.has_text()) return NoPlace(path, "what a tool answers is text");
    text += part.text();
  }
  return text;
}

absl::Status ReadFunction(Fields function, v1::Overrides* overrides) {
  v1::Tool* const tool = overrides->add_tools();
  ASSIGN_OR_RETURN(*tool->mutable_name(), function.RequiredText("name"));
  ASSIGN_OR_RETURN(*tool->mutable_description(), function.Text("description"));
  ASSIGN_OR_RETURN(const json::object* const parameters, function.Object("parameters"));
  if (parameters != nullptr) tool->set_input_schema(WriteJson(*parameters));
  ASSIGN_OR_RETURN(const std::optional<bool> strict, function.Flag("strict"));
  tool->set_strict(strict.value_or(false));
  return function.Finish();
}

absl::Status ReadOutputSchema(Fields* format, v1::Overrides* overrides) {
  format->Find("name");  // Of the format for OpenAI's cache; a prompt's has none.
  ASSIGN_OR_RETURN(const json::object* const given, format->Object("schema"));
  if (given == nullptr) return Wrong(format->At("schema"), nullptr, "it has to be a JSON Schema");
  ASSIGN_OR_RETURN(const std::string description, format->Text("description"));
  ASSIGN_OR_RETURN(const std::optional<bool> strict, format->Flag("strict"));
  RETURN_IF_ERROR(format->Finish());
  json::object schema = *given;
  if (!description.empty() && schema.emplace("description", JsonText(description)).first->value() !=
                                  JsonText(description)) {
    return NoPlace(format->At("description"), "the schema has another description of its own");
  }
  overrides->set_output_schema(WriteJson(schema));
  overrides->set_output_strict(strict.value_or(false));
  return absl::OkStatus();
}

}  // namespace colophon::shape
