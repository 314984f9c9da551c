#pragma once

// Where a name is looked up while a template runs. Every scope lives on the
// stack of the call that opened it and points to the one around it.

#include <string_view>

#include "boost/json/object.hpp"
#include "service/template/prompt/prompt_file.h"
#include "service/template/render/value.h"
#include "service/template/syntax/ast.h"

namespace colophon::render {

// The contexts that "../" walks.
struct ContextScope {
  Value value;
  const ContextScope* parent = nullptr;
};

// The values of one block's parameters.
struct ParamScope {
  Value values[2];
  const ParamScope* parent = nullptr;
};

struct Scope;

// A block that waits to be run elsewhere: the body of {{#> partial}} or an
// {{#*inline}}, with the scope it stands in.
struct Closed {
  const syntax::Program* program;
  const Scope* scope;
  // What @partial-block is inside of it.
  const Closed* partial_block = nullptr;
};

// @index and its like. A frame sees what the frames around it have.
struct DataScope {
  enum class Kind { kBase, kRoot, kEach, kPartialBlock };
  Kind kind = Kind::kBase;
  const DataScope* parent = nullptr;
  // kBase: the request's context, and what @metadata is.
  const boost::json::object* context = nullptr;
  const boost::json::object* metadata = nullptr;
  Value root;  // kRoot
  // kEach
  Value key;
  int64_t index = 0;
  bool last = false;
  const Closed* partial_block = nullptr;  // kPartialBlock; may be null
};

// {{#*inline}} partials of a block.
struct InlineScope {
  const syntax::Program* program;
  const Scope* scope;  // Around that block.
  const InlineScope* parent = nullptr;
};

struct Scope {
  Value context;
  const ContextScope* contexts = nullptr;
  const ParamScope* params = nullptr;
  const DataScope* data = nullptr;
  const InlineScope* inlines = nullptr;
  const prompt::PromptFile* file = nullptr;
};

}  // namespace colophon::render
