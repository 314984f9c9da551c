#include "client/cli/pager.h"

#include <fcntl.h>
#include <stdio_ext.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace colophon {
namespace {

bool BeginsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

// In the child: nothing but calls that are safe there.
[[noreturn]] void BecomePager(const char* command, int input) {
  dup2(input, STDIN_FILENO);
  signal(SIGINT, SIG_DFL);
  execl("/bin/sh", "sh", "-c", command, nullptr);
  _exit(127);
}

}  // namespace

std::string Pager::Command() {
  const char* const pager = std::getenv("PAGER");
  if (pager == nullptr) return "less";
  const std::string command = pager;
  return command == "cat" ? "" : command;
}

Pager::~Pager() { Finish(); }

// Rows as the terminal has them: colours count as characters, so that at times a pager is
// started for what would just have fit.
void Pager::Write(std::string_view text) {
  if (ended_ || pager_ > 0) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return;
  }
  held_ += text;
  for (const char c : text) {
    if (!BeginsCharacter(c)) continue;
    const bool wraps = c != '\n' && columns_ > 0 && row_columns_ == columns_;
    if (c == '\n' || wraps) {
      ++held_rows_;
      row_columns_ = wraps ? 1 : 0;
    } else {
      ++row_columns_;
    }
  }
  if (held_rows_ >= rows_) Start();
}

void Pager::Start() {
  const std::string command = Command();
  // As git: no pager for one screen, colours as they are, the text stays.
  setenv("LESS", "FRX", 0);
  int ends[2];
  if (!command.empty() && pipe2(ends, O_CLOEXEC) == 0) {
    std::fflush(stdout);
    pager_ = fork();
    if (pager_ == 0) BecomePager(command.c_str(), ends[0]);
    if (pager_ > 0) {
      terminal_ = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
      dup2(ends[1], STDOUT_FILENO);
      signal(SIGINT, SIG_IGN);   // It is for the pager.
      signal(SIGPIPE, SIG_IGN);  // It was left before the end.
    }
    close(ends[0]);
    close(ends[1]);
  }
  ended_ = pager_ <= 0;
  std::fwrite(held_.data(), 1, held_.size(), stdout);
  held_.clear();
}

void Pager::Finish() {
  std::fwrite(held_.data(), 1, held_.size(), stdout);
  held_.clear();
  const bool is_out = std::fflush(stdout) == 0;
  ended_ = true;
  if (pager_ <= 0) return;
  if (!is_out) {  // Who leaves the pager early has seen enough.
    __fpurge(stdout);
    std::clearerr(stdout);
  }
  dup2(terminal_, STDOUT_FILENO);  // The pager sees the end.
  close(terminal_);
  while (waitpid(pager_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pager_ = -1;
}

}  // namespace colophon
