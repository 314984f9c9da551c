#include "service/template/prompt/front_matter_check.h"

#include <cmath>
#include <set>
#include <utility>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/syntax/pointer.h"

namespace colophon::prompt {
namespace {

constexpr char kBad[] = "BAD_FRONT_MATTER";
constexpr size_t kMaxFallbacks = 8;
constexpr int kMaxRetries = 5;
constexpr absl::Duration kMaxTimeout = absl::Hours(24);

std::string_view KindOf(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "nothing";
    case json::kind::bool_:
      return "true or false";
    case json::kind::string:
      return "text";
    case json::kind::array:
      return "a list";
    case json::kind::object:
      return "a map";
    default:
      return "a number";
  }
}

class Checker {
 public:
  Checker(syntax::YamlDocument document, DiagnosticSink* sink)
      : document_(std::move(document)), sink_(sink) {}

  FrontMatter Check() {
    matter_.positions = document_.positions;
    if (document_.value.is_null()) return std::move(matter_);
    if (!document_.value.is_object()) {
      Error("", kBad,
            fmt::format("front matter is {}: it has to be keys and values, as in \"model: "
                        "openai/gpt-4o-mini\"",
                        KindOf(document_.value)));
      return {};
    }
    matter_.raw = std::move(document_.value.get_object());
    CheckNumbers(matter_.raw, "");
    for (const auto& member : matter_.raw) {
      CheckKey(View(member.key()), member.value(), "/" + std::string(View(member.key())));
    }
    return std::move(matter_);
  }

 private:
  // YAML has .nan and .inf; JSON, which all of this becomes, has neither.
  void CheckNumbers(const json::value& value, const std::string& at) {
    if (value.is_double() && !std::isfinite(value.get_double())) {
      Error(at, kBad,
            fmt::format("{} is {}, which can't be sent: write a number", Quote(at.substr(1)),
                        std::isnan(value.get_double()) ? ".nan" : ".inf"));
    } else if (value.is_object()) {
      CheckNumbers(value.get_object(), at);
    } else if (value.is_array()) {
      for (size_t i = 0; i < value.get_array().size(); ++i) {
        CheckNumbers(value.get_array()[i], syntax::ChildPointer(at, std::to_string(i)));
      }
    }
  }

  void CheckNumbers(const json::object& object, const std::string& at) {
    for (const auto& member : object) {
      CheckNumbers(member.value(), syntax::ChildPointer(at, View(member.key())));
    }
  }

  void CheckTools(const json::value& value, const std::string& at) {
    if (!Texts(value, at, "a tool", &matter_.tools)) return;
    std::set<std::string_view> seen;
    for (size_t i = 0; i < matter_.tools.size(); ++i) {
      if (seen.insert(matter_.tools[i]).second) continue;
      Error(fmt::format("{}/{}", at, i), kBad,
            fmt::format("the tool {} is named twice: keep one", Quote(matter_.tools[i])));
      return;
    }
  }

  void CheckKey(std::string_view key, const json::value& value, const std::string& at) {
    if (key == "model") {
      CheckModel(value, at, &matter_.model);
    } else if (key == "config") {
      if (const json::object* object = Object(value, at)) matter_.config = *object;
    } else if (key == "input") {
      CheckInput(value, at);
    } else if (key == "output") {
      CheckOutput(value, at);
    } else if (key == "tools") {
      CheckTools(value, at);
    } else if (key == "toolDefs") {
      CheckToolDefinitions(value, at);
    } else if (key == "description") {
      Text(value, at, &matter_.description);
    } else if (key == "variant") {
      Text(value, at, &matter_.variant);
    } else if (key == "name") {
      std::string name;
      Text(value, at, &name);
    } else if (key == "version" || key == "ext" || key == "raw") {
      // Known, and of no effect here: versions are numbered by the service.
    } else if (key == "colophon") {
      if (const json::object* object = Object(value, at)) {
        for (const auto& member : *object) {
          CheckOwn(View(member.key()), member.value(), at + "/" + std::string(View(member.key())));
        }
      }
    } else if (key.starts_with("colophon.")) {
      CheckOwn(key.substr(9), value, at);
    } else if (key.find('.') == key.npos) {
      Warning(
          at, "UNKNOWN_KEY",
          fmt::format("the key {} is not known and has no effect: config, description, input, "
                      "model, name, output, tools, variant and version are, and keys of your own "
                      "have a dot, as in team.owner",
                      Quote(key)));
    }
  }

  // colophon.KEY. A slip here must not pass silently.
  void CheckOwn(std::string_view key, const json::value& value, const std::string& at) {
    if (!own_keys_.emplace(key).second) {
      Error(at, kBad, fmt::format("colophon.{} is there twice: keep one", key));
    }
    if (key == "timeout") {
      CheckTimeout(value, at);
    } else if (key == "fallbacks") {
      CheckFallbacks(value, at);
    } else if (key == "retries") {
      if (value.is_int64() && value.get_int64() >= 0 && value.get_int64() <= kMaxRetries) {
        matter_.retries = static_cast<int>(value.get_int64());
      } else {
        Error(at, kBad,
              fmt::format("colophon.retries is {}: it has to be a whole number from 0 to {}",
                          WriteJson(value), kMaxRetries));
      }
    } else if (key == "overrides") {
      CheckOverrides(value, at);
    } else if (key == "cache") {
      Warning(at, "NO_EFFECT", "colophon.cache has no effect: answers are not cached");
    } else {
      Error(at, "UNKNOWN_KEY",
            fmt::format("the key {} is not known: there are colophon.timeout, colophon.fallbacks, "
                        "colophon.retries, colophon.overrides and colophon.cache",
                        Quote(fmt::format("colophon.{}", key))));
    }
  }

  void CheckModel(const json::value& value, const std::string& at, std::string* model) {
    if (!Text(value, at, model)) return;
    if (model->empty() || model->find_first_of(" \t\n") != model->npos) {
      Error(at, kBad,
            fmt::format("the model {} is no name: write provider/model, as in "
                        "openai/gpt-4o-mini",
                        Quote(*model)));
    } else if (model->find('/') == model->npos) {
      Warning(at, "MODEL_WITHOUT_PROVIDER",
              fmt::format("the model {} names no provider, so it can't be called: write "
                          "provider/model, as in openai/{}",
                          Quote(*model), *model));
    }
  }

  void CheckInput(const json::value& value, const std::string& at) {
    const json::object* input = Object(value, at);
    if (input == nullptr) return;
    for (const auto& member : *input) {
      const std::string_view key = View(member.key());
      const std::string inner = at + "/" + std::string(key);
      if (key == "default") {
        if (const json::object* object = Object(member.value(), inner)) {
          matter_.input_default = *object;
        }
      } else if (key == "schema") {
        matter_.input_schema = member.value();
      } else {
        UnknownInner(inner, "input", key, "default and schema");
      }
    }
  }

  void CheckOutput(const json::value& value, const std::string& at) {
    const json::object* output = Object(value, at);
    if (output == nullptr) return;
    for (const auto& member : *output) {
      const std::string_view key = View(member.key());
      const std::string inner = at + "/" + std::string(key);
      if (key == "format") {
        std::string format;
        if (!Text(member.value(), inner, &format)) continue;
        if (format == "json" || format == "text") {
          matter_.output_format = format;
        } else {
          Warning(inner, "UNKNOWN_FORMAT",
                  fmt::format("the output format {} has no effect: there are json and text",
                              Quote(format)));
        }
      } else if (key == "schema") {
        matter_.output_schema = member.value();
      } else {
        UnknownInner(inner, "output", key, "format and schema");
      }
    }
  }

  void CheckToolDefinitions(const json::value& value, const std::string& at) {
    if (!value.is_array()) {
      Expect(value, at, "a list of tools");
      return;
    }
    for (size_t i = 0; i < value.get_array().size(); ++i) {
      if (Object(value.get_array()[i], fmt::format("{}/{}", at, i)) == nullptr) return;
    }
    matter_.tool_definitions = value.get_array();
  }

  void CheckTimeout(const json::value& value, const std::string& at) {
    absl::Duration timeout;
    const std::string text = value.is_string() ? std::string(value.get_string()) : "";
    if (!value.is_string() || !absl::ParseDuration(text, &timeout)) {
      Error(at, kBad,
            fmt::format("colophon.timeout is {}: write a time with its unit, as in 30s or "
                        "1m30s",
                        WriteJson(value)));
    } else if (timeout <= absl::ZeroDuration() || timeout > kMaxTimeout) {
      Error(at, kBad,
            fmt::format("colophon.timeout is {}: it has to be more than 0 and at most 24h", text));
    } else {
      matter_.timeout = timeout;
    }
  }

  void CheckFallbacks(const json::value& value, const std::string& at) {
    if (!Texts(value, at, "a model", &matter_.fallbacks)) return;
    if (matter_.fallbacks.size() > kMaxFallbacks) {
      Error(at, kBad,
            fmt::format("colophon.fallbacks has {} models: at most {} are tried",
                        matter_.fallbacks.size(), kMaxFallbacks));
    }
    for (size_t i = 0; i < matter_.fallbacks.size(); ++i) {
      const std::string& model = matter_.fallbacks[i];
      const size_t slash = model.find('/');
      if (slash != model.npos && slash > 0 && slash + 1 < model.size()) continue;
      Error(fmt::format("{}/{}", at, i), kBad,
            fmt::format("the fallback {} names no provider: write provider/model, as in "
                        "openai/gpt-4o",
                        Quote(model)));
    }
  }

  void CheckOverrides(const json::value& value, const std::string& at) {
    if (!Texts(value, at, "\"model\" or a parameter", &matter_.overrides)) return;
    for (size_t i = 0; i < matter_.overrides.size(); ++i) {
      if (!matter_.overrides[i].empty()) continue;
      Error(fmt::format("{}/{}", at, i), kBad, "an empty name: write model, temperature and so on");
    }
  }

  void UnknownInner(const std::string& at, std::string_view outer, std::string_view key,
                    std::string_view known) {
    Warning(at, "UNKNOWN_KEY",
            fmt::format("the key {} has no effect in {}: there are {}", Quote(key), outer, known));
  }

  bool Text(const json::value& value, const std::string& at, std::string* text) {
    if (value.is_null()) return false;  // "model:" says nothing.
    if (!value.is_string()) return Expect(value, at, "text");
    *text = std::string(value.get_string());
    return true;
  }

  bool Texts(const json::value& value, const std::string& at, std::string_view what,
             std::vector<std::string>* texts) {
    if (value.is_null()) return false;
    if (!value.is_array()) return Expect(value, at, fmt::format("a list, each {}", what));
    for (size_t i = 0; i < value.get_array().size(); ++i) {
      const json::value& element = value.get_array()[i];
      if (!element.is_string()) {
        return Expect(element, fmt::format("{}/{}", at, i), fmt::format("the name of {}", what));
      }
      texts->emplace_back(View(element.get_string()));
    }
    return true;
  }

  const json::object* Object(const json::value& value, const std::string& at) {
    if (value.is_object()) return &value.get_object();
    if (!value.is_null()) Expect(value, at, "a map of keys and values");
    return nullptr;
  }

  bool Expect(const json::value& value, const std::string& at, std::string_view what) {
    Error(at, kBad,
          fmt::format("{} is {}: it has to be {}", Quote(at.substr(1)), KindOf(value), what));
    return false;
  }

  void Error(const std::string& at, std::string_view code, std::string_view message) {
    sink_->Error(syntax::FindPosition(document_.positions, at), code, message);
  }
  void Warning(const std::string& at, std::string_view code, std::string_view message) {
    sink_->Warning(syntax::FindPosition(document_.positions, at), code, message);
  }

  syntax::YamlDocument document_;
  DiagnosticSink* const sink_;
  FrontMatter matter_;
  std::set<std::string> own_keys_;
};

}  // namespace

FrontMatter CheckFrontMatter(syntax::YamlDocument document, DiagnosticSink* sink) {
  return Checker(std::move(document), sink).Check();
}

}  // namespace colophon::prompt
