#pragma once

// properties, patternProperties, additionalProperties; required, propertyNames,
// minProperties, maxProperties; dependentRequired, dependentSchemas, dependencies.

#include "service/template/schema/compiler.h"

namespace colophon::schema {

void AddObjectRules(const Keywords& keywords, Compiler* compiler, Rules* rules);

}  // namespace colophon::schema
