#include "service/shape/prompt_naming.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "service/base/reference.h"

namespace colophon::shape {
namespace {

absl::Status In(std::string_view path, const absl::Status& status) {
  ErrorMetadata metadata = MetadataOf(status);
  metadata["field"] = path;
  return Error(status.code(), ReasonOf(status), fmt::format("{}: {}", path, MessageOf(status)),
               std::move(metadata));
}

absl::Status Disagree(std::string_view what, std::string_view one, std::string_view other) {
  return InvalidArgument("BAD_VALUE",
                         fmt::format("{} and {} don't name the same {}: say it once, or the same "
                                     "twice",
                                     one, other, what),
                         {{"field", std::string(other)}});
}

bool IsNumber(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

// What one place of the request says, and the place's path.
template <class Value>
struct Said {
  std::string path;
  Value value;
};

class Naming {
 public:
  absl::Status AddReference(std::string path, std::string_view text) {
    absl::StatusOr<Reference> reference = Reference::Parse(text);
    if (!reference.ok()) return In(path, reference.status());
    std::string full(text);
    if (!reference->has_selector) full += "@production";
    if (!reference_) {
      reference_ = {std::move(path), std::move(full)};
      name_ = std::string(text);
      prompt_ = std::string(text.substr(0, text.find('@')));
    } else if (reference_->value != full) {
      return Disagree("version of a prompt", reference_->path, path);
    }
    return absl::OkStatus();
  }

  // `version` and `label` may be empty.
  absl::Status AddPrompt(const std::string& path, std::string id, std::string version,
                         const std::string& label) {
    if (IsNumber(version)) version.insert(0, "v");
    for (const std::string& selector : {version, label}) {
      if (selector.empty()) continue;
      const size_t at = id.find('@');
      if (at == id.npos) {
        id += "@" + selector;
      } else if (id.substr(at + 1) != selector) {
        return InvalidArgument("BAD_VALUE",
                               fmt::format("{} names {} and {}: name one of them", path,
                                           Quoted(id.substr(at + 1)), Quoted(selector)),
                               {{"field", path}});
      }
    }
    return AddReference(path, id);
  }

  absl::Status AddVariables(std::string path, json::object variables) {
    if (!variables_) {
      variables_ = {std::move(path), std::move(variables)};
    } else if (variables_->value != variables) {
      return Disagree("variables", variables_->path, path);
    }
    return absl::OkStatus();
  }

  absl::Status AddModel(const std::string& model, std::string_view provider,
                        v1::CompleteRequest* call) {
    if (model.empty()) return absl::OkStatus();
    const size_t at = model.find('@');
    if (!reference_ || at != model.npos || model.substr(0, at) == prompt_) {
      return AddReference("model", model);
    }
    const bool has_provider = model.find('/') != model.npos;
    call->mutable_overrides()->set_model(has_provider ? model
                                                      : fmt::format("{}/{}", provider, model));
    return absl::OkStatus();
  }

  absl::Status Finish(v1::CompleteRequest* call) {
    if (!reference_) {
      return InvalidArgument("BAD_REFERENCE",
                             "no prompt is named: write \"model\": \"acme/support/triage@v12\", or "
                             "name it in header colophon-prompt",
                             {{"field", "model"}});
    }
    call->set_name(name_);
    if (variables_) call->set_variables_json(WriteJson(variables_->value));
    return absl::OkStatus();
  }

 private:
  std::optional<Said<std::string>> reference_;  // With its selector.
  std::string name_;                            // As it was first said.
  std::string prompt_;                          // Without its selector.
  std::optional<Said<json::object>> variables_;
};

// A variable of OpenAI's prompts may be a part of a message: the template has its text,
// or gives its URL to {{media}}.
absl::StatusOr<json::value> VariableOf(const json::value& value, const std::string& path) {
  const json::object* const object = value.if_object();
  const json::value* const type = object == nullptr ? nullptr : object->if_contains("type");
  if (type == nullptr || !type->is_string()) return value;
  const std::string_view name = View(type->get_string());
  Fields part(*object, path);
  part.Find("type");
  std::string text;
  if (name == "input_text") {
    ASSIGN_OR_RETURN(text, part.Text("text"));
  } else if (name == "input_image") {
    ASSIGN_OR_RETURN(text, part.RequiredText("image_url"));
    RETURN_IF_ERROR(part.Refuse("detail", "a variable is the image's URL alone", "auto"));
  } else if (name == "input_file") {
    ASSIGN_OR_RETURN(text, part.Text("file_data"));
    ASSIGN_OR_RETURN(const std::string url, part.Text("file_url"));
    if (text.empty() == url.empty()) {
      return Wrong(path, value, "it has to have file_data or file_url");
    }
    if (text.empty()) text = url;
    part.Find("filename");  // Its bytes say what it is.
  } else {
    return value;
  }
  RETURN_IF_ERROR(part.Finish());
  return json::value(JsonText(text));
}

absl::Status ReadPromptObject(const json::object& object, Naming* naming) {
  Fields prompt(object, "prompt");
  ASSIGN_OR_RETURN(std::string id, prompt.RequiredText("id"));
  ASSIGN_OR_RETURN(std::string version, prompt.Text("version"));
  RETURN_IF_ERROR(naming->AddPrompt("prompt", std::move(id), std::move(version), ""));
  ASSIGN_OR_RETURN(const json::object* const given, prompt.Object("variables"));
  RETURN_IF_ERROR(prompt.Finish());
  if (given == nullptr) return absl::OkStatus();
  json::object variables;
  for (const auto& member : *given) {
    const std::string path = fmt::format("prompt.variables.{}", View(member.key()));
    ASSIGN_OR_RETURN(variables[member.key()], VariableOf(member.value(), path));
  }
  return naming->AddVariables("prompt.variables", std::move(variables));
}

// prompt_id and what goes with it.
absl::Status ReadPromptFields(Fields* body, Naming* naming) {
  ASSIGN_OR_RETURN(std::string id, body->Text("prompt_id"));
  std::string version;
  if (const json::value* const given = body->Find("prompt_version")) {
    if (given->is_int64() || given->is_uint64()) {
      version = WriteJson(*given);
    } else {
      ASSIGN_OR_RETURN(version, body->Text("prompt_version"));
    }
  }
  ASSIGN_OR_RETURN(const std::string label, body->Text("prompt_label"));
  ASSIGN_OR_RETURN(const json::object* const variables, body->Object("prompt_variables"));
  if (!id.empty()) {
    RETURN_IF_ERROR(naming->AddPrompt("prompt_id", std::move(id), std::move(version), label));
  } else if (!version.empty() || !label.empty()) {
    return Wrong("prompt_id", nullptr, "prompt_version and prompt_label say which one of it");
  }
  if (variables == nullptr) return absl::OkStatus();
  return naming->AddVariables("prompt_variables", *variables);
}

absl::Status ReadHeaders(const Request& request, Naming* naming) {
  if (request.prompt) {
    RETURN_IF_ERROR(naming->AddReference("header colophon-prompt", *request.prompt));
  }
  if (!request.variables) return absl::OkStatus();
  const std::string path = "header colophon-variables";
  const absl::StatusOr<json::value> value = ParseJson(*request.variables);
  if (!value.ok()) return In(path, value.status());
  if (!value->is_object()) return Wrong(path, *value, "it has to be a JSON object");
  if (const auto number = FindUnheldNumber(*request.variables)) {
    return Wrong(path, JsonText(*number), "a number has to fit into 64 bits: write it as a text");
  }
  return naming->AddVariables(path, value->get_object());
}

absl::Status ReadOwn(const json::object& object, Naming* naming, v1::CompleteRequest* call) {
  Fields own(object, "colophon");
  ASSIGN_OR_RETURN(const json::object* const variables, own.Object("variables"));
  if (variables != nullptr) {
    RETURN_IF_ERROR(naming->AddVariables("colophon.variables", *variables));
  }
  ASSIGN_OR_RETURN(const json::object* const context, own.Object("context"));
  if (context != nullptr) call->set_context_json(WriteJson(*context));
  ASSIGN_OR_RETURN(*call->mutable_subject(), own.Text("subject"));
  ASSIGN_OR_RETURN(const json::object* const tags, own.Object("tags"));
  if (tags != nullptr) {
    Fields marks(*tags, "colophon.tags");
    for (const auto& member : *tags) {
      const std::string key(View(member.key()));
      ASSIGN_OR_RETURN((*call->mutable_tags())[key], marks.Text(key));
    }
  }
  return own.Finish();
}

}  // namespace

absl::Status ReadPrompt(const Request& request, std::string_view provider, Fields* body,
                        v1::CompleteRequest* call) {
  Naming naming;
  ASSIGN_OR_RETURN(const json::object* const prompt, body->Object("prompt"));
  if (prompt != nullptr) RETURN_IF_ERROR(ReadPromptObject(*prompt, &naming));
  RETURN_IF_ERROR(ReadPromptFields(body, &naming));
  RETURN_IF_ERROR(ReadHeaders(request, &naming));
  ASSIGN_OR_RETURN(const json::object* const own, body->Object("colophon"));
  if (own != nullptr) RETURN_IF_ERROR(ReadOwn(*own, &naming, call));
  ASSIGN_OR_RETURN(const std::string model, body->Text("model"));
  RETURN_IF_ERROR(naming.AddModel(model, provider, call));
  return naming.Finish(call);
}

}  // namespace colophon::shape
