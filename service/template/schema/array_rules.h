#pragma once

// prefixItems, items, additionalItems; contains, minContains, maxContains;
// uniqueItems, minItems, maxItems.

#include "service/template/schema/compiler.h"

namespace colophon::schema {

void AddArrayRules(const Keywords& keywords, Compiler* compiler, Rules* rules);

}  // namespace colophon::schema
