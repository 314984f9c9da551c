#include "service/provider/event_stream.h"

#include "gmock/gmock.h"
#include "tests/testing/matchers.h"

namespace colophon {
namespace {

using testing::HasSubstr;

std::string Show(const std::vector<ServerEvent>& events) {
  std::string out;
  for (const ServerEvent& event : events) out += "[" + event.type + "|" + event.data + "]";
  return out;
}

std::string Parse(const std::vector<std::string_view>& parts) {
  EventStream stream;
  std::vector<ServerEvent> events;
  for (const std::string_view part : parts) EXPECT_OK(stream.Feed(part, &events));
  return Show(events);
}

struct Case {
  const char* name;
  std::string bytes;
  std::string events;
};

std::vector<Case> Cases() {
  using std::string_literals::operator""s;
  return {
      {"nothing", "", ""},
      {"one event", "data: a\n\n", "[|a]"},
      {"no space after the colon", "data:a\n\n", "[|a]"},
      {"only one space is taken away", "data:  a\n\n", "[| a]"},
      {"two events", "data: a\n\ndata: b\n\n", "[|a][|b]"},
      {"a type", "event: ping\ndata: {}\n\n", "[ping|{}]"},
      {"a type doesn't stay", "event: ping\ndata: 1\n\ndata: 2\n\n", "[ping|1][|2]"},
      {"a type without data is no event", "event: ping\n\ndata: 2\n\n", "[|2]"},
      {"data of two lines", "data: a\ndata: b\n\n", "[|a\nb]"},
      {"empty data", "data\n\ndata:\n\n", "[|][|]"},
      {"CRLF", "event: x\r\ndata: a\r\n\r\n", "[x|a]"},
      {"CR only", "event: x\rdata: a\r\rdata: b\r\r", "[x|a][|b]"},
      {"all line ends mixed", "data: a\rdata: b\r\ndata: c\n\r\n", "[|a\nb\nc]"},
      {"comments", ": keep-alive\n\n:\ndata: a\n: b\n\n", "[|a]"},
      {"id and retry", "id: 1\nretry: 10\ndata: a\nid\n\n", "[|a]"},
      {"an id with NUL", "id: \0\ndata: a\n\n"s, "[|a]"},
      {"NUL in data stays", "data: a\0b\n\n"s, "[|a\0b]"s},
      {"an unknown field", "foo: 1\ndata: a\nbar\n\n", "[|a]"},
      {"a colon in data", "data: a: b:\n\n", "[|a: b:]"},
      {"a byte order mark",
       "\xef\xbb\xbf"
       "data: a\n\n",
       "[|a]"},
      {"a second byte order mark is a name",
       "\xef\xbb\xbf\xef\xbb\xbf"
       "data: a\n\n",
       ""},
      {"half a byte order mark is a name",
       "\xef\xbb"
       "data: a\n\ndata: b\n\n",
       "[|b]"},
      {"no empty line at the end", "data: a\n\ndata: b\n", "[|a]"},
      {"half a line at the end", "data: a\n\ndata: b", "[|a]"},
      {"JSON over UTF-8", "data: {\"text\":\"Grüße 😀\"}\n\n", "[|{\"text\":\"Grüße 😀\"}]"},
  };
}

TEST(EventStreamTest, ReadsEvents) {
  for (const Case& test : Cases()) {
    EXPECT_EQ(Parse({test.bytes}), test.events) << test.name;
  }
}

TEST(EventStreamTest, GivesTheSameHoweverTheBytesAreSplit) {
  for (const Case& test : Cases()) {
    const std::string_view bytes = test.bytes;
    for (size_t i = 0; i <= bytes.size(); ++i) {
      for (size_t j = i; j <= bytes.size(); ++j) {
        EXPECT_EQ(Parse({bytes.substr(0, i), bytes.substr(i, j - i), bytes.substr(j)}), test.events)
            << test.name << " split at " << i << " and " << j;
      }
    }
  }
}

TEST(EventStreamTest, GivesTheSameByteByByte) {
  for (const Case& test : Cases()) {
    std::vector<std::string_view> bytes;
    for (size_t i = 0; i < test.bytes.size(); ++i) {
      bytes.push_back(std::string_view(test.bytes).substr(i, 1));
    }
    EXPECT_EQ(Parse(bytes), test.events) << test.name;
  }
}

TEST(EventStreamTest, RefusesAnEventOverItsLimit) {
  const std::string line(60, 'x');
  for (const std::string& bytes :
       {"data: " + line + line, "data: " + line + "\ndata: " + line + "\n\n"}) {
    EventStream stream(100);
    std::vector<ServerEvent> events;
    EXPECT_THAT(stream.Feed(bytes, &events), ErrorIs(absl::StatusCode::kResourceExhausted,
                                                     "PROVIDER_TOO_LARGE", HasSubstr("100 bytes")));
    EXPECT_THAT(stream.Feed("\n\ndata: a\n\n", &events),
                ErrorIs(absl::StatusCode::kResourceExhausted, "PROVIDER_TOO_LARGE"));
    EXPECT_EQ(Show(events), "");
  }
}

TEST(EventStreamTest, TakesAnyNumberOfEventsUnderTheLimit) {
  EventStream stream(100);
  std::vector<ServerEvent> events;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_OK(stream.Feed("data: " + std::string(80, 'x') + "\n\n", &events));
  }
  EXPECT_EQ(events.size(), 1000u);
}

TEST(EventStreamTest, KeepsAnErrorThatStandsOutsideAnEvent) {
  for (const char* end : {"", "\n", "\n\n"}) {
    EventStream stream;
    std::vector<ServerEvent> events;
    ASSERT_OK(stream.Feed(std::string("data: a\n\n{\"error\":{}}") + end, &events));
    EXPECT_EQ(stream.stray(), "{\"error\":{}}");
    EXPECT_EQ(Show(events), "[|a]");
  }
}

}  // namespace
}  // namespace colophon
