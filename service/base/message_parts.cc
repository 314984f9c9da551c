#include "service/base/message_parts.h"

namespace colophon {

std::string TextOfParts(const v1::Message& message) {
  std::string text;
  for (const v1::Part& part : message.parts()) text += part.text();
  return text;
}

std::string ReasoningOfParts(const v1::Message& message) {
  std::string text;
  for (const v1::Part& part : message.parts()) text += part.reasoning().text();
  return text;
}

}  // namespace colophon
