#include "service/store/detach.h"

#include <functional>
#include <utility>

namespace colophon {
namespace {

using Visit = std::function<void(std::string*)>;

void VisitPart(v1::Part* part, const Visit& visit) {
  switch (part->part_case()) {
    case v1::Part::kText:
      return visit(part->mutable_text());
    case v1::Part::kMedia:
      if (part->media().has_url()) visit(part->mutable_media()->mutable_url());
      if (part->media().has_data()) visit(part->mutable_media()->mutable_data());
      return;
    case v1::Part::kToolRequest:
      return visit(part->mutable_tool_request()->mutable_arguments());
    case v1::Part::kToolResponse:
      return visit(part->mutable_tool_response()->mutable_output());
    case v1::Part::kReasoning:
      return visit(part->mutable_reasoning()->mutable_text());
    case v1::Part::kSection:
    case v1::Part::PART_NOT_SET:
      return;
  }
}

void VisitObject(google::protobuf::Struct* object, const Visit& visit);

void VisitValue(google::protobuf::Value* value, const Visit& visit) {
  if (value->has_string_value()) visit(value->mutable_string_value());
  if (value->has_struct_value()) VisitObject(value->mutable_struct_value(), visit);
  if (value->has_list_value()) {
    for (google::protobuf::Value& item : *value->mutable_list_value()->mutable_values()) {
      VisitValue(&item, visit);
    }
  }
}

void VisitObject(google::protobuf::Struct* object, const Visit& visit) {
  std::map<std::string_view, google::protobuf::Value*> sorted;
  for (auto& [key, value] : *object->mutable_fields()) sorted.emplace(key, &value);
  for (const auto& [key, value] : sorted) VisitValue(value, visit);
}

void VisitValues(v1::Intent* intent, const Visit& visit) {
  for (v1::Message& message : *intent->mutable_history()) {
    for (v1::Part& part : *message.mutable_parts()) VisitPart(&part, visit);
  }
  if (intent->has_variables()) VisitObject(intent->mutable_variables(), visit);
  if (intent->has_context()) VisitObject(intent->mutable_context(), visit);
}

}  // namespace

std::vector<Detached> Detach(v1::Intent* intent) {
  std::vector<Detached> detached;
  uint32_t place = 0;
  VisitValues(intent, [&](std::string* value) {
    if (value->size() >= kMinDetachedBytes) {
      detached.push_back({place, std::exchange(*value, std::string())});
    }
    ++place;
  });
  return detached;
}

bool Attach(std::map<uint32_t, std::string> values, v1::Intent* intent) {
  uint32_t place = 0;
  size_t found = 0;
  VisitValues(intent, [&](std::string* value) {
    const auto detached = values.find(place++);
    if (detached == values.end() || !value->empty()) return;
    *value = std::move(detached->second);
    ++found;
  });
  return found == values.size();
}

}  // namespace colophon
