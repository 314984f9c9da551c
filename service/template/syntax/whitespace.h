#pragma once

#include "service/template/syntax/ast.h"

namespace colophon::syntax {

// Applies "~" and takes away the lines on which a block tag, a comment or a
// partial stands alone, exactly as Handlebars.js does (whitespace-control.js).
// To be called once on a fresh tree.
void ControlWhitespace(Program* root);

}  // namespace colophon::syntax
