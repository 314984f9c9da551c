// The Dotprompt specification's own tests, from the directory that
// COLOPHON_DOTPROMPT_SPEC names: the folder `spec` of google/dotprompt.

#include <cstdlib>
#include <filesystem>
#include <set>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/prompt/plan.h"
#include "service/template/syntax/yaml.h"
#include "tests/template/template_testing.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

const json::value& At(const json::value& value, std::string_view key) {
  static const json::value kNull;
  if (!value.is_object()) return kNull;
  const json::value* found = value.get_object().if_contains({key.data(), key.size()});
  return found != nullptr ? *found : kNull;
}

json::object ObjectAt(const json::value& value, std::string_view key) {
  const json::value& found = At(value, key);
  return found.is_object() ? found.get_object() : json::object();
}

void Merge(const json::object& from, json::object* to) {
  for (const auto& member : from) (*to)[member.key()] = member.value();
}

// The reference's JSON of a part.
json::value PartToReference(const v1::Part& part) {
  json::object out;
  if (part.has_text()) out["text"] = part.text();
  if (part.has_media()) {
    json::object media;
    media["url"] = part.media().url();
    if (!part.media().content_type().empty()) media["contentType"] = part.media().content_type();
    out["media"] = media;
  }
  if (part.part_case() == v1::Part::kSection) {
    out["metadata"] = json::object{{"purpose", part.section()}, {"pending", true}};
  }
  return out;
}

// The reference marks messages of the history where {{history}} put them, and
// not where they were put without it; ours are marked in both cases.
json::array MessagesToReference(const v1::Rendered& rendered, bool marks_history) {
  json::array out;
  for (const v1::Message& message : rendered.messages()) {
    json::array content;
    for (const v1::Part& part : message.parts()) content.push_back(PartToReference(part));
    std::string role = v1::Role_Name(message.role()).substr(5);
    for (char& c : role) c = static_cast<char>(tolower(c));
    json::object object = {{"role", role}, {"content", content}};
    if (message.from_history() && marks_history)
      object["metadata"] = json::object{{"purpose", "history"}};
    out.push_back(object);
  }
  return out;
}

Tree TreeOf(const json::value& suite) {
  Tree tree = {{"spec.prompt", std::string(At(suite, "template").as_string())}};
  for (const char* kind : {"partials", "resolverPartials"}) {
    for (const auto& member : ObjectAt(suite, kind)) {
      tree[fmt::format("_{}.prompt", std::string_view(member.key().data(), member.key().size()))] =
          std::string(member.value().as_string());
    }
  }
  for (const auto& member : ObjectAt(suite, "schemas")) {
    tree[fmt::format("{}.schema.json",
                     std::string_view(member.key().data(), member.key().size()))] =
        WriteJson(member.value());
  }
  return tree;
}

render::Input InputOf(const json::value& suite, const json::value& test) {
  json::object merged = ObjectAt(suite, "data");
  Merge(ObjectAt(test, "data"), &merged);
  const json::value data = std::move(merged);
  render::Input input;
  input.variables = ObjectAt(At(At(test, "options"), "input"), "default");
  Merge(ObjectAt(data, "input"), &input.variables);
  input.context = ObjectAt(data, "context");
  const json::value& messages = At(data, "messages");
  if (messages.is_array()) {
    for (const json::value& message : messages.get_array()) {
      v1::Message* added = input.history.Add();
      added->set_role(At(message, "role") == "model" ? v1::ROLE_MODEL : v1::ROLE_USER);
      for (const json::value& part : At(message, "content").as_array()) {
        added->add_parts()->set_text(std::string(At(part, "text").as_string()));
      }
    }
  }
  return input;
}

// What differs; empty: nothing.
std::string RunTest(const json::value& suite, const json::value& test) {
  const Loaded loaded = LoadTree("spec.prompt", TreeOf(suite));
  if (!loaded.closure) return "refused: " + loaded.Text();
  // The reference doesn't hold variables to the schema.
  prompt::Plan plan = *loaded.closure->plan;
  plan.input_schema = nullptr;
  const auto rendered = render::Render(*loaded.closure, plan, InputOf(suite, test));
  v1::Rendered result;
  if (rendered.ok()) {
    result = *rendered;
  } else if (ReasonOf(rendered.status()) != "EMPTY_PROMPT") {
    return MessageOf(rendered.status());
  }
  json::object got = loaded.closure->plan->metadata;
  const bool marks_history =
      At(suite, "template").as_string().find("{{history}}") != json::string::npos;
  got["messages"] = MessagesToReference(result, marks_history);
  json::object want = ObjectAt(test, "expect");
  for (const char* key : {"ext", "config", "metadata"}) want.emplace(key, json::object());
  if (!want.contains("messages")) want["messages"] = json::array();
  if (!want.contains("raw")) got.erase("raw");
  if (!want.contains("input") || At(test, "options").is_object()) {
    want.erase("input");
    got.erase("input");
  }
  const std::string got_text = WriteCanonicalJson(got);
  const std::string want_text = WriteCanonicalJson(want);
  return got_text == want_text ? "" : "got  " + got_text + "\nwant " + want_text;
}

TEST(SpecTest, RendersAsTheSpecificationSays) {
  const char* directory = std::getenv("COLOPHON_DOTPROMPT_SPEC");
  if (directory == nullptr) GTEST_SKIP() << "COLOPHON_DOTPROMPT_SPEC names no directory";
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.path().extension() == ".yaml") files.insert(entry.path().string());
  }
  int count = 0;
  int passed = 0;
  for (const std::string& file : files) {
    std::vector<v1::Diagnostic> diagnostics;
    DiagnosticSink sink(file, &diagnostics);
    const auto document = syntax::ParseYaml(ReadFileOrDie(file), 1, &sink);
    ASSERT_TRUE(document) << FormatDiagnostic(diagnostics.at(0));
    for (const json::value& suite : document->value.as_array()) {
      for (const json::value& test : At(suite, "tests").as_array()) {
        ++count;
        const std::string difference = RunTest(suite, test);
        passed += difference.empty() ? 1 : 0;
        EXPECT_EQ(difference, "") << file << ": " << At(suite, "name").as_string() << ": "
                                  << At(test, "desc");
      }
    }
  }
  EXPECT_GE(count, 117) << directory << " is not the whole specification";
  std::printf("%d of %d tests of the specification pass\n", passed, count);
}

}  // namespace
}  // namespace colophon
