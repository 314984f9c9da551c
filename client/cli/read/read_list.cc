#include "client/cli/read/read_list.h"

#include <cstring>
#include <iterator>
#include <limits>
#include <utility>

#include "client/cli/progress.h"
#include "client/cli/text.h"
#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/hash.h"
#include "service/base/message_parts.h"

namespace colophon {
namespace {

// Of a record alone: that others come or go changes nothing for those that stay.
double RandomKey(uint64_t seed, const std::string& id) {
  const Sha256Digest digest = Sha256(fmt::format("{} {}", seed, id));
  uint64_t bits = 0;
  std::memcpy(&bits, digest.data(), sizeof(bits));
  return static_cast<double>(bits);
}

}  // namespace

double ReadList::KeyOf(const v1::Record& record) const {
  const v1::Outcome& outcome = record.outcome();
  switch (order_.by) {
    case ReadOrder::By::kNewest:
      return 0;
    case ReadOrder::By::kLongest:
      // Of a shortened one the output isn't here, because it is long.
      return record.shortened()
                 ? -std::numeric_limits<double>::max()
                 : -static_cast<double>(TextOfParts(outcome.completion().message()).size());
    case ReadOrder::By::kSlowest:
      return outcome.has_latency() ? -absl::ToDoubleSeconds(FromProto(outcome.latency())) : 0;
    case ReadOrder::By::kSample:
      return RandomKey(order_.seed, record.id());
  }
  return 0;
}

void ReadList::Add(const v1::Record& record) {
  ids_.emplace(std::pair(KeyOf(record), shown_++), record.id());
  if (order_.limit > 0 && std::ssize(ids_) > order_.limit) ids_.erase(std::prev(ids_.end()));
}

bool ReadList::IsFull() const {
  return order_.by == ReadOrder::By::kNewest && order_.limit > 0 &&
         std::ssize(ids_) >= order_.limit;
}

std::vector<std::string> ReadList::Take() const {
  std::vector<std::string> ids;
  for (const auto& [key, id] : ids_) ids.push_back(id);
  return ids;
}

absl::StatusOr<std::vector<std::string>> PickRecords(const Output& out, const Client& client,
                                                     const AskedRecords& asked,
                                                     const ReadOrder& order) {
  constexpr int kPageSize = 500;
  v1::ListRecordsRequest request;
  request.set_name(asked.name);
  request.set_filter(asked.filter);
  request.set_page_size(kPageSize);
  ReadList list(order);
  Progress progress(out, "looking for records");
  int64_t count = 0;
  do {
    ASSIGN_OR_RETURN(const auto page, client.ListRecords(request));
    for (const v1::Record& record : page.records()) list.Add(record);
    count += page.records_size();
    progress.Say("looking through " + Count(count, "record", "records"));
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && !list.IsFull());
  return list.Take();
}

}  // namespace colophon
