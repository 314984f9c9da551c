#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "boost/json/object.hpp"
#include "colophon/v1/completion.pb.h"
#include "service/base/status.h"
#include "service/base/work.h"
#include "service/template/prompt/closure.h"
#include "service/template/schema/json_schema.h"
#include "service/template/schema/picoschema.h"

namespace colophon {

// What an app defines in its code and a call brings along, by name.
struct Definitions {
  std::map<std::string, std::string> schemas;  // JSON Schema, as JSON text.
  std::map<std::string, v1::Tool> tools;
};

// What every rendering of a closure has in common, worked out once. Immutable,
// so it may be shared by threads.
struct PromptPlan {
  // All but the messages.
  v1::Rendered rendered;
  size_t rendered_bytes = 0;
  // Variables that the input schema requires and that have no default.
  std::vector<std::string> required;
  // Null: there is nothing to check.
  std::shared_ptr<const JsonSchema> input_schema;
  std::shared_ptr<const JsonSchema> output_schema;
  // Of those that the call brought, what the prompt names and no file defines.
  Definitions definitions;
  // What it names and nothing defines, sorted: "schema:ticket".
  std::vector<std::string> undefined;
  // What the reference's renderMetadata returns.
  boost::json::object metadata;
  // {"prompt": metadata without its input}: what templates read as @metadata.
  boost::json::object data;
};

// Of a closure by itself.
std::shared_ptr<const PromptPlan> MakePlan(const Closure& closure);

// The closure's own plan, or one that also has what the call brings for the
// names that the closure leaves open. INVALID_ARGUMENT BAD_TOOL, BAD_SCHEMA. Takes
// its price from `work`, unless null; when that ends, any error.
absl::StatusOr<std::shared_ptr<const PromptPlan>> PlanFor(
    const Closure& closure, const google::protobuf::RepeatedPtrField<v1::Tool>& tools,
    const google::protobuf::Map<std::string, std::string>& schemas, Work* work = nullptr);

// A definition {"name", "description", "inputSchema" | "input_schema" |
// "parameters"}, or OpenAI's {"type": "function", "function": {…}}; its schema
// may be Picoschema. `name` is its name when it says none. Nullopt after a
// problem that is an error.
std::optional<v1::Tool> ParseTool(const boost::json::value& definition, std::string_view name,
                                  const SchemaResolver& resolve,
                                  std::vector<SchemaProblem>* problems);

// Schemas by name, from their texts, which have been checked. Each text is read once.
//
// A prompt of 64 KiB could put a large schema into itself thousands of times, so
// what is given out is counted.
class NamedSchemas {
 public:
  using Texts = std::map<std::string, std::string>;
  static constexpr int64_t kMaxBytes = 8 << 20;

  // The price is taken from `work`, unless null. `texts` stay alive, and may grow.
  explicit NamedSchemas(const Texts& texts, const Texts* more = nullptr, Work* work = nullptr)
      : texts_{&texts, more}, work_(work) {}
  NamedSchemas(const NamedSchemas&) = delete;
  NamedSchemas& operator=(const NamedSchemas&) = delete;

  // Points to this.
  SchemaResolver resolver();
  // More was asked for than is given out, or `work` ended; what came after that is
  // {}, so all that was made of it is to be thrown away.
  bool too_large() const { return bytes_ > kMaxBytes; }
  static std::string TooLargeMessage();

 private:
  std::optional<boost::json::value> Find(std::string_view name);

  const Texts* const texts_[2];
  Work* const work_;
  std::map<std::string, boost::json::value, std::less<>> read_;
  int64_t bytes_ = 0;
};

}  // namespace colophon
