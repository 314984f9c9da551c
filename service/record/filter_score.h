#pragma once

#include "colophon/v1/record.pb.h"
#include "service/record/filter_syntax.h"

namespace colophon {

// Whether `score.NAME comparator value` holds of what stands of the record's scores: of one
// caller's, when several have given the name; `!=` when `=` holds of none. `:` asks whether
// a word has the text in it. What is quoted is a word, words are equal or not and have no order,
// and different types are never equal. `score : "NAME"`, `score : *`: it has such a score, any
// score.
bool ScoreHolds(const v1::Record& record, const FilterTerm& term);

}  // namespace colophon
