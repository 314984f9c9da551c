#pragma once

#include <string>

#include "colophon/v1/completion.pb.h"

namespace colophon {

// Parts of one kind as one text, one behind the other: what a person would copy of an
// answer, and what a model thought aloud.
std::string TextOfParts(const v1::Message& message);
std::string ReasoningOfParts(const v1::Message& message);

}  // namespace colophon
