#include "service/completion/inputs.h"

#include <string>

#include "fmt/format.h"
#include "service/base/field_check.h"
#include "service/base/json.h"

namespace colophon {
namespace {

// `object` is null when it isn't given.
absl::Status TakeJson(const char* field, const google::protobuf::Struct* object, std::string* text,
                      std::string* to) {
  if (object != nullptr && !text->empty()) {
    return BadField("BAD_VALUE", field, "given twice",
                    fmt::format("give {} or {}_json", field, field));
  }
  if (object != nullptr) {
    RETURN_IF_ERROR(CheckStruct(field, *object));
    *to = WriteJson(*object);
  } else if (!text->empty()) {
    *to = std::move(*text);
    text->clear();
  }
  return absl::OkStatus();
}

template <class Field>
void TakeList(Field* from, Field* to) {
  if (from->empty()) return;
  to->Swap(from);
  from->Clear();
}

void TakeMap(google::protobuf::Map<std::string, std::string>* from,
             google::protobuf::Map<std::string, std::string>* to) {
  if (from->empty()) return;
  to->swap(*from);
  from->clear();
}

}  // namespace

template <class Request>
absl::Status TakeInputs(Request* request, v1::Intent* intent) {
  if (!request->name().empty()) intent->set_reference(std::move(*request->mutable_name()));
  RETURN_IF_ERROR(TakeJson("variables", request->has_variables() ? &request->variables() : nullptr,
                           request->mutable_variables_json(), intent->mutable_variables_json()));
  request->clear_variables();
  RETURN_IF_ERROR(TakeJson("context", request->has_context() ? &request->context() : nullptr,
                           request->mutable_context_json(), intent->mutable_context_json()));
  request->clear_context();
  TakeList(request->mutable_history(), intent->mutable_history());
  if (!request->subject().empty()) intent->set_subject(std::move(*request->mutable_subject()));
  TakeList(request->mutable_tools(), intent->mutable_tools());
  TakeMap(request->mutable_schemas(), intent->mutable_schemas());
  if (request->has_overrides()) intent->mutable_overrides()->Swap(request->mutable_overrides());
  request->clear_overrides();
  if constexpr (requires { request->mutable_tags(); }) {
    TakeMap(request->mutable_tags(), intent->mutable_tags());
  }
  return absl::OkStatus();
}

template absl::Status TakeInputs(v1::RenderRequest* request, v1::Intent* intent);
template absl::Status TakeInputs(v1::CompleteRequest* request, v1::Intent* intent);
template absl::Status TakeInputs(v1::CreateRecordRequest* request, v1::Intent* intent);

}  // namespace colophon
