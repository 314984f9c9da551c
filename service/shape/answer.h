#pragma once

// What the answers of all shapes have in common.

#include <cstdint>
#include <string>
#include <string_view>

#include "colophon/v1/completion.pb.h"
#include "service/base/json.h"

namespace colophon::shape {

// "data: …", and "event: …" before it unless `event` is empty.
std::string ServerSentEvent(std::string_view event, std::string_view data);

// When a record was made, in seconds of Unix time; 0 for what is no record's id.
int64_t SecondsOfRecord(std::string_view record);

// What no other API has a word for, as the member "colophon" of an answer: record,
// version, commit, label, model, what the provider says of its answer, whether the
// output follows its schema, and parts that the shape can't write.
json::object Colophon(const v1::CompleteResponse& response);

}  // namespace colophon::shape
