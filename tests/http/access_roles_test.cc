// Every method, every role: who may call what, over the wire.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "service/base/json.h"
#include "tests/http/access_fixture.h"

namespace colophon {
namespace {

using google::protobuf::MethodDescriptor;

std::vector<const MethodDescriptor*> AllMethods() {
  std::vector<const MethodDescriptor*> methods;
  for (const auto* message : {v1::Repository::descriptor(), v1::CompleteRequest::descriptor(),
                              v1::Record::descriptor(), v1::GetServerInfoRequest::descriptor()}) {
    const auto* const service = message->file()->service(0);
    for (int i = 0; i < service->method_count(); ++i) methods.push_back(service->method(i));
  }
  return methods;
}

// The one place that says which roles may call what: "acme" is where the key holds.
const std::map<std::string, std::set<std::string>>& RolesOfMethods() {
  const std::set<std::string> all = {"READER",   "CALLER",  "PUBLISHER",
                                     "RELEASER", "AUDITOR", "ADMIN"};
  const std::set<std::string> publish = {"PUBLISHER", "ADMIN"};
  const std::set<std::string> call = {"CALLER", "PUBLISHER", "ADMIN"};
  const std::set<std::string> release = {"RELEASER", "ADMIN"};
  const std::set<std::string> audit = {"AUDITOR", "ADMIN"};
  const std::set<std::string> admin = {"ADMIN"};
  static const std::map<std::string, std::set<std::string>> roles = {
      {"CreateRepository", admin},
      {"ListRepositories", all},
      {"Publish", publish},
      {"GetFiles", all},
      {"SearchFiles", all},
      {"GetPrompt", all},
      {"ListPrompts", all},
      {"GetVersion", all},
      {"ListVersions", all},
      {"DiffVersions", all},
      {"ListLabels", all},
      {"UpdateLabel", release},
      {"DeleteLabel", release},
      {"ListDrafts", all},
      {"DeleteDraft", publish},
      {"GetChange", all},
      {"ListChanges", all},
      {"WatchChanges", all},
      {"Render", call},
      {"Complete", call},
      {"StreamComplete", call},
      {"GetRecord", all},  // NOT_FOUND for others than auditors and its caller.

      {"ListRecords", audit},
      {"SummarizeRecords", audit},
      {"FindRecords", audit},
      {"ExportRecords", audit},
      {"ScoreRecord", all},  // Of a record that isn't for them: NOT_FOUND.

      {"CreateRecord", call},
      {"CountTokens", call},
      {"GetServerInfo", all},
      {"VerifyStore", {}},
      {"CreateBackup", {}},
      {"CreateKey", admin},
      {"ListKeys", admin},
      {"RevokeKey", admin},
      {"GetCaller", all},
  };
  return roles;
}

// A request about acme that is wrong in other ways, so that nothing is changed by those who
// are let in: only whether they are is asked.
std::string RequestAbout(const MethodDescriptor& method, const std::string& repository) {
  json::object request;
  const auto* const input = method.input_type();
  const std::string prompt = repository + "/support/triage@@";
  if (input->FindFieldByName("call") != nullptr) request["call"] = json::object{{"name", prompt}};
  if (input->FindFieldByName("repository") != nullptr) request["repository"] = repository;
  if (input->FindFieldByName("name") != nullptr) request["name"] = prompt;
  if (input->FindFieldByName("filter") != nullptr) {
    request["filter"] = "(";
  }
  if (method.name() == "DiffVersions") {
    request["before"] = prompt;
    request["after"] = prompt;
  }
  if (method.name() == "WatchChanges") request["startSequence"] = -1;
  return WriteJson(request);
}

TEST_F(AccessTest, EveryMethodAsksForItsRole) {
  std::map<std::string, std::string> keys;
  for (int i = 1; i < v1::AccessRole_ARRAYSIZE; ++i) {
    const std::string role = v1::AccessRole_Name(static_cast<v1::AccessRole>(i));
    keys[role.substr(std::string("ACCESS_ROLE_").size())] =
        NewKey("tester", fmt::format("grants {{ role: {} repository: 'acme' }}", role)).secret();
  }
  for (const MethodDescriptor* method : AllMethods()) {
    SCOPED_TRACE(method->full_name());
    ASSERT_TRUE(RolesOfMethods().contains(method->name())) << "say who may call it";
    const std::string path = fmt::format("/{}/{}", method->service()->full_name(), method->name());
    // One a stream's messages are framed by: flags and length.
    const auto post = [&](const std::string& repository) {
      std::string body = RequestAbout(*method, repository);
      if (!method->server_streaming()) {
        return Http("POST", path, {"Content-Type: application/json"}, body);
      }
      const auto size = static_cast<char>(body.size());
      return Http("POST", path, {"Content-Type: application/connect+json"},
                  std::string("\0\0\0\0", 4) + size + body);
    };
    const auto code_of = [&](const RawResponse& response) {
      for (const char* code : {"unauthenticated", "permission_denied"}) {
        if (response.body.find(fmt::format("\"code\":\"{}\"", code)) != std::string::npos)
          return code;
      }
      return "";
    };
    as_ = "";
    EXPECT_STREQ(code_of(post("acme")), "unauthenticated");
    for (const auto& [role, key] : keys) {
      as_ = key;
      const RawResponse response = post("acme");
      const bool may = RolesOfMethods().at(method->name()).contains(role);
      EXPECT_STREQ(code_of(response), may ? "" : "permission_denied") << role << response.body;
      if (RequestAbout(*method, "acme") == RequestAbout(*method, "beta")) continue;
      if (method->name() == "ListKeys") continue;  // A filter: what it may see of it is nothing.
      EXPECT_STREQ(code_of(post("beta")), "permission_denied") << role;
    }
  }
}

}  // namespace
}  // namespace colophon
