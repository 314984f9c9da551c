#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "service/store/checker.h"
#include "service/store/rocksdb/keys.h"
#include "service/store/rocksdb/scan.h"

namespace colophon {

// Walks the rows of one repository in a snapshot: that each row is what its
// key says stands here, that they fit each other is RepositoryChecker's.
//
// Thread-compatible.
class RegistryVerifier {
 public:
  RegistryVerifier(const Database* database, const rocksdb::Snapshot* snapshot,
                   std::string repository, CheckSource* source, v1::VerifyStoreResponse* response);

  // An error only when the store can't be read.
  absl::Status Verify();

 private:
  // Calls `check` with the key behind the kind and repository, and the content
  // of each row of a kind. `check` returns false when they don't fit.
  using CheckRow = std::function<bool(std::string_view rest, std::string_view content)>;
  absl::Status ForEachRow(RegistryKind kind, std::string_view what, const CheckRow& check);

  bool CheckChange(std::string_view rest, std::string_view content);
  bool CheckStepBack(std::string_view rest, std::string_view content);
  bool CheckChangePage(std::string_view rest, std::string_view content);
  bool CheckCommit(std::string_view rest, std::string_view content);
  bool CheckVersion(std::string_view rest, std::string_view content);
  bool CheckPublished(std::string_view rest, std::string_view content);
  bool CheckPrompt(std::string_view rest, std::string_view content);
  bool CheckLabel(std::string_view rest, std::string_view content);
  bool CheckRequest(std::string_view rest, std::string_view content);
  bool CheckRecordRequest(std::string_view rest, std::string_view content);
  bool CheckRef(std::string_view rest, std::string_view content);
  absl::Status CheckObjects();
  // That the row `key` is there and holds `content`.
  bool RowHolds(const std::string& key, std::string_view content);
  // `page` is this page of its change, from 1.
  bool HasNextPage(const v1::Change& page, uint32_t number);

  const Database& database_;
  const rocksdb::Snapshot* const snapshot_;
  const std::string repository_;
  CheckSource& source_;
  v1::VerifyStoreResponse& response_;
  Problems problems_;
  RepositoryChecker checker_;
};

}  // namespace colophon
