#pragma once

// Where names are looked up while a template is walked without values: the
// scopes of scope.h, with shapes in place of values.

#include <map>
#include <memory>
#include <string>

#include "service/template/lint/declared_variables.h"
#include "service/template/prompt/prompt_file.h"
#include "service/template/syntax/ast.h"

namespace colophon::lint {

struct ShapeLayers;

// What is known of a value.
struct Shape {
  enum class Kind {
    kUnknown,
    kVariables,  // All variables of the call: the outermost context.
    kSchema,     // Something that `schema` describes.
    kLayers,     // The context of a partial with arguments.
  };
  Kind kind = Kind::kUnknown;
  SchemaView schema;
  std::shared_ptr<const ShapeLayers> layers;

  static Shape OfSchema(SchemaView schema) {
    if (!schema.is_known()) return {};
    return {Kind::kSchema, schema, nullptr};
  }
  // True when they are certainly one and the same object.
  bool IsSameAs(const Shape& other) const {
    return kind == other.kind &&
           (kind == Kind::kVariables || (kind == Kind::kLayers && layers == other.layers));
  }
};

struct ShapeLayers {
  std::map<std::string, Shape> over;
  Shape under;
};

// The contexts that "../" walks.
struct ShapeFrame {
  Shape value;
  const ShapeFrame* parent = nullptr;
};

// A block's parameters.
struct ShapeParams {
  Shape values[2];
  const ShapeParams* parent = nullptr;
};

struct ShapeScope;

// The body of {{#> partial}}.
struct ShapeClosed {
  const syntax::Program* program;
  const ShapeScope* scope;
  const ShapeClosed* partial_block;
};

// {{#*inline}} partials of a block.
struct ShapeInlines {
  const syntax::Program* program;
  const ShapeScope* scope;  // Around that block.
  const ShapeInlines* parent;
};

struct ShapeScope {
  Shape context;
  const ShapeFrame* frames = nullptr;
  const ShapeParams* params = nullptr;
  const ShapeInlines* inlines = nullptr;
  const ShapeClosed* partial_block = nullptr;
  const prompt::PromptFile* file = nullptr;
};

}  // namespace colophon::lint
