// SearchFiles: how far a call goes, where the next one goes on, and that all calls
// together find what brute force over the files does.

#include <map>
#include <random>
#include <set>

#include "fmt/format.h"
#include "tests/registry/fixture.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FileSearchTest : public RegistryFixture {
 protected:
  struct Found {
    std::vector<std::string> lines;
    int pages = 0;
  };

  static v1::SearchFilesRequest Request(const std::string& text, bool history = false) {
    v1::SearchFilesRequest request;
    request.set_repository("acme");
    request.set_text(text);
    request.set_history(history);
    return request;
  }

  // "a.prompt:2 a line", with history "12 +a.prompt:2 a line", of all pages.
  Found Search(v1::SearchFilesRequest request) {
    Found found;
    do {
      const auto page = registry_->SearchFiles(request, Call());
      EXPECT_OK(page);
      if (!page.ok()) return found;
      ++found.pages;
      for (const v1::LineMatch& match : page->matches()) {
        std::string line = fmt::format("{}:{} {}", match.path(), match.line(), match.text());
        if (request.history()) {
          const bool is_added = match.step() == v1::LineMatch::STEP_ADDED;
          line = fmt::format("{} {}{}", match.change().sequence(), is_added ? "+" : "-", line);
        }
        found.lines.push_back(std::move(line));
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return found;
  }
};

TEST_F(FileSearchTest, ACallReadsSoMuchAndTheNextGoesOn) {
  const std::string filler(900'000, 'x');
  std::vector<std::string> expected;
  for (int i = 10; i < 40; ++i) {
    const std::string path = fmt::format("big/f{}.txt", i);
    ASSERT_OK(Publish(Edit().Write(path, filler + "\nrefund " + path + "\n")));
    expected.push_back(fmt::format("{}:2 refund {}", path, path));
  }
  const Found found = Search(Request("refund"));
  EXPECT_EQ(found.lines, expected);
  EXPECT_GT(found.pages, 1);
  EXPECT_LE(found.pages, 4);

  // What isn't there takes as many calls, each of them empty.
  EXPECT_EQ(Search(Request("nowhere")).pages, found.pages);

  const Found history = Search(Request("refund", true));
  EXPECT_EQ(history.lines.size(), expected.size());
  EXPECT_EQ(history.lines.front(), "30 +" + expected.back());
  EXPECT_GT(history.pages, 1);
}

TEST_F(FileSearchTest, APageThatIsFullGoesOnInTheMidstOfAFile) {
  std::string before = "refund 0\n", after;
  for (int i = 1; i <= 5; ++i) after += fmt::format("refund {}\n", i);
  ASSERT_OK(Publish(Edit().Write("a.txt", before).Write("b.txt", "refund b\n")));
  ASSERT_OK(Publish(Edit().Write("a.txt", after).Write("b.txt", "none\n")));
  auto request = Request("refund");
  request.set_page_size(2);
  const Found found = Search(request);
  EXPECT_THAT(found.lines, ElementsAre("a.txt:1 refund 1", "a.txt:2 refund 2", "a.txt:3 refund 3",
                                       "a.txt:4 refund 4", "a.txt:5 refund 5"));
  EXPECT_EQ(found.pages, 3);
  request.set_history(true);
  const Found history = Search(request);
  EXPECT_THAT(history.lines,
              ElementsAre("2 -a.txt:1 refund 0", "2 +a.txt:1 refund 1", "2 +a.txt:2 refund 2",
                          "2 +a.txt:3 refund 3", "2 +a.txt:4 refund 4", "2 +a.txt:5 refund 5",
                          "2 -b.txt:1 refund b", "1 +a.txt:1 refund 0", "1 +b.txt:1 refund b"));
  EXPECT_EQ(history.pages, 5);
}

TEST_F(FileSearchTest, WhatIsPublishedMeanwhileIsNotInLaterPages) {
  ASSERT_OK(Publish(Edit().Write("a.txt", "refund a\n").Write("b.txt", "refund b\n")));
  for (const bool history : {false, true}) {
    auto request = Request("refund", history);
    request.set_page_size(1);
    ASSERT_OK_AND_ASSIGN(const auto first, registry_->SearchFiles(request, Call()));
    ASSERT_OK(Publish(Edit()
                          .Write("a.txt", fmt::format("refund {}\n", history))
                          .Write("b.txt", fmt::format("new {}\n", history))));
    request.set_page_token(first.next_page_token());
    const std::vector<std::string> expected =
        history ? std::vector<std::string>{"2 +a.txt:1 refund false", "2 -b.txt:1 refund b",
                                           "1 +a.txt:1 refund a", "1 +b.txt:1 refund b"}
                : std::vector<std::string>{"b.txt:1 refund b"};
    EXPECT_EQ(Search(request).lines, expected);
  }
}

TEST_F(FileSearchTest, HistoryIsWhatTheChangesDid) {
  std::mt19937 random(1914);
  std::map<std::string, std::string> files;
  std::set<std::string> expected;  // Without line numbers, which equal lines share.
  for (int64_t sequence = 1; sequence <= 80;) {
    Edit edit;
    std::map<std::string, std::string> now = files;
    for (size_t n = random() % 3 + 1; n > 0; --n) {
      const std::string path = fmt::format("{}/f{}.txt", "ab"[random() % 2], random() % 3);
      std::string text;
      for (size_t lines = random() % 6; lines > 0; --lines) {
        text += fmt::format("{} {}\n", random() % 3 == 0 ? "other" : "refund", random() % 4);
      }
      now[path] = text;
    }
    if (now == files) continue;
    std::map<std::string, int> steps;
    for (const auto& [path, text] : now) {
      if (files[path] == text) continue;
      text.empty() ? edit.Delete(path) : edit.Write(path, text);
      for (const auto& [content, sign] : {std::pair(files[path], -1), std::pair(text, 1)}) {
        for (size_t begin = 0; begin < content.size();) {
          const size_t end = content.find('\n', begin);
          const std::string line = content.substr(begin, end - begin);
          if (line.starts_with("refund")) steps[path + " " + line] += sign;
          begin = end + 1;
        }
      }
    }
    ASSERT_OK(Publish(edit));
    for (const auto& [line, times] : steps) {
      if (times != 0) {
        expected.insert(
            fmt::format("{} {}{} {}", sequence, times > 0 ? "+" : "-", line, std::abs(times)));
      }
    }
    files = now;
    ++sequence;
  }
  for (const std::string prefix : {"", "a/"}) {
    auto request = Request("refund", true);
    request.set_prefix(prefix);
    request.set_page_size(7);
    std::map<std::string, int> times;
    int64_t last = 81;
    for (const std::string& line : Search(request).lines) {
      const size_t colon = line.find(':');
      ++times[line.substr(0, colon) + line.substr(line.find(' ', colon))];
      EXPECT_LE(std::stoll(line), last);
      last = std::stoll(line);
    }
    std::set<std::string> found;
    for (const auto& [line, n] : times) found.insert(fmt::format("{} {}", line, n));
    std::set<std::string> wanted;
    for (const std::string& line : expected) {
      if (line.substr(line.find_first_of("+-") + 1).starts_with(prefix)) wanted.insert(line);
    }
    EXPECT_EQ(found, wanted) << prefix;
  }
}

TEST_F(FileSearchTest, EndsWhenNobodyWaits) {
  ASSERT_OK(Publish(Edit().Write("a.txt", "refund\n")));
  StopFlag stop;
  stop.Stop();
  Call call;
  call.stop = &stop;
  for (const bool history : {false, true}) {
    EXPECT_EQ(ReasonOf(registry_->SearchFiles(Request("refund", history), call).status()),
              "CANCELLED");
  }
}

TEST_F(FileSearchTest, FindsNothingInARepositoryWithoutFiles) {
  EXPECT_THAT(Search(Request("refund")).lines, IsEmpty());
  EXPECT_THAT(Search(Request("refund", true)).lines, IsEmpty());
}

}  // namespace
}  // namespace colophon
