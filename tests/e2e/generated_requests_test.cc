// Kind: values from outside. Requests made up field by field, of every method:
// each is answered, or refused with a reason of ours; none is INTERNAL, and
// whatever is answered can be printed as JSON.

#include <limits>
#include <random>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "tests/e2e/e2e_test.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Fills a message at random, mostly with what means something somewhere.
class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  void Fill(Message* message, int depth = 0) {
    // Few fields, so that nothing is wrong with any, or many.
    if (depth == 0) is_sparse_ = Below(2) == 0;
    const google::protobuf::Descriptor* type = message->GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      const bool is_message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
      if ((Below(3) == 0) != is_sparse_ || (is_message && depth > 5)) continue;
      const uint64_t count = field->is_repeated() ? Below(4) : 1;
      for (uint64_t n = 0; n < count; ++n) FillField(message, field, depth);
    }
  }

 private:
  void FillField(Message* message, const FieldDescriptor* field, int depth) {
    const Reflection& to = *message->GetReflection();
    const bool many = field->is_repeated();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        Fill(many ? to.AddMessage(message, field) : to.MutableMessage(message, field), depth + 1);
        return;
      case FieldDescriptor::CPPTYPE_STRING:
        if (many) {
          to.AddString(message, field, Text());
        } else {
          to.SetString(message, field, Text());
        }
        return;
      case FieldDescriptor::CPPTYPE_ENUM:
        // A number that the enum doesn't have, now and then.
        if (many) {
          to.AddEnumValue(message, field, static_cast<int>(Below(9)));
        } else {
          to.SetEnumValue(message, field, static_cast<int>(Below(9)));
        }
        return;
      case FieldDescriptor::CPPTYPE_INT32:
        if (!many) to.SetInt32(message, field, static_cast<int32_t>(Number()));
        return;
      case FieldDescriptor::CPPTYPE_INT64:
        if (!many) to.SetInt64(message, field, Number());
        return;
      case FieldDescriptor::CPPTYPE_UINT32:
        if (!many) to.SetUInt32(message, field, static_cast<uint32_t>(Number()));
        return;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        if (!many) to.SetDouble(message, field, Double());
        return;
      case FieldDescriptor::CPPTYPE_BOOL:
        if (!many) to.SetBool(message, field, Below(2) == 0);
        return;
      default:
        FAIL() << field->full_name() << " has a type that isn't filled";
    }
  }

  std::string Text() {
    static const std::vector<std::string> kTexts = {
        "",
        "acme",
        "acme/support",
        "acme/support/greet",
        "acme/support/greet@production",
        "acme/support/greet@latest",
        "acme/support/greet@v1",
        "acme/support/greet@v4294967295",
        "acme/support/greet@heads/draft",
        "support/greet",
        "support/greet.prompt",
        "support/greet.labels.yaml",
        "support/_tone.prompt",
        "ticket.schema.json",
        "get.tool.json",
        "production",
        "draft",
        "a",
        "../x.prompt",
        "/",
        "@",
        "{{role \"system\"}}{{text}}{{> tone}}",
        "---\nmodel: echo/echo\n---\n{{text}}",
        "---\n: [\n---\n",
        "{\"type\":\"object\"}",
        "production: v1\n",
        "echo/echo",
        "Ada <ada@example.com>",
        "Zoë\t\u202ex",
        "\x1b[2J",
        "\n",
        "text/plain",
        "data:text/plain;base64,aGk=",
        "0123456789abcdef0123456789abcdef01234567",
        std::string(64, 'a'),
        std::string(5'000, 'x'),
    };
    if (Below(5) == 0) return "support/greet.prompt";
    if (Below(4) == 0) return "acme/support/greet@latest";
    return kTexts[Below(kTexts.size())];
  }

  int64_t Number() {
    static constexpr int64_t kNumbers[] = {0,
                                           1,
                                           2,
                                           -1,
                                           100,
                                           999'999'999,
                                           1'000'000'000,
                                           std::numeric_limits<int32_t>::max(),
                                           std::numeric_limits<int32_t>::min(),
                                           253'402'300'799,
                                           253'402'300'800,
                                           -62'135'596'801,
                                           std::numeric_limits<int64_t>::max(),
                                           std::numeric_limits<int64_t>::min()};
    return kNumbers[Below(std::size(kNumbers))];
  }

  double Double() {
    static constexpr double kNumbers[] = {0.0,
                                          -0.0,
                                          1.5,
                                          -1e308,
                                          1e-320,
                                          std::numeric_limits<double>::infinity(),
                                          std::numeric_limits<double>::quiet_NaN()};
    return kNumbers[Below(std::size(kNumbers))];
  }

  uint64_t Below(uint64_t bound) { return random_() % bound; }

  std::mt19937_64 random_;
  bool is_sparse_ = false;
};

class GeneratedRequestsTest : public E2eTest {
 protected:
  template <class Request, class Response>
  void Try(absl::StatusOr<Response> (Client::*call)(const Request&, const CallOptions&) const,
           int count) {
    const std::string method = Request::descriptor()->name();
    const Client caller = client();
    CallOptions once;
    once.max_attempts = 1;
    for (int i = 0; i < count; ++i) {
      Request request;
      generator_.Fill(&request);
      const absl::StatusOr<Response> answer = (caller.*call)(request, once);
      if (!answer.ok()) {
        ++refused_;
        const absl::StatusCode code = answer.status().code();
        EXPECT_TRUE(code != absl::StatusCode::kInternal && code != absl::StatusCode::kUnknown &&
                    code != absl::StatusCode::kUnimplemented &&
                    code != absl::StatusCode::kUnavailable && code != absl::StatusCode::kDataLoss)
            << method << ": " << answer.status() << "\n"
            << request.DebugString();
        EXPECT_FALSE(ReasonOf(answer.status()).empty()) << method << ": " << answer.status() << "\n"
                                                        << request.DebugString();
      } else {
        ++answered_;
        ExpectPrintable(method, *answer);
      }
      if (HasFailure()) return;  // One is enough to look at.
    }
  }

  static void ExpectPrintable(const std::string& what, const Message& message) {
    std::string text;
    const auto printed = google::protobuf::util::MessageToJsonString(message, &text);
    EXPECT_TRUE(printed.ok()) << what << ": " << printed.ToString() << "\n"
                              << message.DebugString();
  }

  const uint64_t seed_ = std::random_device()();
  Generator generator_{seed_};
  int answered_ = 0;
  int refused_ = 0;
};

TEST_F(GeneratedRequestsTest, AreAnsweredOrRefusedWithAReason) {
  SCOPED_TRACE(fmt::format("seed {}", seed_));
  Serve();
  PublishGreet();
  constexpr int kRounds = 7;
  constexpr int kCount = 50;
  for (int round = 0; round < kRounds; ++round) {
    Try(&Client::Publish, 3 * kCount);
    Try(&Client::UpdateLabel, kCount);
    Try(&Client::DeleteLabel, kCount);
    Try(&Client::CreateRepository, kCount / 5);
    Try(&Client::Complete, kCount);
    Try(&Client::Render, kCount);
    Try(&Client::CreateRecord, kCount);
    Try(&Client::GetVersion, kCount);
    Try(&Client::GetPrompt, kCount);
    Try(&Client::DiffVersions, kCount);
    Try(&Client::ListRepositories, kCount);
    Try(&Client::ListPrompts, kCount);
    Try(&Client::ListVersions, kCount);
    Try(&Client::ListLabels, kCount);
    Try(&Client::ListChanges, kCount);
    Try(&Client::GetRecord, kCount);
    Try(&Client::ListRecords, kCount);
    Try(&Client::FindRecords, kCount);
    if (HasFailure()) return;
  }
  // Of both there have to be some, else the requests say nothing. How many are answered depends
  // on the seed: of the 960 of a round some 25 and more.
  EXPECT_GT(answered_, 100);
  EXPECT_GT(refused_, 1'000);

  // Whatever got in can be read and printed.
  v1::ListRecordsRequest list;
  list.set_name("acme");
  list.set_page_size(500);
  ASSERT_OK_AND_ASSIGN(const v1::ListRecordsResponse records, client().ListRecords(list));
  ExpectPrintable("the records", records);
  ASSERT_OK_AND_ASSIGN(const v1::VerifyStoreResponse store, client().VerifyStore({}));
  EXPECT_THAT(store.problems(), testing::IsEmpty()) << store.DebugString();
}

}  // namespace
}  // namespace colophon
