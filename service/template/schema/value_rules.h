#pragma once

// type, enum, const; minimum, maximum, exclusiveMinimum, exclusiveMaximum,
// multipleOf; minLength, maxLength, pattern, format.

#include "service/template/schema/compiler.h"

namespace colophon::schema {

void AddTypeRule(const Keywords& keywords, Compiler* compiler, Rules* rules);
void AddValueRules(const Keywords& keywords, Compiler* compiler, Rules* rules);
void AddNumberRules(const Keywords& keywords, Compiler* compiler, Rules* rules);
void AddStringRules(const Keywords& keywords, Compiler* compiler, Rules* rules);

}  // namespace colophon::schema
