#include "service/completion/record_export.h"

#include <utility>
#include <vector>

#include "fmt/format.h"
#include "service/base/clock.h"
#include "service/base/field_check.h"
#include "service/base/ids.h"
#include "service/base/page_token.h"
#include "service/completion/prepared_call.h"

namespace colophon {
namespace {

// Of one message. To render a prompt again takes a fraction of a millisecond, and adds about
// as much text as the record has.
constexpr size_t kMaxRecords = 500;
constexpr size_t kMaxRendered = 50;
constexpr size_t kMaxBytes = 1 << 20;

// What a token belongs to.
std::string NameOf(const v1::ExportRecordsRequest& request) {
  return fmt::format("export\n{}\n{}\n{}", request.name(), request.rendered(), request.filter());
}

constexpr size_t kIdSize = 36;

// The id, then microseconds.
std::string PositionOf(const ExportPlace& place) {
  return fmt::format("{}{}", place.before_id, absl::ToUnixMicros(place.begin));
}

absl::Time TimeOfId(std::string_view id) {
  const std::string bytes = UuidToBytes(id).value_or(std::string(16, '\0'));
  int64_t milliseconds = 0;
  for (int i = 0; i < 6; ++i) milliseconds = milliseconds << 8 | static_cast<uint8_t>(bytes[i]);
  return absl::FromUnixMillis(milliseconds);
}

void Render(Registry* registry, const Call& call, v1::ExportedRecord* exported) {
  const v1::Intent& intent = exported->record().intent();
  auto prepared = PrepareAgain(registry, intent, call);
  if (!prepared.ok()) {
    exported->set_rendered_error(MessageOf(prepared.status()));
  } else if (prepared->rendered_digest != intent.rendered_digest()) {
    exported->set_rendered_error(fmt::format("it has digest {} now, the record says {}",
                                             prepared->rendered_digest, intent.rendered_digest()));
  } else {
    *exported->mutable_rendered() = std::move(prepared->rendered);
  }
}

}  // namespace

absl::StatusOr<ExportPlace> ReadExportPlace(const v1::ExportRecordsRequest& request,
                                            absl::Time now) {
  // A page's token was checked: what is in it was written here.
  ASSIGN_OR_RETURN(const std::string position,
                   ReadPageToken(NameOf(request), request.resume_token()));
  if (position.empty()) return ExportPlace{.begin = now};
  return ExportPlace{.begin = absl::FromUnixMicros(std::stoll(position.substr(kIdSize))),
                     .before_id = position.substr(0, kIdSize)};
}

absl::StatusOr<v1::ExportRecordsResponse> ExportFrom(const ExportPlace& place,
                                                     const RecordFilter& filter,
                                                     const v1::ExportRecordsRequest& request,
                                                     RecordQueries* queries, Registry* registry,
                                                     const Call& call) {
  std::vector<v1::Record> records;
  ExportPlace next{.begin = place.begin};
  ASSIGN_OR_RETURN(
      next.before_id,
      queries->ReadWhole(filter, place.before_id, request.rendered() ? kMaxRendered : kMaxRecords,
                         kMaxBytes, &records));
  v1::ExportRecordsResponse response;
  for (v1::Record& record : records) {
    RETURN_IF_ERROR(CheckWanted(call));
    v1::ExportedRecord* const exported = response.add_records();
    *exported->mutable_record() = std::move(record);
    if (request.rendered()) Render(registry, call, exported);
  }
  if (next.before_id.empty()) return response;
  response.set_resume_token(MakePageToken(NameOf(request), PositionOf(next)));
  *response.mutable_reached_time() = ToProto(TimeOfId(next.before_id));
  return response;
}

}  // namespace colophon
