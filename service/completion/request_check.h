#pragma once

// What a caller may give with a call or a record, by the rules of
// base/field_check. The other checks of a call are made where what they need is
// known: its reference by the registry, tools and schemas by the prompt that names them,
// overrides by its front matter.

#include "absl/time/time.h"
#include "colophon/v1/completion.pb.h"
#include "colophon/v1/record.pb.h"
#include "service/base/status.h"

namespace colophon {

// What a call gives beside its name, the definitions and JSON text. INVALID_ARGUMENT
// with the field:
// BAD_VALUE          overrides.config
// BAD_HISTORY, HISTORY_TOO_LONG
//                    a role that is none, an empty part
// UNSUPPORTED        media of the history, by CheckMedia
// BAD_SUBJECT, BAD_TAG, TOO_MANY_TAGS
//                    more than the field takes, or no single line
// BAD_MODEL          overrides.model
absl::Status CheckInputs(const v1::Intent& inputs);

// BAD_DURATION       timeout: 1 ms to a year
absl::Status CheckTimeout(const v1::CompleteRequest& request);

// What CreateRecord takes beside what a call has, at the time `now`:
// BAD_TIME           start_time before 2000, or more than a day after `now`
// BAD_DURATION       latency that is negative, longer than 30 days, or that ends
//                    more than a day after `now`
// BAD_STATUS         one that is none or that doesn't end a call
// BAD_ERROR_MESSAGE  with RECORD_STATUS_OK, or more than 4 KiB
// BAD_COMPLETION     a role other than the model's, an empty part, a section or a
//                    tool's answer, a stop reason that is none, a long or broken line
// UNSUPPORTED        its media, by CheckMedia
// BAD_COUNT          tokens: 0 to 10^12
// BAD_MODEL, BAD_DIGEST, BAD_REQUEST_ID
absl::Status CheckRecord(const v1::CreateRecordRequest& request, absl::Time now);

}  // namespace colophon
