#pragma once

// Images, files and long texts of intents are sent again and again: with every
// turn of a conversation, with every call of a prompt that has a document. The
// store keeps each once, by its digest, beside the intents that have it.
//
// What providers sent is kept so, too: seldom asked for, it would make outcomes large.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "colophon/v1/record.pb.h"

namespace colophon {

// Shorter values stay where they are.
inline constexpr size_t kMinDetachedBytes = 4096;

// A value that was taken out. Its place is its number among all values of the
// intent, from 0, in this order:
//
//   history    by message and part: text, media (URL or bytes), arguments of a
//              tool request, output of a tool response, text of reasoning
//   variables  every string of the JSON text, keys too, as it stands there between
//              its quotes
//   context    the same
//
// NOTE: the order is part of the persistent format.
struct Detached {
  uint32_t place = 0;
  std::string value;
};

// Takes the long values out; they are empty then.
std::vector<Detached> Detach(v1::Intent* intent);

// Puts them back, by place; false when one of them isn't a place that is empty.
bool Attach(std::map<uint32_t, std::string> values, v1::Intent* intent);

// Takes what providers sent out of the attempts, which keep its digest and size. Each value
// is what `sha256` of its attempt is of.
std::vector<std::string> DetachRawAnswers(v1::Outcome* outcome);
bool HasRawAnswers(const v1::Outcome& outcome);

}  // namespace colophon
