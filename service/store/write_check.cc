#include "service/store/write_check.h"

#include <map>
#include <set>

#include "fmt/format.h"
#include "service/base/hash.h"
#include "service/base/ids.h"
#include "service/store/git_object.h"

namespace colophon {
namespace {

absl::Status BadTransaction(const std::string& fact) {
  return InvalidArgument("BAD_TRANSACTION", fact + "; nothing was written");
}

bool IsDigest(std::string_view hex) { return hex.size() == 64 && HexDecode(hex).has_value(); }

absl::Status CheckObjects(const std::vector<Object>& objects) {
  for (const Object& object : objects) {
    const ObjectId hash = HashObject(object.type, object.data);
    if (hash != object.id) {
      return BadTransaction(
          fmt::format("object \"{}\" hashes to \"{}\"", object.id.hex(), hash.hex()));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckVersions(const ChangeTransaction& transaction) {
  std::set<std::string_view> prompts;
  for (const v1::Version& version : transaction.versions) {
    if (!prompts.insert(version.prompt()).second) {
      return BadTransaction(fmt::format("prompt \"{}\" is published twice", version.prompt()));
    }
    if (version.repository() != transaction.repository || version.prompt().empty() ||
        version.version() == 0 || version.sequence() != transaction.change->sequence()) {
      return BadTransaction(
          fmt::format("version \"{}\" (prompt \"{}\", number {}, sequence {}) isn't one of change "
                      "{} of \"{}\"",
                      version.name(), version.prompt(), version.version(), version.sequence(),
                      transaction.change->sequence(), transaction.repository));
    }
    for (const v1::File& file : version.files()) {
      if (!file.content().empty()) {
        return BadTransaction(
            fmt::format("version \"{}\" carries the content of \"{}\": contents go in as objects",
                        version.name(), file.path()));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status CheckLabels(const ChangeTransaction& transaction) {
  for (const v1::Label& label : transaction.labels) {
    if (!SplitLabelName(transaction.repository, label.name())) {
      return BadTransaction(fmt::format("\"{}\" isn't the name of a label of \"{}\"", label.name(),
                                        transaction.repository));
    }
    if (label.sequence() != transaction.change->sequence()) {
      return BadTransaction(fmt::format("label \"{}\" has sequence {} in change {}", label.name(),
                                        label.sequence(), transaction.change->sequence()));
    }
  }
  return absl::OkStatus();
}

// Of two changes that are written together.
absl::Status CheckFollows(const ChangeTransaction& before, const ChangeTransaction& after) {
  const v1::Change &first = *before.change, &second = *after.change;
  if (first.repository() == second.repository() && first.sequence() + 1 == second.sequence()) {
    return absl::OkStatus();
  }
  return BadTransaction(fmt::format("change {} of \"{}\" follows change {} of \"{}\"",
                                    second.sequence(), second.repository(), first.sequence(),
                                    first.repository()));
}

}  // namespace

std::optional<LabelNameParts> SplitLabelName(std::string_view repository, std::string_view name) {
  if (!name.starts_with(repository)) return std::nullopt;
  name.remove_prefix(repository.size());
  const size_t at = name.rfind('@');
  if (!name.starts_with('/') || at == std::string_view::npos || at == 1 || at + 1 == name.size()) {
    return std::nullopt;
  }
  return LabelNameParts{name.substr(1, at - 1), name.substr(at + 1)};
}

absl::Status CheckTransaction(const ChangeTransaction& transaction) {
  RETURN_IF_ERROR(CheckObjects(transaction.objects));
  std::set<std::string_view> refs;
  for (const RefMove& move : transaction.refs) {
    if (move.name.empty()) return BadTransaction("a ref has no name");
    if (!refs.insert(move.name).second) {
      return BadTransaction(fmt::format("ref \"{}\" is moved twice", move.name));
    }
    if (move.target && move.target->is_zero()) {
      return BadTransaction(fmt::format("ref \"{}\" would point to no object", move.name));
    }
  }
  if (!transaction.change) {
    if (transaction.versions.empty() && transaction.prompts.empty() && transaction.labels.empty()) {
      return absl::OkStatus();
    }
    return BadTransaction("versions, prompts and labels come only with a change");
  }
  const v1::Change& change = *transaction.change;
  if (change.repository() != transaction.repository) {
    return BadTransaction(fmt::format("a change of \"{}\" in a transaction of \"{}\"",
                                      change.repository(), transaction.repository));
  }
  if (change.sequence() < 1) {
    return BadTransaction(
        fmt::format("a change has sequence {}: they begin at 1", change.sequence()));
  }
  if (!ObjectId::FromHex(change.commit())) {
    return BadTransaction(
        fmt::format("a change's commit is \"{}\", not 40 lower-case hex digits", change.commit()));
  }
  RETURN_IF_ERROR(CheckVersions(transaction));
  return CheckLabels(transaction);
}

absl::Status CheckTransactions(const std::vector<ChangeTransaction>& transactions) {
  std::map<std::string_view, std::optional<ObjectId>> refs;  // As those before left them.
  for (size_t i = 0; i < transactions.size(); ++i) {
    const ChangeTransaction& transaction = transactions[i];
    RETURN_IF_ERROR(CheckTransaction(transaction));
    if (transactions.size() > 1 && !transaction.change) {
      return BadTransaction("only changes are written together");
    }
    if (i > 0) RETURN_IF_ERROR(CheckFollows(transactions[i - 1], transaction));
    for (const RefMove& move : transaction.refs) {
      const auto [ref, is_first] = refs.try_emplace(move.name, move.target);
      if (!is_first && ref->second != move.expected) {
        return BadTransaction(fmt::format(
            "ref \"{}\" is not expected where the change before it leaves it", move.name));
      }
      ref->second = move.target;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> CheckRecordId(std::string_view id) {
  auto bytes = UuidToBytes(id);
  if (!bytes) {
    return InvalidArgument("BAD_RECORD_ID",
                           fmt::format("\"{}\" is not a record id: give a UUID such as "
                                       "\"0198f2c4-5b1e-7c3a-9d2f-8e4b6a1c0d37\"",
                                       id));
  }
  return *std::move(bytes);
}

absl::StatusOr<std::string> CheckObjectPrefix(std::string_view hex_prefix) {
  const bool odd = hex_prefix.size() % 2 != 0;
  const std::optional<std::string> bytes =
      HexDecode(hex_prefix.substr(0, hex_prefix.size() - (odd ? 1 : 0)));
  if (!bytes || hex_prefix.size() > 40 || (odd && !HexDecode(std::string(hex_prefix) + "0"))) {
    return InvalidArgument("BAD_OBJECT_ID",
                           fmt::format("\"{}\" doesn't begin an object id: give up to 40 "
                                       "lower-case hex digits",
                                       hex_prefix));
  }
  return *bytes;
}

absl::Status CheckIntent(const v1::Intent& intent) {
  if (intent.repository().empty()) {
    return InvalidArgument("BAD_RECORD", "an intent names no repository; nothing was written");
  }
  return absl::OkStatus();
}

absl::Status CheckOutcome(const v1::Outcome& outcome) {
  if (outcome.status() == v1::RECORD_STATUS_UNSPECIFIED ||
      outcome.status() == v1::RECORD_STATUS_OPEN || !v1::RecordStatus_IsValid(outcome.status())) {
    return InvalidArgument("BAD_RECORD",
                           fmt::format("an outcome's status is {}: give one that ends a record",
                                       static_cast<int>(outcome.status())));
  }
  if (!outcome.output_digest().empty() && !IsDigest(outcome.output_digest())) {
    return InvalidArgument("BAD_RECORD",
                           fmt::format("an output digest is \"{}\", not 64 lower-case hex digits",
                                       outcome.output_digest()));
  }
  return absl::OkStatus();
}

absl::Status CheckQuery(const RecordQuery& query) {
  using By = RecordQuery::By;
  const auto missing = [](std::string_view what) {
    return InvalidArgument("BAD_QUERY", fmt::format("a record query needs {}", what));
  };
  if (query.repository.empty() && query.by != By::kOutput) return missing("a repository");
  const bool of_prompt =
      query.by == By::kPrompt || query.by == By::kVersion || query.by == By::kLabel;
  if (of_prompt && query.prompt.empty()) return missing("a prompt");
  if (query.by == By::kLabel && query.label.empty()) return missing("a label");
  if (query.by == By::kCaller && query.caller.empty()) return missing("a caller");
  if (query.by == By::kStatus && query.status == v1::RECORD_STATUS_UNSPECIFIED) {
    return missing("a status");
  }
  if (query.by == By::kOutput && !IsDigest(query.output_digest)) {
    return missing(fmt::format("an output digest of 64 lower-case hex digits, not \"{}\"",
                               query.output_digest));
  }
  return absl::OkStatus();
}

}  // namespace colophon
