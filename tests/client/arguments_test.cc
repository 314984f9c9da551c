#include "client/cli/arguments.h"

#include <unistd.h>

#include "client/cli/local_file.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/base/json.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST(ArgumentsTest, ReadsDurations) {
  struct {
    const char* text;
    absl::Duration duration;
  } const cases[] = {
      {"30s", absl::Seconds(30)},  {"1h30m", absl::Minutes(90)}, {"250ms", absl::Milliseconds(250)},
      {"7d", absl::Hours(24 * 7)}, {"12", absl::Seconds(12)},    {"0.5", absl::Milliseconds(500)},
  };
  for (const auto& c : cases) {
    ASSERT_OK_AND_ASSIGN(const absl::Duration duration, ParseDuration(c.text));
    EXPECT_EQ(duration, c.duration) << c.text;
  }
  for (const char* text : {"", "soon", "7 days", "d"}) {
    EXPECT_THAT(ParseDuration(text), ErrorIs(kInvalid, "BAD_DURATION")) << text;
  }
}

TEST(ArgumentsTest, ReadsMoments) {
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  EXPECT_EQ(*ParseTime("2h", now), now - absl::Hours(2));
  EXPECT_EQ(*ParseTime("7d", now), now - absl::Hours(168));
  EXPECT_EQ(*ParseTime("2026-11-23T20:53:00Z", now),
            absl::FromDateTime(2026, 11, 23, 20, 53, 0, absl::UTCTimeZone()));
  EXPECT_EQ(*ParseTime("2026-11-23", now),
            absl::FromDateTime(2026, 11, 23, 0, 0, 0, absl::LocalTimeZone()));
  EXPECT_EQ(*ParseTime("2026-11-23 20:53", now),
            absl::FromDateTime(2026, 11, 23, 20, 53, 0, absl::LocalTimeZone()));
  for (const char* text : {"", "yesterday", "12", "2026-13-40"}) {
    EXPECT_THAT(ParseTime(text, now), ErrorIs(kInvalid, "BAD_TIME", HasSubstr(text)));
  }
}

TEST(ArgumentsTest, ReadsVariables) {
  json::object variables;
  EXPECT_OK(AddVariable("name=Ada = Lovelace", &variables));
  EXPECT_OK(AddVariable("age:=36", &variables));
  EXPECT_OK(AddVariable("tags:=[\"a\", {\"b\": null}]", &variables));
  EXPECT_OK(AddVariable("empty=", &variables));
  EXPECT_OK(AddVariable("number=36", &variables));
  EXPECT_EQ(
      WriteJson(variables),
      R"({"name":"Ada = Lovelace","age":36,"tags":["a",{"b":null}],"empty":"","number":"36"})");
  EXPECT_THAT(AddVariable("name", &variables),
              ErrorIs(kInvalid, "BAD_PAIR", "--var \"name\" is not KEY=VALUE"));
  EXPECT_THAT(AddVariable("=x", &variables), ErrorIs(kInvalid, "BAD_PAIR"));
  EXPECT_THAT(AddVariable("age:={", &variables),
              ErrorIs(kInvalid, "BAD_JSON", HasSubstr("--var \"age\": ")));
}

TEST(ArgumentsTest, ReadsVariablesFromFiles) {
  const TempDir dir;
  WriteFile(dir / "letter.txt", "Dear Ada,\nK=V\n");
  WriteFile(dir / "tags.json", "[\"a\", 1]\n");
  WriteFile(dir / "binary", "\xff");
  json::object variables;
  EXPECT_OK(AddVariable(fmt::format("letter=@{}/letter.txt", dir.path()), &variables));
  EXPECT_OK(AddVariable(fmt::format("tags:=@{}/tags.json", dir.path()), &variables));
  EXPECT_OK(AddVariable("handle=@@ada", &variables));
  EXPECT_OK(AddVariable("mail=ada@example.com", &variables));
  EXPECT_EQ(
      WriteJson(variables),
      R"({"letter":"Dear Ada,\nK=V\n","tags":["a",1],"handle":"@ada","mail":"ada@example.com"})");
  EXPECT_THAT(
      AddVariable(fmt::format("handle=@{}/ada", dir.path()), &variables),
      ErrorIs(
          absl::StatusCode::kNotFound, "NO_FILE",
          AllOf(StartsWith("--var \"handle\": "),
                EndsWith(fmt::format("; for the text itself write handle=@@{}/ada", dir.path())))));
  EXPECT_THAT(AddVariable(fmt::format("x=@{}/binary", dir.path()), &variables),
              ErrorIs(kInvalid, "NOT_UTF8"));
  EXPECT_THAT(AddVariable(fmt::format("x:=@{}/letter.txt", dir.path()), &variables),
              ErrorIs(kInvalid, "BAD_JSON", HasSubstr("--var \"x\": ")));
}

TEST(ArgumentsTest, ReadsParametersAsJsonWhereTheyAre) {
  google::protobuf::Struct config;
  EXPECT_OK(AddConfig("temperature=0.2", &config));
  EXPECT_OK(AddConfig("style=brief", &config));
  EXPECT_EQ(WriteJson(ToJson(config)), R"({"style":"brief","temperature":0.2})");
}

TEST(ArgumentsTest, ReadsObjectsOnly) {
  EXPECT_OK(ParseJsonObject("{\"a\": 1}", "x"));
  EXPECT_THAT(ParseJsonObject("[1]", "\"data.json\""),
              ErrorIs(kInvalid, "BAD_JSON", "\"data.json\" is not a JSON object"));
  EXPECT_THAT(ParseJsonObject("{", "\"data.json\""),
              ErrorIs(kInvalid, "BAD_JSON", HasSubstr("\"data.json\": ")));
}

TEST(ArgumentsTest, ReadsAHistoryAsPeopleWriteIt) {
  ASSERT_OK_AND_ASSIGN(const auto history, ParseHistory(R"([
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello"},
    {"role": "ROLE_TOOL", "parts": [{"toolResponse": {"id": "1", "output": "{}"}}]}])"));
  ASSERT_THAT(history, SizeIs(3));
  EXPECT_THAT(history[0], EqualsProto("role: ROLE_USER parts { text: 'Hi' }"));
  EXPECT_THAT(history[1], EqualsProto("role: ROLE_MODEL parts { text: 'Hello' }"));
  EXPECT_THAT(history[2],
              EqualsProto("role: ROLE_TOOL parts { tool_response { id: '1' output: '{}' } }"));
  ASSERT_OK_AND_ASSIGN(const auto parts, ParseHistory(R"([
    {"role": "model", "content": [{"text": "hello"}, {"media": {"url": "http://x/y"}},
                                  {"toolRequest": {"name": "f", "ref": "1", "input": {"a": 1}}}]},
    {"role": "tool", "content": [{"toolResponse": {"name": "f", "ref": "1", "output": "x"}}]},
    {"role": "user", "content": [{"type": "text", "text": "Hi"},
                                 {"type": "image_url", "image_url": {"url": "http://i"}}]}])"));
  ASSERT_THAT(parts, SizeIs(3));
  EXPECT_THAT(parts[0], EqualsProto(R"pb(role: ROLE_MODEL
                                         parts { text: 'hello' }
                                         parts { media { url: 'http://x/y' } }
                                         parts {
                                           tool_request { name: 'f' id: '1' arguments: '{"a":1}' }
                                         })pb"));
  EXPECT_THAT(parts[1],
              EqualsProto(R"pb(role: ROLE_TOOL
                               parts { tool_response { name: 'f' id: '1' output: 'x' } })pb"));
  EXPECT_THAT(parts[2], EqualsProto(R"pb(role: ROLE_USER
                                         parts { text: 'Hi' }
                                         parts { media { url: 'http://i' } })pb"));
  EXPECT_THAT(ParseHistory(R"([{"role": "user", "content": [{"sound": 1}]}])"),
              ErrorIs(kInvalid, "BAD_HISTORY", HasSubstr("a list of parts such as")));
  for (const char* text : {"{}", "[1]", "[{}]", "[{\"role\": 7}]", "[{\"role\": \"poet\"}]",
                           "[{\"role\": \"user\", \"colour\": 1}]"}) {
    EXPECT_THAT(ParseHistory(text), ErrorIs(kInvalid, "BAD_HISTORY")) << text;
  }
  EXPECT_THAT(ParseHistory("["), ErrorIs(kInvalid, "BAD_JSON"));
}

TEST(ArgumentsTest, ReadsTargets) {
  EXPECT_THAT(*ParseTargets({"v12"}), EqualsProto("targets { version: 12 }"));
  EXPECT_THAT(*ParseTargets({"12"}), EqualsProto("targets { version: 12 }"));
  EXPECT_THAT(*ParseTargets({"latest"}), EqualsProto("targets { version: 0 }"));
  EXPECT_THAT(*ParseTargets({"v12=90", "v13=10"}),
              EqualsProto("targets { version: 12 weight: 90 } targets { version: 13 weight: 10 }"));
  for (const char* text : {"", "v", "v0", "0", "production", "v12=", "v12=x", "v12=0", "v-1"}) {
    EXPECT_THAT(ParseTargets({text}), ErrorIs(kInvalid, "BAD_TARGET", HasSubstr(text))) << text;
  }
}

TEST(ArgumentsTest, ReadsFiles) {
  TempDir dir;
  WriteFile(dir / "a", std::string("a\0b", 3));
  WriteFile(dir / "empty", "");
  EXPECT_EQ(*ReadInput(dir / "a"), std::string("a\0b", 3));
  EXPECT_EQ(*ReadInput(dir / "empty"), "");
  EXPECT_THAT(ReadInput(dir / "none"),
              ErrorIs(absl::StatusCode::kNotFound, "NO_FILE", HasSubstr("none")));
  EXPECT_THAT(ReadInput(dir.path()), ErrorIs(kInvalid, "NOT_A_FILE", HasSubstr("folder")));
  EXPECT_THAT(ReadInput("/dev/zero"), ErrorIs(kInvalid, "NOT_A_FILE", HasSubstr("device")));
}

// `--data <(command)`: the shell names a pipe, as good as standard input.
TEST(ArgumentsTest, ReadsWhatAShellPipesIn) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "{}", 2), 2);
  close(ends[1]);
  EXPECT_EQ(*ReadInput("/dev/fd/" + std::to_string(ends[0])), "{}");
  close(ends[0]);
}

// Kind: bytes that no message holds.
TEST(ArgumentsTest, BytesThatAreNoTextAreToldWithTheirVariable) {
  json::object variables;
  EXPECT_THAT(
      AddVariable("x=\xff", &variables),
      ErrorIs(kInvalid, "NOT_UTF8", testing::AllOf(HasSubstr("--var \"x\""), HasSubstr("\\xff"))));
  EXPECT_THAT(AddVariable("x\xff=1", &variables), ErrorIs(kInvalid, "NOT_UTF8"));
  EXPECT_THAT(AddVariable("x:=\"\xff\"", &variables), ErrorIs(kInvalid, "NOT_UTF8"));
  EXPECT_THAT(ParsePair("k=\xed\xa0\x80", "--tag"),
              ErrorIs(kInvalid, "NOT_UTF8", HasSubstr("--tag \"k\"")));
  EXPECT_TRUE(variables.empty());
}

// Kind: digits that get lost.
TEST(ArgumentsTest, NumbersThatWouldLoseDigitsAreRefused) {
  json::object variables;
  for (const char* number : {"18446744073709551616", "-9223372036854775809",
                             "123456789012345678901234567890", "1e400", "1000000000000000000000"}) {
    EXPECT_THAT(AddVariable(std::string("n:=") + number, &variables),
                ErrorIs(kInvalid, "INEXACT_NUMBER",
                        testing::AllOf(HasSubstr("--var \"n\""), HasSubstr(number),
                                       HasSubstr("as a string"))))
        << number;
  }
  EXPECT_THAT(AddVariable(R"(n:={"a": [1, "\" 1", 18446744073709551616]})", &variables),
              ErrorIs(kInvalid, "INEXACT_NUMBER"));
  EXPECT_THAT(ParseJsonObject(R"({"id": 18446744073709551616})", "\"data.json\""),
              ErrorIs(kInvalid, "INEXACT_NUMBER", HasSubstr("\"data.json\"")));
  for (const char* number :
       {"9007199254740993", "18446744073709551615", "-9223372036854775808", "-0", "0.1", "1.5e3",
        R"("18446744073709551616")", R"(["\\", 1, "\"18446744073709551616"])"}) {
    EXPECT_OK(AddVariable(std::string("n:=") + number, &variables)) << number;
  }
  ASSERT_OK(AddVariable("n:=9007199254740993", &variables));
  EXPECT_EQ(WriteJson(variables), R"({"n":9007199254740993})");
}

// Parameters are a Struct's, whose numbers are doubles.
TEST(ArgumentsTest, ParametersThatADoubleLosesAreRefused) {
  google::protobuf::Struct config;
  for (const char* number : {"9007199254740993", "-9007199254740993", "9223372036854775807"}) {
    EXPECT_THAT(AddConfig(std::string("seed=") + number, &config),
                ErrorIs(kInvalid, "INEXACT_NUMBER", HasSubstr(number)));
  }
  for (const char* number : {"9007199254740992", "-9007199254740992", "9007199254740994", "-0"}) {
    EXPECT_OK(AddConfig(std::string("seed=") + number, &config)) << number;
  }
}

}  // namespace
}  // namespace colophon
