#include "tests/store/memory_query.h"

#include "service/store/record_index.h"

namespace colophon {

bool IsFoundBy(const v1::Record& record, const RecordQuery& query) {
  if (query.by == RecordQuery::By::kOutput) {
    return record.outcome().output_digest() == query.output_digest &&
           (query.repository.empty() || query.repository == record.intent().repository());
  }
  const RecordIndex asked = IndexOf(query);
  bool found = false;
  ForEachIndexOfRecord(record, [&](const RecordIndex& index) {
    if (index.by != asked.by || index.repository != asked.repository) return;
    switch (asked.by) {
      case RecordQuery::By::kRepository:
      case RecordQuery::By::kOutput:
        found = true;
        break;
      case RecordQuery::By::kPrompt:
        found = index.prompt == asked.prompt;
        break;
      case RecordQuery::By::kVersion:
        found = index.prompt == asked.prompt && index.version == asked.version;
        break;
      case RecordQuery::By::kLabel:
        found = index.prompt == asked.prompt && index.label == asked.label;
        break;
      case RecordQuery::By::kCaller:
        found = index.caller == asked.caller;
        break;
      case RecordQuery::By::kStatus:
        found = found || index.status == asked.status;
        break;
    }
  });
  return found;
}

}  // namespace colophon
