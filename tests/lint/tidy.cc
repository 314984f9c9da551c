#include "tests/lint/tidy.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <regex>
#include <string_view>

#include "fmt/format.h"

namespace colophon {
namespace {

constexpr size_t kMaxLines = 450;

using Findings = std::vector<std::string>;
// What is wrong with a line; empty when nothing is.
using CheckLine = std::function<std::string(const SourceFile& file, std::string_view line)>;

void CheckLines(const SourceFile& file, const CheckLine& check, Findings* findings) {
  const std::vector<std::string_view> lines = file.Lines();
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string problem = check(file, lines[i]);
    if (!problem.empty()) findings->push_back(Finding(file, i + 1, problem));
  }
}

bool Matches(std::string_view text, const std::regex& pattern) {
  return std::regex_search(text.begin(), text.end(), pattern);
}

std::string_view Trimmed(std::string_view line) {
  const size_t start = line.find_first_not_of(' ');
  return start == std::string_view::npos ? std::string_view() : line.substr(start);
}

// From the first mark of a comment on; empty without one.
std::string_view CommentOf(std::string_view line) {
  const size_t slashes = line.find("//");
  const size_t hash = line.find("# ");
  const size_t start = std::min(slashes, hash);
  return start == std::string_view::npos ? std::string_view() : line.substr(start);
}

// What we wrote for compilers and shells; not the prompts that models read nor
// the data of tests.
bool IsSource(const SourceFile& file) {
  static const std::array<std::string_view, 6> endings = {".proto", "CMakeLists.txt", ".cmake",
                                                          ".supp",  ".textproto",     ".service"};
  return IsCode(file) || IsScript(file) ||
         std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return file.path.ends_with(ending); });
}

bool Contains(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// One of the words stands in the text, not as a part of a longer one.
bool HasWord(std::string_view text, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    for (size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
      const size_t end = at + word.size();
      if ((at == 0 || !IsWordCharacter(text[at - 1])) &&
          (end == text.size() || !IsWordCharacter(text[end]))) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

Findings CheckSizes(const std::vector<SourceFile>& files) {
  Findings findings;
  for (const SourceFile& file : files) {
    if (!IsCode(file)) continue;
    const size_t lines = file.Lines().size();
    if (lines > kMaxLines) {
      findings.push_back(
          Finding(file, 0, fmt::format("{} lines; at most {}: is it one noun?", lines, kMaxLines)));
    }
  }
  return findings;
}

Findings CheckPragmas(const std::vector<SourceFile>& files) {
  Findings findings;
  for (const SourceFile& file : files) {
    if (!file.path.ends_with(".h")) continue;
    std::string_view first;
    for (std::string_view line : file.Lines()) {
      if (!line.starts_with("#")) continue;
      first = line;
      break;
    }
    if (first != "#pragma once") {
      findings.push_back(Finding(file, 0, "does not begin with #pragma once"));
    }
  }
  return findings;
}

Findings CheckWhiteSpace(const std::vector<SourceFile>& files) {
  Findings findings;
  for (const SourceFile& file : files) {
    if (!IsSource(file)) continue;
    CheckLines(
        file,
        [](const SourceFile&, std::string_view line) -> std::string {
          if (Contains(line, "\t")) return "has a tab";
          if (line.ends_with(' ') || line.ends_with('\r')) return "has space at its end";
          return "";
        },
        &findings);
    if (!file.text.empty() && !file.text.ends_with('\n')) {
      findings.push_back(Finding(file, 0, "has no newline at its end"));
    }
  }
  return findings;
}

Findings CheckPromises(const std::vector<SourceFile>& files) {
  // In pieces, so that this file is not a finding.
  static const std::vector<std::string> anywhere = {
      "TO"
      "DO",
      "FIX"
      "ME",
      "X"
      "XX",
      "HA"
      "CK",
      "not "
      "implemented"};
  // These are honest names in code.
  static const std::vector<std::string> in_comments = {
      "for "
      "now",
      "place"
      "holder"};
  // Clients call an object of gRPC's so; the service has none.
  static const std::vector<std::string> in_service = {
      "st"
      "ub",
      "stub"
      "bed"};
  Findings findings;
  for (const SourceFile& file : files) {
    if (!IsSource(file)) continue;
    CheckLines(
        file,
        [](const SourceFile& of, std::string_view line) -> std::string {
          const std::string_view comment = CommentOf(line);
          const bool is_service = of.path.starts_with("service/");
          if (HasWord(line, anywhere) || HasWord(comment, in_comments) ||
              (is_service && HasWord(comment, in_service))) {
            return "promises work that is not done";
          }
          return "";
        },
        &findings);
  }
  return findings;
}

Findings CheckLists(const std::vector<SourceFile>& files) {
  std::map<std::string_view, const SourceFile*> lists;  // By folder.
  for (const SourceFile& file : files) {
    if (file.Name() == "CMakeLists.txt") lists[file.Folder()] = &file;
  }
  // The list of a folder, or of the nearest one above that has one.
  const auto list_of = [&](const SourceFile& file) -> const SourceFile* {
    std::string_view folder = file.Folder();
    while (true) {
      const auto found = lists.find(folder);
      if (found != lists.end()) return found->second;
      const size_t slash = folder.rfind('/');
      if (slash == std::string_view::npos) return nullptr;
      folder = folder.substr(0, slash);
    }
  };
  Findings findings;
  for (const SourceFile& file : files) {
    if (!file.path.ends_with(".cc")) continue;
    const SourceFile* list = list_of(file);
    const std::string name =
        list == nullptr ? ""
                        : file.path.substr(list->Folder().empty() ? 0 : list->Folder().size() + 1);
    const std::string stem = name.substr(0, name.size() - std::min(name.size(), size_t{3}));
    const bool is_fuzz_target = file.path.starts_with("tests/fuzz/") && list != nullptr &&
                                Contains(list->text, "colophon_fuzz(" + stem + " ");
    const bool listed =
        is_fuzz_target ||
        (list != nullptr &&
         Matches(list->text,
                 std::regex("(^|[\\s(])" + std::regex_replace(name, std::regex("[.]"), "[.]") +
                            "($|[\\s)])")));
    if (!listed) findings.push_back(Finding(file, 0, "is in no CMakeLists.txt: it is never built"));
  }
  return findings;
}

Findings CheckTests(const std::vector<SourceFile>& files) {
  // In pieces, so that this file is not a finding.
  static const std::string disabled =
      "DISABLED"
      "_";
  static const std::string skip =
      "GTEST_"
      "SKIP()";
  static const std::vector<std::string> sleeps = {
      "sleep_"
      "for",
      "sleep_"
      "until",
      "Sleep"
      "For",
      "u"
      "sleep"};
  // Where all waits are that have nothing to wait on.
  constexpr std::string_view kWaits = "tests/testing/eventually.cc";
  Findings findings;
  for (const SourceFile& file : files) {
    if (!file.path.starts_with("tests/") || !IsCode(file)) continue;
    const bool may_sleep = file.path.starts_with("tests/bench/") || file.path == kWaits;
    const std::vector<std::string_view> lines = file.Lines();
    for (size_t i = 0; i < lines.size(); ++i) {
      const std::string_view line = lines[i];
      const size_t skipped = line.find(skip);
      if (Contains(line, disabled) ||
          (skipped != line.npos && !line.substr(skipped + skip.size()).starts_with(" << \""))) {
        findings.push_back(Finding(file, i + 1, "skips a test without a reason"));
      }
      if (!may_sleep && HasWord(line, sleeps)) {
        findings.push_back(Finding(file, i + 1, "sleeps: wait on the condition, or Eventually"));
      }
    }
  }
  return findings;
}

Findings CheckRpcComments(const std::vector<SourceFile>& files) {
  Findings findings;
  for (const SourceFile& file : files) {
    if (!file.path.ends_with(".proto")) continue;
    const std::vector<std::string_view> lines = file.Lines();
    for (size_t i = 0; i < lines.size(); ++i) {
      if (!Trimmed(lines[i]).starts_with("rpc ")) continue;
      if (i == 0 || !Trimmed(lines[i - 1]).starts_with("//")) {
        findings.push_back(Finding(file, i + 1, "an rpc without a comment above it"));
      }
    }
  }
  return findings;
}

Findings CheckSuppressions(const std::vector<SourceFile>& files) {
  static const std::regex reasoned("NOLINT(NEXTLINE|BEGIN|END)?\\([a-z][a-zA-Z0-9.,* -]*\\): \\S");
  Findings findings;
  for (const SourceFile& file : files) {
    const std::vector<std::string_view> lines = file.Lines();
    const bool is_list = file.path.ends_with(".supp");
    for (size_t i = 0; i < lines.size(); ++i) {
      const std::string_view line = lines[i];
      if (is_list && !line.empty() && !line.starts_with("#")) {
        if (i == 0 || !lines[i - 1].starts_with("# ")) {
          findings.push_back(Finding(file, i + 1, "a suppression without its reason above it"));
        }
        if (line.starts_with("race:")) {
          findings.push_back(Finding(file, i + 1,
                                     "\"race:\" looks at every frame and so hides our "
                                     "own races: use \"race_top:\""));
        }
      } else if (IsCode(file) && !file.path.starts_with("tests/lint/") &&
                 Contains(line, "NOLINT") && !Matches(line, reasoned)) {
        findings.push_back(Finding(file, i + 1, "write NOLINT(check-name): reason"));
      }
    }
  }
  return findings;
}

Findings CheckScripts(const std::vector<SourceFile>& files) {
  Findings findings;
  for (const SourceFile& file : files) {
    if (!IsScript(file)) continue;
    if (!file.executable) findings.push_back(Finding(file, 0, "is not executable"));
    if (Contains(file.Lines()[0], "bash") && !Contains(file.text, "\nset -euo pipefail\n")) {
      findings.push_back(Finding(file, 0, "goes on after a failure: set -euo pipefail"));
    }
  }
  return findings;
}

Findings CheckStatusCodes(const std::vector<SourceFile>& files) {
  static const std::array<std::string_view, 2> homes = {"service/rpc/status.", "client/cpp/"};
  Findings findings;
  for (const SourceFile& file : files) {
    if (!IsCode(file) || file.path.starts_with("tests/")) continue;
    if (file.path.starts_with(homes[0]) || file.path.starts_with(homes[1])) continue;
    CheckLines(
        file,
        [](const SourceFile&, std::string_view line) -> std::string {
          if (!Contains(line, "grpc::StatusCode")) return "";
          return "names a code of gRPC's: only service/rpc/status does";
        },
        &findings);
  }
  return findings;
}

}  // namespace colophon
