#pragma once

#include "colophon/v1/record.pb.h"
#include "service/record/filter_syntax.h"

namespace colophon {

// Whether `variables.PATH comparator value` holds: PATH goes into objects by key and into
// lists by number. `:` asks whether text has the words, a list the element, an object the
// key. What is quoted is text, and different types are never equal.
bool VariableHolds(const v1::Record& record, const FilterTerm& term);

}  // namespace colophon
