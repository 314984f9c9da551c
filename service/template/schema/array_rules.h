#pragma once

// prefixItems, items, additionalItems; contains, minContains, maxContains;
// uniqueItems, minItems, maxItems.

#include "service/template/schema/compiler.h"

namespace colophon {

void AddArrayRules(const SchemaKeywords& keywords, SchemaCompiler* compiler, SchemaRules* rules);

}  // namespace colophon
