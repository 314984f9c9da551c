#include "service/template/lint/variable_reads.h"

#include "service/base/json.h"
#include "service/template/schema/json_compare.h"

namespace colophon::lint {

using syntax::Expression;
using syntax::Helper;
using syntax::Segment;

namespace {

std::optional<json::value> LiteralOf(const Expression& expression) {
  switch (expression.kind) {
    case Expression::Kind::kString:
      return json::value(json::string(expression.string));
    case Expression::Kind::kNumber:
      return json::value(expression.number);
    case Expression::Kind::kBoolean:
      return json::value(expression.boolean);
    default:
      return std::nullopt;
  }
}

// What @root is.
Shape RootOf(const ShapeScope& scope) {
  const render::DataScope<Shape>* frame = scope.data;
  while (frame != nullptr && render::NameIn(*frame, "root") != render::DataName::kRoot) {
    frame = frame->parent;
  }
  return frame != nullptr ? frame->root : Shape();
}

Place PlaceOf(Position position, const ShapeScope& scope) {
  return {scope.file->path(), position.line, position.column};
}

}  // namespace

std::map<Place, NameSlip> VariableReads::Slips() const {
  std::map<Place, NameSlip> slips;
  for (const auto& [place, slip] : slips_) {
    const bool is_optional = tested_.count({std::get<0>(place), slip.name}) > 0;
    if (plain_.count(place) == 0 && !is_optional) slips.emplace(place, slip);
  }
  return slips;
}

std::map<const syntax::Statement*, std::string> VariableReads::Impossible() const {
  std::map<const syntax::Statement*, std::string> impossible = ruled_out_;
  for (const syntax::Statement* block : possible_) impossible.erase(block);
  return impossible;
}

Shape VariableReads::Evaluate(const Expression& expression, const ShapeScope& scope) {
  if (expression.kind == Expression::Kind::kPath) {
    return Resolve(expression.path, expression.position, scope);
  }
  if (expression.kind == Expression::Kind::kCall) return CallOf(*expression.call, scope);
  return {};
}

Shape VariableReads::CallOf(const syntax::Call& call, const ShapeScope& scope) {
  if (call.helper == Helper::kNone) return Resolve(call.path, call.position, scope);
  if (call.helper == Helper::kLookup) return Lookup(call, scope);
  for (const Expression& param : call.params) Read(Evaluate(param, scope));
  for (const syntax::HashPair& pair : call.hash) Read(Evaluate(pair.value, scope));
  return {};
}

Shape VariableReads::Lookup(const syntax::Call& call, const ShapeScope& scope) {
  const Shape object = Evaluate(call.params[0], scope);
  const Expression& key = call.params[1];
  if (key.kind == Expression::Kind::kString) {
    const Place place = PlaceOf(key.position, scope);
    NameSlip slip;
    Shape member = MemberOf(object, syntax::MakeSegment(key.string), place, "", &slip);
    NotePlace(place, slip);
    return member;
  }
  Read(Evaluate(key, scope));
  Read(object);
  return {};
}

void VariableReads::Read(const Shape& shape) {
  if (shape.kind == Shape::Kind::kVariables) reads_all_ = true;
  if (shape.kind != Shape::Kind::kLayers || !read_layers_.insert(shape.layers).second) return;
  Read(shape.layers->under);
  if (!work_.Spend(static_cast<int64_t>(shape.layers->over.size()))) return;
  for (const auto& [name, value] : shape.layers->over) Read(value);
}

Shape VariableReads::Resolve(const syntax::Path& path, Position position, const ShapeScope& scope) {
  constexpr int64_t kCostOfName = 8;  // A place in a map, under the name of the file.
  if (!work_.Spend(kCostOfName * static_cast<int64_t>(1 + path.parts.size()) +
                   Work::OfBytes(path.original.size()))) {
    return {};
  }
  const Place place = PlaceOf(position, scope);
  const render::PathStart<Shape> start = render::StartOf(path, scope);
  Shape value = start.value;
  size_t next = start.next;
  switch (start.kind) {
    case render::PathStart<Shape>::Kind::kNothing:
      NotePlace(place, {});
      return {};
    case render::PathStart<Shape>::Kind::kData:
      // From the innermost frame: a block that may walk a list may have one more.
      if (path.parts[0].name != "root") return {};
      value = RootOf(scope);
      next = 1;
      break;
    case render::PathStart<Shape>::Kind::kValue:
      if (start.frame != nullptr) ReadFrames(path, start.frame->parent, place);
  }
  if (render::IsContext(path)) return value;
  std::string owner;
  NameSlip slip;
  for (size_t i = 0; i < path.parts.size() && slip.name.empty(); ++i) {
    if (i >= next) value = MemberOf(value, path.parts[i], place, owner, &slip);
    owner += (owner.empty() ? "" : ".") + path.parts[i].name;
  }
  NotePlace(place, slip);
  return value;
}

// An equal context is no step for "../", so the name may be meant further out.
void VariableReads::ReadFrames(const syntax::Path& path, const render::ContextScope<Shape>* frame,
                               const Place& place) {
  if (path.parts.empty()) return;
  for (; frame != nullptr && work_.Spend(); frame = frame->parent) {
    if (frame->value.kind == Shape::Kind::kVariables) reads_[path.parts[0].name].insert(place);
  }
}

Shape VariableReads::MemberOf(const Shape& shape, const Segment& key, const Place& place,
                              const std::string& owner, NameSlip* slip) {
  switch (shape.kind) {
    case Shape::Kind::kUnknown:
      return {};
    case Shape::Kind::kVariables:
      return VariableOf(key.name, place, slip);
    case Shape::Kind::kSchema:
      return PropertyOf(shape.schema, key, owner, slip);
    case Shape::Kind::kLayers: {
      const auto over = shape.layers->over.find(key.name);
      if (over != shape.layers->over.end()) return over->second;
      return MemberOf(shape.layers->under, key, place, owner, slip);
    }
  }
  return {};
}

Shape VariableReads::VariableOf(const std::string& name, const Place& place, NameSlip* slip) {
  reads_[name].insert(place);
  if (!declared_.Has(name)) {
    if (declared_.is_closed()) *slip = {name, ""};
    return {};
  }
  // A default may be more than the schema says.
  const json::value* const fallback = declared_.DefaultOf(name);
  if (fallback != nullptr && (fallback->is_object() || fallback->is_array())) return {};
  return Shape::OfSchema(declared_.SchemaOf(name));
}

Shape VariableReads::PropertyOf(const SchemaView& schema, const Segment& key,
                                const std::string& owner, NameSlip* slip) {
  if (schema.OnlyType() == "array" && key.index != Segment::kNoIndex) {
    return Shape::OfSchema(schema.Items());
  }
  if (schema.HasProperty(key.name)) return Shape::OfSchema(schema.Property(key.name));
  if (schema.IsClosedObject()) *slip = {key.name, owner.empty() ? "this" : owner};
  return {};
}

// A place may be come to in several contexts, and be right in one of them.
void VariableReads::NotePlace(const Place& place, const NameSlip& slip) {
  if (slip.name.empty()) {
    plain_.insert(place);
  } else {
    slips_.emplace(place, slip);
  }
}

void VariableReads::NoteTest(const syntax::Path& path, const ShapeScope& scope) {
  if (scope.file == closure_.prompt.get()) return;
  if (!work_.Spend(8 * static_cast<int64_t>(path.parts.size()))) return;
  for (const Segment& part : path.parts) tested_.insert({scope.file->path(), part.name});
}

void VariableReads::CheckEqual(const syntax::Statement& block, const ShapeScope& scope) {
  const std::vector<Expression>& params = block.call.params;
  if (params.size() != 2 || scope.file != closure_.prompt.get()) return;
  for (const bool name_first : {true, false}) {
    const Expression& name = params[name_first ? 0 : 1];
    const std::optional<json::value> literal = LiteralOf(params[name_first ? 1 : 0]);
    if (name.kind != Expression::Kind::kPath || !literal) continue;
    const Shape value = Resolve(name.path, name.position, scope);
    const bool ruled_out = value.kind == Shape::Kind::kSchema &&
                           !value.schema.MayEqual(*literal, &work_) &&
                           !DefaultMayEqual(name.path, *literal);
    if (ruled_out) {
      ruled_out_.emplace(&block, WriteJson(*literal));
    } else {
      possible_.insert(&block);
    }
  }
}

bool VariableReads::DefaultMayEqual(const syntax::Path& path, const json::value& literal) {
  for (const Segment& part : path.parts) {
    const json::value* const fallback = declared_.DefaultOf(part.name);
    if (fallback != nullptr && schema::JsonEquals(*fallback, literal, &work_)) return true;
  }
  return false;
}

}  // namespace colophon::lint
