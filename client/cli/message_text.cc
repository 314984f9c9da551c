#include "client/cli/message_text.h"

#include <algorithm>
#include <string>

#include "client/cli/text.h"
#include "fmt/format.h"
#include "service/template/syntax/helpers.h"

namespace colophon {
namespace {

std::string DescribeMedia(const v1::Media& media) {
  const std::string type = media.content_type().empty() ? "" : " " + media.content_type();
  if (media.source_case() == v1::Media::kData) {
    return fmt::format("[media{}, {}]", type, Count(media.data().size(), "byte", "bytes"));
  }
  return fmt::format("[media{} {}]", type, media.url());
}

}  // namespace

std::string PartText(const v1::Part& part) {
  switch (part.part_case()) {
    case v1::Part::kText:
      return part.text();
    case v1::Part::kMedia:
      return DescribeMedia(part.media());
    case v1::Part::kToolRequest:
      return fmt::format("[asks for {} {}]", part.tool_request().name(),
                         part.tool_request().arguments());
    case v1::Part::kToolResponse:
      return fmt::format("[{} answers {}]", part.tool_response().name(),
                         part.tool_response().output());
    case v1::Part::kReasoning:
      return fmt::format("[reasoning: {}]", part.reasoning().text());
    case v1::Part::kSection:
      return fmt::format("[section {}]", part.section());
    case v1::Part::kOther:
      return fmt::format("[other: {}]", part.other());
    case v1::Part::PART_NOT_SET:
      return "";
  }
  return "";
}

void PrintRendered(const Output& output, const v1::Rendered& rendered) {
  bool first = true;
  for (const v1::Message& message : rendered.messages()) {
    if (!first) output.Line();
    first = false;
    output.Line(
        output.Styled(Style::kCyan, fmt::format("--- {}{} ---", syntax::RoleName(message.role()),
                                                message.from_history() ? ", history" : "")));
    std::string text;
    for (const v1::Part& part : message.parts()) text += PartText(part);
    output.Write(output.Safe(text));
    if (text.empty() || text.back() != '\n') output.Line();
  }
}

void PrintToolRequests(const Output& output, const v1::Message& message) {
  for (const v1::Part& part : message.parts()) {
    if (!part.has_tool_request()) continue;
    output.Line(output.Safe(fmt::format("{} {}", part.tool_request().name(),
                                        FirstLine(part.tool_request().arguments()))));
  }
}

void PrintCompletion(const Output& output, const v1::Completion& completion) {
  std::string text;
  bool asks = false;
  for (const v1::Part& part : completion.message().parts()) {
    if (part.has_text()) text += part.text();
    asks = asks || part.has_tool_request();
  }
  output.Write(output.Safe(text));
  const bool open_line = !text.empty() && text.back() != '\n';
  if (open_line && (output.terminal() || asks)) output.Line();
  PrintToolRequests(output, completion.message());
}

}  // namespace colophon
