#include "tests/crash/ledger.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "fmt/format.h"
#include "service/base/status.h"

namespace colophon {
namespace {

std::string OneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

int64_t LedgerTime() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

std::string BytesToHex(std::string_view bytes) {
  return absl::BytesToHexString({bytes.data(), bytes.size()});
}

std::string HexToBytes(std::string_view hex) {
  return absl::HexStringToBytes({hex.data(), hex.size()});
}

Ledger::Ledger(const std::string& path)
    : fd_(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {}

Ledger::~Ledger() {
  if (fd_ >= 0) close(fd_);
}

absl::Status Ledger::status() const {
  return fd_ >= 0 ? absl::OkStatus() : Internal("can't write the ledger");
}

void Ledger::Sent(const std::string& operation, const std::string& method,
                  const google::protobuf::MessageLite& request) {
  Write(fmt::format("sent {} {} {}", operation, method, BytesToHex(request.SerializeAsString())));
}

void Ledger::Started(const std::string& operation, const std::string& record) {
  Write(fmt::format("started {} {}", operation, record));
}

void Ledger::Answered(const std::string& operation, const google::protobuf::MessageLite& answer) {
  Write(fmt::format("answered {} {}", operation, BytesToHex(answer.SerializeAsString())));
}

void Ledger::Refused(const std::string& operation, const std::string& reason) {
  Write(fmt::format("refused {} {}", operation, reason));
}

void Ledger::Failed(const std::string& operation, const std::string& text) {
  Write(fmt::format("failed {} {}", operation, text));
}

void Ledger::Saw(int64_t sequence, const std::string& commit) {
  Write(fmt::format("saw {} {}", sequence, commit));
}

void Ledger::Problem(const std::string& text) { Write("problem " + text); }

void Ledger::Write(const std::string& entry) {
  const std::string line = fmt::format("{} {}\n", LedgerTime(), OneLine(entry));
  // With O_APPEND the lines of several threads don't mix. A ledger with a hole
  // would accuse the server: better no client at all.
  if (write(fd_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    perror("writing the ledger");
    std::_Exit(3);
  }
}

}  // namespace colophon
