#pragma once

// $ref; allOf, anyOf, oneOf, not, if, then, else.

#include "service/template/schema/compiler.h"

namespace colophon::schema {

void AddReferenceRule(const Keywords& keywords, Compiler* compiler, Rules* rules);
void AddLogicRules(const Keywords& keywords, Compiler* compiler, Rules* rules);

}  // namespace colophon::schema
