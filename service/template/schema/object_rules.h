#pragma once

// properties, patternProperties, additionalProperties; required, propertyNames,
// minProperties, maxProperties; dependentRequired, dependentSchemas, dependencies.

#include "service/template/schema/compiler.h"

namespace colophon {

void AddObjectRules(const SchemaKeywords& keywords, SchemaCompiler* compiler, SchemaRules* rules);

}  // namespace colophon
