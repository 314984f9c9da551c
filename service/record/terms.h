#pragma once

// By which terms the store finds records again. NOTE: stored; kTermsVersion counts up with
// each change.

#include <string_view>
#include <vector>

#include "service/record/tokens.h"
#include "service/store/record_store.h"

namespace colophon {

// Of a record: the fingerprints of its output's text, and the digest of its normal form;
// each mixed with the repository's name.
RecordTerms MakeRecordTerms();

// What a record of the repository has whose output holds these tokens. Empty when they are
// too few to be found by (fingerprints.h).
std::vector<Term> ExcerptTerms(std::string_view repository, const std::vector<Token>& tokens);
// What a record of the repository has whose output has this normal form; it isn't empty.
Term NormalFormTerm(std::string_view repository, std::string_view normal_form_digest);

}  // namespace colophon
