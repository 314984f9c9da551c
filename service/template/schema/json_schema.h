#pragma once

// JSON Schema, compiled once and enforced: variables before they are rendered,
// outputs after the call.
//
// The dialect is 2020-12 as far as a document needs nothing outside of itself:
// everything but $dynamicRef, unevaluatedItems and unevaluatedProperties. Of older
// drafts: definitions, dependencies, items as a list with additionalItems, and an
// $id "#name". `format` is checked; see formats.h. What stands beside a
// $ref counts, also in draft 7. content*, $dynamicRef, a $ref out of the document
// and unknown keywords are not enforced, and a warning says so; those that begin
// with "x-" say nothing.
//
// Own code, because Debian's valijson stops at draft 7, runs patterns on std::regex
// (exponential time, a stack frame for each character), bounds no work and has no
// messages that a person could act on.
//
// Work is bounded: a schema by the size of what it compiles to, a check by steps (of
// Work) and depth. What a schema says of one value through one $ref is found out once, so
// recursion doesn't multiply. A schema that leads back to itself on the same value
// (`{"$ref": "#"}`) is refused.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "boost/json/value.hpp"
#include "service/base/work.h"
#include "service/template/schema/problem.h"
#include "service/template/schema/result.h"

namespace colophon::schema {

// Immutable; any number of threads may check at a time.
class JsonSchema {
 public:
  // Of what ToJsonSchema makes of a schema, or of a schema file; `schema` isn't
  // needed afterwards. nullptr when it has an error:
  //
  //   BAD_SCHEMA             an error: what can't be right, `"type": "strng"`
  //   UNENFORCED_KEYWORD     a warning: nothing is checked there
  //
  // A regular expression that isn't one is an error; one that RE2 can't run, such
  // as a look-around, is a warning.
  // Takes its price from `work`, unless null; nullptr when that ends.
  static std::shared_ptr<const JsonSchema> Compile(const boost::json::value& schema,
                                                   std::vector<Problem>* problems,
                                                   Work* work = nullptr);
  ~JsonSchema();

  // Takes its price from `work`, unless null, in place of limits.steps; when that
  // ends, limit_reached is true.
  Result Check(const boost::json::value& value, const Limits& limits = {},
               Work* work = nullptr) const;

  // About how many bytes of memory it and the programs of its patterns take.
  int64_t memory() const;

 private:
  struct Parts;
  explicit JsonSchema(std::unique_ptr<const Parts> parts);

  const std::unique_ptr<const Parts> parts_;
};

}  // namespace colophon::schema
