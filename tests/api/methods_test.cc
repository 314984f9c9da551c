// The table of methods: whole, and each row fits its request.

#include "service/api/methods.h"

#include <set>
#include <string>
#include <vector>

#include "colophon/v1/admin.pb.h"
#include "colophon/v1/completion.pb.h"
#include "colophon/v1/record.pb.h"
#include "colophon/v1/registry.pb.h"
#include "colophon/v1/token.pb.h"
#include "gmock/gmock.h"
#include "service/api/admin.h"
#include "service/base/clock.h"

namespace colophon {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// Rows only hold what they will call.
std::vector<Method> Methods() {
  static Admin admin({}, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, Clock::Real());
  return MakeMethods({.registry = nullptr,
                      .completer = nullptr,
                      .records = nullptr,
                      .admin = &admin,
                      .watchers = nullptr,
                      .workers = nullptr});
}

TEST(MethodsTest, EveryRpcHasOneRow) {
  std::multiset<std::string> rows;
  for (const Method& method : Methods()) rows.insert(method.descriptor->full_name());
  std::multiset<std::string> rpcs;
  for (const Descriptor* message :
       {v1::Repository::descriptor(), v1::CompleteRequest::descriptor(), v1::Record::descriptor(),
        v1::GetServerInfoRequest::descriptor(), v1::CountTokensRequest::descriptor()}) {
    const auto* const file = message->file();
    for (int i = 0; i < file->service_count(); ++i) {
      for (int k = 0; k < file->service(i)->method_count(); ++k) {
        rpcs.insert(file->service(i)->method(k)->full_name());
      }
    }
  }
  EXPECT_EQ(rows, rpcs);
}

TEST(MethodsTest, ATargetIsATextOfTheRequest) {
  for (const Method& method : Methods()) {
    SCOPED_TRACE(method.name);
    EXPECT_EQ(method.name, method.descriptor->name());
    EXPECT_EQ(method.request_prototype->GetDescriptor(), method.descriptor->input_type());
    if (method.target.empty()) continue;
    const Descriptor* message = method.descriptor->input_type();
    std::string path = method.target;
    for (size_t dot = path.find('.'); dot != path.npos; dot = path.find('.')) {
      const FieldDescriptor* const field = message->FindFieldByName(path.substr(0, dot));
      ASSERT_NE(field, nullptr);
      ASSERT_EQ(field->cpp_type(), FieldDescriptor::CPPTYPE_MESSAGE);
      message = field->message_type();
      path = path.substr(dot + 1);
    }
    const FieldDescriptor* const field = message->FindFieldByName(path);
    ASSERT_NE(field, nullptr);
    EXPECT_EQ(field->cpp_type(), FieldDescriptor::CPPTYPE_STRING);
    EXPECT_FALSE(field->is_repeated());
  }
}

// Who names no repository or prompt reads for the whole server, which is no matter of
// one repository's rights.
TEST(MethodsTest, OnlyTheseAreAboutNoRepository) {
  std::set<std::string> without;
  for (const Method& method : Methods()) {
    if (method.target.empty()) without.insert(method.name);
  }
  EXPECT_THAT(without, testing::ElementsAre("CreateBackup", "GetRecord", "GetServerInfo",
                                            "ListRepositories", "VerifyStore"));
}

}  // namespace
}  // namespace colophon
