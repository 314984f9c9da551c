#include "service/template/work.h"

#include <algorithm>

namespace colophon {
namespace {

// Of one value, beside its bytes: memory for it, and its place in a list or map.
constexpr int64_t kOfValue = 2;

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

bool SpendOnJson(std::string_view text, Work* work) {
  // A first look at it, which is fast, says how many values it has at most.
  if (!work->SpendBytes(text.size())) return false;
  const auto begins_value = [](char c) { return c == ',' || c == ':' || c == '[' || c == '{'; };
  return work->Spend(kOfValue * std::count_if(text.begin(), text.end(), begins_value));
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
