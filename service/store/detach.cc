#include "service/store/detach.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include "service/base/hash.h"

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
    case v1::Part::kOther:
      return visit(part->mutable_other());
    case v1::Part::kSection:
    case v1::Part::PART_NOT_SET:
      return;
  }
}

// Visits what stands between the quotes of each string of a JSON text.
void VisitStrings(std::string* json, const Visit& visit) {
  std::string changed;
  const std::string_view text = *json;
  size_t kept = 0;  // So much of the text is in `changed`.
  bool is_changed = false;
  for (size_t quote = text.find('"'); quote != text.npos; quote = text.find('"', quote + 1)) {
    const size_t begin = quote + 1;
    size_t end = begin;
    while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
    if (end >= text.size()) break;  // No JSON: what is left of it stays as it is.
    std::string value(text.substr(begin, end - begin));
    visit(&value);
    if (value != text.substr(begin, end - begin)) {
      changed.append(text, kept, begin - kept) += value;
      kept = end;
      is_changed = true;
    }
    quote = end;
  }
  if (!is_changed) return;
  changed.append(text, kept);
  *json = std::move(changed);
}

void VisitValues(v1::Intent* intent, const Visit& visit) {
  for (v1::Message& message : *intent->mutable_history()) {
    for (v1::Part& part : *message.mutable_parts()) VisitPart(&part, visit);
  }
  VisitStrings(intent->mutable_variables_json(), visit);
  VisitStrings(intent->mutable_context_json(), visit);
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

bool HasRawAnswers(const v1::Outcome& outcome) {
  return std::any_of(
      outcome.attempts().begin(), outcome.attempts().end(),
      [](const v1::Attempt& attempt) { return !attempt.raw_answer().data().empty(); });
}

std::vector<std::string> DetachRawAnswers(v1::Outcome* outcome) {
  std::vector<std::string> values;
  for (v1::Attempt& attempt : *outcome->mutable_attempts()) {
    if (attempt.raw_answer().data().empty()) continue;
    v1::RawAnswer& raw = *attempt.mutable_raw_answer();
    raw.set_sha256(Sha256Hex(raw.data()));
    raw.set_byte_count(static_cast<int64_t>(raw.data().size()));
    values.push_back(std::exchange(*raw.mutable_data(), std::string()));
  }
  return values;
}

}  // namespace colophon
