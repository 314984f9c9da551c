#include "tests/crash/history.h"

#include <cstdlib>

#include "fmt/format.h"
#include "service/base/status.h"
#include "tests/crash/ledger.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

// Takes the next word off the line; the rest of it without the space.
std::string TakeWord(std::string_view* line) {
  const size_t space = line->find(' ');
  std::string word(line->substr(0, space));
  line->remove_prefix(space == line->npos ? line->size() : space + 1);
  return word;
}

std::string VariableText(const google::protobuf::Struct& variables) {
  const auto text = variables.fields().find("text");
  return text == variables.fields().end() ? "" : text->second.string_value();
}

template <class Message>
Message Parse(const std::string& bytes) {
  Message message;
  message.ParseFromString(bytes);
  return message;
}

}  // namespace

void History::BeginRound() {
  calls_.clear();
  changes_.clear();
  methods_.clear();
  seen_.clear();
  problems_.clear();
  failures_.clear();
  killed_clients_.clear();
}

bool History::IsOfKilledClient(const std::string& operation) const {
  for (const std::string& client : killed_clients_) {
    if (operation.starts_with(client + "-")) return true;
  }
  return false;
}

std::vector<std::string> History::FailuresBefore(int64_t time) const {
  std::vector<std::string> texts;
  for (const Failure& failure : failures_) {
    if (failure.time < time) texts.push_back(failure.text);
  }
  return texts;
}

absl::Status History::Read(const std::string& ledger_path) {
  const std::string text = ReadFileOrDie(ledger_path);
  std::string_view rest = text;
  for (size_t end = 0; (end = rest.find('\n')) != rest.npos; rest.remove_prefix(end + 1)) {
    RETURN_IF_ERROR(ReadLine(rest.substr(0, end)));
  }
  return absl::OkStatus();
}

absl::Status History::ReadLine(std::string_view line) {
  const int64_t time = std::atoll(TakeWord(&line).c_str());
  const std::string kind = TakeWord(&line);
  if (kind == "problem") {
    problems_.emplace_back(line);
    return absl::OkStatus();
  }
  const std::string operation = TakeWord(&line);
  if (kind == "sent") {
    const std::string method = TakeWord(&line);
    Sent(operation, method, HexToBytes(line));
  } else if (kind == "started") {
    calls_[operation].record = line;
  } else if (kind == "answered") {
    Answered(operation, HexToBytes(line), time);
  } else if (kind == "refused") {
    changes_[operation].refused = true;
  } else if (kind == "failed") {
    failures_.push_back({time, fmt::format("{} failed before the crash: {}", operation, line)});
  } else if (kind == "saw") {
    seen_[std::atoll(operation.c_str())] = line;
  } else {
    return Internal(fmt::format("a ledger has the entry \"{}\"", kind));
  }
  return absl::OkStatus();
}

void History::Sent(const std::string& operation, const std::string& method,
                   const std::string& bytes) {
  methods_[operation] = method;
  if (method == "Complete") {
    calls_[operation].text = VariableText(Parse<v1::CompleteRequest>(bytes).variables());
  } else if (method == "StreamComplete") {
    calls_[operation].text =
        VariableText(Parse<v1::StreamCompleteRequest>(bytes).call().variables());
  } else if (method == "CreateRecord") {
    const auto request = Parse<v1::CreateRecordRequest>(bytes);
    CallFact& call = calls_[operation];
    call.text = VariableText(request.variables());
    call.external = true;
    call.completion = request.completion().SerializeAsString();
  } else {
    ChangeFact& change = changes_[operation];
    change.method = method;
    change.request = bytes;
    if (method != "Publish") return;
    const auto request = Parse<v1::PublishRequest>(bytes);
    change.branch = request.branch();
    for (const v1::FileEdit& edit : request.edits()) {
      change.files[edit.path()] =
          edit.remove() ? std::nullopt : std::optional<std::string>(edit.content());
    }
  }
}

void History::Answered(const std::string& operation, const std::string& bytes, int64_t time) {
  const std::string& method = methods_[operation];
  if (method == "Publish" || method == "UpdateLabel") {
    ChangeFact& change = changes_[operation];
    change.acknowledged = true;
    change.acknowledge_time = time;
    change.response = bytes;
    change.change = method == "Publish" ? Parse<v1::PublishResponse>(bytes).change()
                                        : Parse<v1::UpdateLabelResponse>(bytes).change();
    return;
  }
  CallFact& call = calls_[operation];
  call.acknowledged = true;
  call.acknowledge_time = time;
  if (method == "CreateRecord") {
    call.record = Parse<v1::CreateRecordResponse>(bytes).record().id();
  } else {
    const auto answer = Parse<v1::CompleteResponse>(bytes);
    call.record = answer.record();
    call.version = answer.version();
    call.completion = answer.completion().SerializeAsString();
  }
  all_calls_[operation] = call.record;
}

}  // namespace colophon
