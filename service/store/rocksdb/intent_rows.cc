#include "service/store/rocksdb/intent_rows.h"

#include <map>
#include <set>
#include <utility>

#include "colophon/store/v1/rows.pb.h"
#include "fmt/format.h"
#include "service/store/detach.h"
#include "service/store/rocksdb/keys.h"
#include "service/store/write_check.h"

namespace colophon {
namespace {

// Without a copy of the intent, which may be long.
SealedRow SealIntent(std::string_view id, const v1::Intent& intent, store::v1::IntentRow row) {
  row.unsafe_arena_set_allocated_intent(const_cast<v1::Intent*>(&intent));
  SealedRow sealed(Family::kRecords, IntentKey(id), row);
  row.unsafe_arena_release_intent();
  return sealed;
}

}  // namespace

absl::StatusOr<IntentRows> IntentRows::Make(std::string_view id, const v1::Intent& intent) {
  v1::Intent rest;
  std::vector<Detached> detached;
  if (intent.ByteSizeLong() >= kMinDetachedBytes) {
    rest = intent;
    detached = Detach(&rest);
  }
  store::v1::IntentRow message;
  SharedValues values;
  for (Detached& value : detached) {
    store::v1::DetachedValue* const place = message.add_detached();
    place->set_place(value.place);
    place->set_sha256(values.Add(std::move(value.value)));
  }
  IntentRows rows(id, intent.repository(),
                  SealIntent(id, detached.empty() ? intent : rest, std::move(message)));
  rows.values_ = std::move(values);
  RETURN_IF_ERROR(CheckReadable<store::v1::IntentRow>(rows.row_));
  return rows;
}

absl::Status IntentRows::Stage(const Database& database, rocksdb::WriteBatch* batch) const {
  RETURN_IF_ERROR(values_.Stage(database, repository_, id_, batch));
  batch->Put(database.handle(row_.family()), ToSlice(row_.key()), ToSlice(row_.value()));
  return absl::OkStatus();
}

size_t IntentRows::size() const { return row_.size() + values_.size(); }

absl::StatusOr<std::vector<std::string>> SharedValuesOf(std::string_view content,
                                                        std::string_view name) {
  ASSIGN_OR_RETURN(const store::v1::IntentRow row,
                   ParseContent<store::v1::IntentRow>(content, name));
  std::set<std::string> digests;
  for (const store::v1::DetachedValue& value : row.detached()) digests.insert(value.sha256());
  return std::vector<std::string>(digests.begin(), digests.end());
}

absl::StatusOr<v1::Intent> ReadIntent(const Database& database, std::string_view content,
                                      std::string_view name, const rocksdb::Snapshot* snapshot) {
  ASSIGN_OR_RETURN(store::v1::IntentRow row, ParseContent<store::v1::IntentRow>(content, name));
  if (row.detached().empty()) return std::move(*row.mutable_intent());
  std::map<uint32_t, std::string> values;
  for (const store::v1::DetachedValue& detached : row.detached()) {
    ASSIGN_OR_RETURN(std::string value,
                     ReadSharedValue(database, row.intent().repository(), detached.sha256(),
                                     fmt::format("a value of {}", name), snapshot));
    values.emplace(detached.place(), std::move(value));
  }
  if (!Attach(std::move(values), row.mutable_intent())) return DamagedRow(name);
  return std::move(*row.mutable_intent());
}

}  // namespace colophon
