#pragma once

// type, enum, const; minimum, maximum, exclusiveMinimum, exclusiveMaximum,
// multipleOf; minLength, maxLength, pattern, format.

#include "service/template/schema/compiler.h"

namespace colophon {

void AddTypeRule(const SchemaKeywords& keywords, SchemaCompiler* compiler, SchemaRules* rules);
void AddValueRules(const SchemaKeywords& keywords, SchemaCompiler* compiler, SchemaRules* rules);
void AddNumberRules(const SchemaKeywords& keywords, SchemaCompiler* compiler, SchemaRules* rules);
void AddStringRules(const SchemaKeywords& keywords, SchemaCompiler* compiler, SchemaRules* rules);

}  // namespace colophon
