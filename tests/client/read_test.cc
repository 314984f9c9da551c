// What `colophon read` shows, without a terminal.

#include <string>
#include <vector>

#include "client/cli/read/line_input.h"
#include "client/cli/read/read_list.h"
#include "client/cli/read/record_view.h"
#include "client/cli/read/styled_text.h"
#include "client/cli/text.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> TextsOf(const std::vector<Line>& lines) {
  std::vector<std::string> texts;
  for (const Line& line : lines) {
    std::string& text = texts.emplace_back();
    for (const Piece& piece : line) text += piece.text;
  }
  return texts;
}

std::vector<std::string> Wrapped(const std::string& text, int width) {
  return TextsOf(Wrap({{text}}, width));
}

TEST(StyledTextTest, BreaksBeforeWords) {
  EXPECT_THAT(Wrapped("one two three", 8), ElementsAre("one two", "three"));
  EXPECT_THAT(Wrapped("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(Wrapped("one two three", 6), ElementsAre("one", "two", "three"));
  EXPECT_THAT(Wrapped("a\n\n  b\n", 8), ElementsAre("a", "", "  b"));
  EXPECT_THAT(Wrapped("abcdefghij kl", 4), ElementsAre("abcd", "efgh", "ij", "kl"));
  EXPECT_THAT(Wrapped("", 4), ElementsAre(""));
  EXPECT_THAT(Wrapped("한국어 글", 6), ElementsAre("한국어", "글"));
  EXPECT_THAT(Wrapped("a\tb", 8), ElementsAre("a    b"));
}

// Whatever the text, no line is wider than the screen, and nothing but blanks is lost.
TEST(StyledTextTest, NoLineIsTooWideAndNothingIsLost) {
  const std::string text =
      "Une réponse, 日本語の長い文章がここにあります and a-very-long-word-of-some-kind.\n  x";
  const auto solid = [](std::string all) {
    std::erase_if(all, [](char c) { return c == ' ' || c == '\n'; });
    return all;
  };
  for (int width = 2; width < 60; ++width) {
    std::string all;
    for (const std::string& line : Wrapped(text, width)) {
      EXPECT_LE(DisplayWidth(line), width);
      all += line;
    }
    EXPECT_EQ(solid(all), solid(text)) << width;
  }
}

TEST(StyledTextTest, MarksWhatIsFoundAcrossPieces) {
  const std::vector<Piece> pieces = {{"Say ref", Face::kPlain},
                                     {"UND now, refund", Face::kVariable}};
  EXPECT_THAT(Mark(pieces, "Refund"),
              ElementsAre(Piece{"Say ", Face::kPlain}, Piece{"refUND", Face::kFound},
                          Piece{" now, ", Face::kVariable}, Piece{"refund", Face::kFound}));
  EXPECT_THAT(Mark(pieces, ""), testing::ElementsAreArray(pieces));
  EXPECT_EQ(TextsOf(Wrap(Mark(pieces, "zzz"), 80)), TextsOf(Wrap(pieces, 80)));
}

v1::Record RecordOf(int number, const std::string& output, int seconds) {
  v1::Record record;
  record.set_id(fmt::format("r{}", number));
  record.mutable_outcome()->mutable_completion()->mutable_message()->add_parts()->set_text(output);
  record.mutable_outcome()->mutable_latency()->set_seconds(seconds);
  return record;
}

std::vector<std::string> Listed(const ReadOrder& order, int count = 4) {
  ReadList list(order);
  const std::vector<std::string> outputs = {"aa", "a", "aaaa", "aaa"};
  for (int i = 0; i < count; ++i) {
    list.Add(RecordOf(i, outputs[static_cast<size_t>(i) % 4], (i * 7) % 5));
  }
  return list.Take();
}

TEST(ReadListTest, KeepsTheFirstOfItsOrder) {
  using By = ReadOrder::By;
  EXPECT_THAT(Listed({.by = By::kNewest, .limit = 3}), ElementsAre("r0", "r1", "r2"));
  EXPECT_THAT(Listed({.by = By::kLongest, .limit = 2}), ElementsAre("r2", "r3"));
  EXPECT_THAT(Listed({.by = By::kSlowest}), ElementsAre("r2", "r1", "r3", "r0"));
  ReadList list({.by = By::kLongest, .limit = 1});
  list.Add(RecordOf(1, std::string(1'000, 'a'), 1));
  v1::Record shortened = RecordOf(2, "", 1);
  shortened.set_shortened(true);
  list.Add(shortened);
  EXPECT_THAT(list.Take(), ElementsAre("r2"));
}

// By its seed, and not by what else is there.
TEST(ReadListTest, ASampleIsTheSameAgain) {
  const ReadOrder order{.by = ReadOrder::By::kSample, .limit = 5, .seed = 7};
  const auto sample = Listed(order, 100);
  EXPECT_EQ(sample.size(), 5u);
  EXPECT_EQ(Listed(order, 100), sample);
  EXPECT_NE(Listed({.by = ReadOrder::By::kSample, .limit = 5, .seed = 8}, 100), sample);
  EXPECT_NE(sample, (std::vector<std::string>{"r0", "r1", "r2", "r3", "r4"}));
  ReadOrder more = order;
  more.limit = 6;
  const auto larger = Listed(more, 100);
  EXPECT_TRUE(std::equal(sample.begin(), sample.end(), larger.begin()));
}

TEST(LineInputTest, IsTypedAndTakenBack) {
  LineInput input("note: ");
  const auto type = [&](const std::string& text) { return input.Take({Key::Kind::kText, text}); };
  EXPECT_FALSE(type("a") || type("é") || type("한"));
  EXPECT_EQ(input.text(), "aé한");
  EXPECT_FALSE(input.Take({Key::Kind::kBackspace, ""}));
  EXPECT_FALSE(input.Take({Key::Kind::kBackspace, ""}));
  EXPECT_EQ(input.text(), "a");
  EXPECT_THAT(TextsOf({input.Show(80)}), ElementsAre("note: a"));
  for (int i = 0; i < 100; ++i) type("x");
  type("!");
  EXPECT_EQ(TextsOf({input.Show(20)})[0], "note: " + std::string(12, 'x') + "!");
  EXPECT_FALSE(input.Take({Key::Kind::kClearLine, ""}));
  EXPECT_TRUE(input.Take({Key::Kind::kEnter, ""}));
  EXPECT_EQ(input.text(), "");
  EXPECT_TRUE(input.Take({Key::Kind::kEscape, ""}));
  EXPECT_EQ(input.text(), std::nullopt);
}

v1::GetRecordResponse Response() {
  v1::GetRecordResponse response;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(R"(
    record {
      intent { repository: 'acme' prompt: 'p' version: 12 model: 'echo/any' label: 'production'
               variables_json: '{"name":"Ada"}' }
      outcome {
        status: RECORD_STATUS_OK output_valid: false
        output_violations { pointer: '/team' message: 'is none' }
        completion { message { parts { text: 'Hello\x1b[31m Ada' } } }
      }
      scores { name: 'quality' word: 'bad' caller: 'ada' note: 'Curt.' }
      scores { name: 'quality' word: 'good' caller: 'bob' }
      scores { name: 'old' word: 'good' caller: 'ada' corrected: true }
    }
    rendered { messages { role: ROLE_USER parts { text: 'Greet Ada now.' } } }
    spans { end_byte: 6 path: 'p.prompt' }
    spans { start_byte: 6 end_byte: 9 expression: 'name' path: 'p.prompt' }
    spans { start_byte: 9 end_byte: 14 path: 'p.prompt' }
  )",
                                                            &response));
  return response;
}

std::string TextOf(const std::vector<Piece>& pieces) {
  std::string text;
  for (const Piece& piece : pieces) text += piece.text;
  return text;
}

TEST(RecordViewTest, FoldsThePromptAboveTheOutput) {
  const std::string text = TextOf(ViewRecord(Response(), {}));
  EXPECT_EQ(text,
            "▸ prompt: 1 message, 14 bytes (p shows it)\n--- output ---\nHello\\x1b[31m Ada\n\n"
            "against its schema: /team: is none\n\n--- scores ---\nquality=bad by ada: Curt.\n"
            "quality=good by bob\n");
}

TEST(RecordViewTest, TellsWhatVariablesWroteApart) {
  const auto pieces = ViewRecord(Response(), {.prompt_open = true});
  EXPECT_THAT(pieces, testing::Contains(Piece{"Ada", Face::kVariable}));
  EXPECT_THAT(pieces, testing::Contains(Piece{"Greet ", Face::kPlain}));
  EXPECT_THAT(TextOf(pieces), testing::StartsWith("--- user ---\nGreet Ada now.\n--- output ---"));
  EXPECT_THAT(ViewRecord(Response(), {.found = "hello"}),
              testing::Contains(Piece{"Hello", Face::kFound}));
}

TEST(RecordViewTest, BlindSaysNothingOfTheVersion) {
  const Output out;
  const v1::GetRecordResponse response = Response();
  EXPECT_THAT(DescribeRecord(out, response.record(), false),
              AllOf(HasSubstr("acme/p@v12"), HasSubstr("echo/any"), HasSubstr("ok, invalid")));
  const std::string head = DescribeRecord(out, response.record(), true);
  EXPECT_EQ(head, "ok, invalid");
  const std::string text =
      TextOf(ViewRecord(response, {.prompt_open = true, .blind = true, .caller = "ada"}));
  EXPECT_THAT(text, AllOf(HasSubstr("{\"name\":\"Ada\"}"), HasSubstr("quality=bad by ada"),
                          Not(HasSubstr("Greet")), Not(HasSubstr("bob")), Not(HasSubstr("v12"))));
}

}  // namespace
}  // namespace colophon
