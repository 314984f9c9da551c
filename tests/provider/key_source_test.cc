// API keys that don't come from the environment.

#include "service/provider/key_source.h"

#include "gmock/gmock.h"
#include "service/provider/provider_config.h"
#include "tests/provider/calls.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using absl::StatusCode;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kKey[] = "sk-0123456789abcdef";

class KeySourceTest : public testing::Test {
 protected:
  absl::StatusOr<CheckedProvider> Check(const std::string& more) const {
    config::v1::Provider config;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        R"(name: "p" kind: KIND_OPENAI )" + more, &config));
    return CheckProvider(config, "providers[0]");
  }

  const TempDir dir_;
};

TEST_F(KeySourceTest, AKeyIsReadFromItsFileOrProgramAndIsASecret) {
  WriteFile(dir_ / "key", std::string(kKey) + "\n");
  for (const std::string& where :
       {"api_key_file: \"" + (dir_ / "key") + "\"",
        "api_key_command: \"cat\" api_key_command: \"" + (dir_ / "key") + "\""}) {
    const auto checked = Check(where);
    ASSERT_OK(checked);
    EXPECT_EQ(checked->options.key, kKey) << where;
    EXPECT_THAT(checked->options.secrets, testing::Contains(kKey)) << where;
  }
}

// Nor is the vendor's variable looked at.
TEST_F(KeySourceTest, TheProgramHasOurEnvironmentAndNoShell) {
  const ScopedVariable of_vendor("OPENAI_API_KEY", "sk-of-the-vendor-0123");
  const ScopedVariable variable("COLOPHON_TEST_KEY", kKey);
  const auto checked = Check(R"(api_key_command: "printenv" api_key_command: "COLOPHON_TEST_KEY")");
  ASSERT_OK(checked);
  EXPECT_EQ(checked->options.key, kKey);
  const auto words = Check(R"(api_key_command: "echo" api_key_command: "$HOME;0123456789")");
  ASSERT_OK(words);
  EXPECT_EQ(words->options.key, "$HOME;0123456789");
}

TEST_F(KeySourceTest, WhatGivesNoKeyIsNamedAndNoKeyIsShown) {
  WriteFile(dir_ / "empty", "\n");
  WriteFile(dir_ / "two", "sk-secret-0123456\nx-evil: 1");
  WriteFile(dir_ / "large", std::string(70'000, 'k'));
  WriteFile(dir_ / "short", "hunter2");
  const auto file = [&](const std::string& name) {
    return "api_key_file: \"" + (dir_ / name) + "\"";
  };
  const struct {
    std::string config;
    const char* reason;
    std::string says;
  } cases[] = {
      {file("none"), "PROVIDER_KEY_MISSING", "No such file"},
      {file(""), "PROVIDER_KEY_MISSING", "directory"},
      {file("empty"), "PROVIDER_KEY_MISSING", "is empty"},
      {file("large"), "PROVIDER_KEY_MISSING", "too large"},
      {file("two"), "BAD_CONFIG", "providers[0].api_key_file"},
      {file("short"), "BAD_CONFIG", "providers[0].api_key_file"},
      {file("x") + " api_key_env: \"X\"", "BAD_CONFIG", "say once where the key is"},
      {file("x") + " api_key_command: \"x\"", "BAD_CONFIG", "say once where the key is"},
      {R"(api_key_command: "colophon-no-such-program")", "PROVIDER_KEY_MISSING",
       "providers[0].api_key_command runs \"colophon-no-such-program\""},
      {R"(api_key_command: "false")", "PROVIDER_KEY_MISSING", "ends with 1"},
      {R"(api_key_command: "true")", "PROVIDER_KEY_MISSING", "empty"},
      {R"(api_key_command: "cat" api_key_command: "/no/such/file")", "PROVIDER_KEY_MISSING",
       "No such file"},
  };
  for (const auto& test : cases) {
    const absl::Status status = Check(test.config).status();
    EXPECT_EQ(ReasonOf(status), test.reason) << test.config << status;
    EXPECT_THAT(status.ToString(),
                AllOf(HasSubstr(test.says), Not(HasSubstr("sk-secret")), Not(HasSubstr("hunter2"))))
        << test.config;
  }
}

}  // namespace
}  // namespace colophon
