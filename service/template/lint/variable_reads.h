#pragma once

// Which variables the expressions of a prompt read, looked up as the Evaluator
// does, with what the input schema tells in place of values.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "service/base/work.h"
#include "service/template/lint/declared_variables.h"
#include "service/template/lint/shape.h"
#include "service/template/prompt/closure.h"
#include "service/template/syntax/ast.h"

namespace colophon::lint {

// Where a name stands: file, line and column.
using Place = std::tuple<std::string, int32_t, int32_t>;

// A name that the schema has no place for.
struct NameSlip {
  std::string name;   // Of the variable, or of the member.
  std::string owner;  // "user" of user.nmae; "": it is a variable.
};

class VariableReads {
 public:
  // Both stay alive.
  VariableReads(const prompt::Closure& closure, const DeclaredVariables& declared)
      : closure_(closure), declared_(declared), work_(kSteps) {}

  // A variable, or what a helper gives, which reads its arguments.
  Shape CallOf(const syntax::Call& call, const ShapeScope& scope);
  Shape Evaluate(const syntax::Expression& expression, const ShapeScope& scope);
  // The whole of a value is used: printed, walked or compared.
  void Read(const Shape& shape);
  // It is asked whether there is such a value. A partial serves many prompts, so
  // the names that it asks for may be missing in one.
  void NoteTest(const syntax::Path& path, const ShapeScope& scope);
  // Looks whether the schema rules out an {{#ifEquals color "blu"}}. Not in
  // partials: another prompt may have that colour.
  void CheckEqual(const syntax::Statement& block, const ShapeScope& scope);

  // Too much of it: what was found so far is not all.
  bool gave_up() const { return !work_.ok(); }
  // The places that read each variable.
  const std::map<std::string, std::set<Place>>& reads() const { return reads_; }
  // Something reads them all, as {{json this}} does.
  bool reads_all() const { return reads_all_; }
  // A place may be come to in several contexts; what is wrong in all of them.
  std::map<Place, NameSlip> Slips() const;
  // Comparisons that are never true, with the literal they ask for.
  std::map<const syntax::Statement*, std::string> Impossible() const;

  // The walk that calls it takes its steps here too.
  Work* work() { return &work_; }

 private:
  static constexpr int64_t kSteps = 1'000'000;

  Shape Lookup(const syntax::Call& call, const ShapeScope& scope);
  Shape Resolve(const syntax::Path& path, Position position, const ShapeScope& scope);
  void ReadFrames(const syntax::Path& path, const render::ContextScope<Shape>* frame,
                  const Place& place);
  // One step of a path; `owner` is what stands before it. Fills `slip` when the
  // schema has no place for the name.
  Shape MemberOf(const Shape& shape, const syntax::Segment& key, const Place& place,
                 const std::string& owner, NameSlip* slip);
  Shape VariableOf(const std::string& name, const Place& place, NameSlip* slip);
  static Shape PropertyOf(const SchemaView& schema, const syntax::Segment& key,
                          const std::string& owner, NameSlip* slip);
  void NotePlace(const Place& place, const NameSlip& slip);
  bool DefaultMayEqual(const syntax::Path& path, const boost::json::value& literal);

  const prompt::Closure& closure_;
  const DeclaredVariables& declared_;
  std::map<std::string, std::set<Place>> reads_;
  bool reads_all_ = false;
  std::set<std::shared_ptr<const ShapeLayers>> read_layers_;  // Each is read once.
  Work work_;
  std::map<Place, NameSlip> slips_;
  std::set<Place> plain_;                                 // Not wrong in some context.
  std::set<std::pair<std::string, std::string>> tested_;  // File and name.
  std::map<const syntax::Statement*, std::string> ruled_out_;
  std::set<const syntax::Statement*> possible_;
};

}  // namespace colophon::lint
