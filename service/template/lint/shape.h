#pragma once

// What stands in place of values while a template is walked without them.

#include <map>
#include <memory>
#include <string>

#include "service/template/lint/declared_variables.h"
#include "service/template/render/scope.h"

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

// The scopes of the renderer, with shapes in place of values.
using ShapeScope = render::Scope<Shape>;

}  // namespace colophon::lint
