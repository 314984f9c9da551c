#pragma once

// $ref; allOf, anyOf, oneOf, not, if, then, else.

#include "service/template/schema/compiler.h"

namespace colophon {

void AddReferenceRule(const SchemaKeywords& keywords, SchemaCompiler* compiler, SchemaRules* rules);
void AddLogicRules(const SchemaKeywords& keywords, SchemaCompiler* compiler, SchemaRules* rules);

}  // namespace colophon
