#include "service/template/render/canonical.h"

#include "absl/strings/escaping.h"
#include "service/base/hash.h"
#include "service/base/json.h"
#include "service/template/syntax/helpers.h"

namespace colophon::render {
namespace {

void Put(const char* key, const std::string& text, json::object* object) {
  if (!text.empty()) (*object)[key] = text;
}

json::object ToJson(const v1::Part& part) {
  json::object inner;
  json::object out;
  switch (part.part_case()) {
    case v1::Part::kText:
      out["text"] = part.text();
      break;
    case v1::Part::kMedia:
      Put("contentType", part.media().content_type(), &inner);
      Put("data", absl::Base64Escape(part.media().data()), &inner);
      Put("detail", part.media().detail(), &inner);
      Put("filename", part.media().filename(), &inner);
      Put("url", part.media().url(), &inner);
      out["media"] = std::move(inner);
      break;
    case v1::Part::kToolRequest:
      Put("arguments", part.tool_request().arguments(), &inner);
      Put("id", part.tool_request().id(), &inner);
      Put("name", part.tool_request().name(), &inner);
      out["toolRequest"] = std::move(inner);
      break;
    case v1::Part::kToolResponse:
      Put("id", part.tool_response().id(), &inner);
      if (part.tool_response().is_error()) inner["isError"] = true;
      Put("name", part.tool_response().name(), &inner);
      Put("output", part.tool_response().output(), &inner);
      out["toolResponse"] = std::move(inner);
      break;
    case v1::Part::kReasoning:
      Put("signature", part.reasoning().signature(), &inner);
      Put("text", part.reasoning().text(), &inner);
      out["reasoning"] = std::move(inner);
      break;
    case v1::Part::kSection:
      out["section"] = part.section();
      break;
    case v1::Part::kOther:
      out["other"] = part.other();
      break;
    case v1::Part::PART_NOT_SET:
      break;
  }
  return out;
}

json::array ToJson(const google::protobuf::RepeatedPtrField<v1::Message>& messages) {
  json::array out;
  for (const v1::Message& message : messages) {
    json::array parts;
    for (const v1::Part& part : message.parts()) parts.push_back(ToJson(part));
    json::object object;
    if (!parts.empty()) object["parts"] = std::move(parts);
    Put("role", std::string(syntax::RoleName(message.role())), &object);
    out.push_back(std::move(object));
  }
  return out;
}

json::array ToJson(const google::protobuf::RepeatedPtrField<v1::Tool>& tools) {
  json::array out;
  for (const v1::Tool& tool : tools) {
    json::object object;
    Put("description", tool.description(), &object);
    Put("inputSchema", tool.input_schema(), &object);
    Put("name", tool.name(), &object);
    if (tool.strict()) object["strict"] = true;
    out.push_back(std::move(object));
  }
  return out;
}

}  // namespace

std::string CanonicalRendered(const v1::Rendered& rendered) {
  json::object out;
  if (rendered.config().fields_size() > 0) out["config"] = colophon::ToJson(rendered.config());
  if (!rendered.messages().empty()) out["messages"] = ToJson(rendered.messages());
  Put("model", rendered.model(), &out);
  Put("outputFormat", rendered.output_format(), &out);
  Put("outputSchema", rendered.output_schema(), &out);
  if (rendered.output_strict()) out["outputStrict"] = true;
  if (!rendered.tools().empty()) out["tools"] = ToJson(rendered.tools());
  return WriteCanonicalJson(out);
}

std::string RenderedDigest(const v1::Rendered& rendered) {
  return Sha256Hex(CanonicalRendered(rendered));
}

}  // namespace colophon::render
