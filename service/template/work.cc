#include "service/template/work.h"

namespace colophon {
namespace {

// Of one value, beside its bytes: memory for it, and its place in a list or map.
constexpr int64_t kOfValue = 2;

bool SpendOnCopy(const google::protobuf::Value& value, Work* work) {
  switch (value.kind_case()) {
    case google::protobuf::Value::kStringValue:
      return work->Spend(kOfValue + Work::OfBytes(value.string_value().size()));
    case google::protobuf::Value::kStructValue:
      return SpendOnCopy(value.struct_value(), work);
    case google::protobuf::Value::kListValue:
      if (!work->Spend(kOfValue)) return false;
      for (const auto& element : value.list_value().values()) {
        if (!SpendOnCopy(element, work)) return false;
      }
      return true;
    default:
      return work->Spend(kOfValue);
  }
}

}  // namespace

bool Work::Look() {
  constexpr int64_t kLookEvery = 1000;
  if (ended_) return false;
  stopped_ = stop_ != nullptr && stop_->stopped();
  if (stopped_ || left_ < 0) {
    ended_ = true;
    look_at_ = std::numeric_limits<int64_t>::max();
    return false;
  }
  look_at_ = stop_ == nullptr ? -1 : std::max<int64_t>(left_ - kLookEvery, -1);
  return true;
}

bool SpendOnCopy(const boost::json::value& value, Work* work) {
  switch (value.kind()) {
    case boost::json::kind::string:
      return work->Spend(kOfValue + Work::OfBytes(value.get_string().size()));
    case boost::json::kind::array:
      if (!work->Spend(kOfValue)) return false;
      for (const boost::json::value& element : value.get_array()) {
        if (!SpendOnCopy(element, work)) return false;
      }
      return true;
    case boost::json::kind::object:
      return SpendOnCopy(value.get_object(), work);
    default:
      return work->Spend(kOfValue);
  }
}

bool SpendOnCopy(const boost::json::object& object, Work* work) {
  if (!work->Spend(kOfValue)) return false;
  for (const auto& member : object) {
    if (!work->SpendBytes(member.key().size()) || !SpendOnCopy(member.value(), work)) return false;
  }
  return true;
}

bool SpendOnCopy(const google::protobuf::Struct& from, Work* work) {
  if (!work->Spend(kOfValue)) return false;
  for (const auto& [key, value] : from.fields()) {
    if (!work->SpendBytes(key.size()) || !SpendOnCopy(value, work)) return false;
  }
  return true;
}

bool SpendOnCopy(const google::protobuf::RepeatedPtrField<v1::Message>& history, Work* work) {
  constexpr int64_t kOfPart = 4;
  for (const v1::Message& message : history) {
    // The number of parts first: counting their bytes is work too.
    if (!work->Spend(kOfPart * (1 + message.parts_size())) ||
        !work->SpendBytes(message.ByteSizeLong())) {
      return false;
    }
  }
  return true;
}

}  // namespace colophon
