#pragma once

// Rendering: a pure function of (closure, variables, history, context), with
// limits. No I/O, no clock.
//
// The language is Handlebars as Handlebars.js 4.7 renders it with noEscape and
// knownHelpersOnly, and Dotprompt 1.1's helpers, byte for byte, but:
// - Roles, media, sections and the history's place come from tags of the
//   template and never from text, so they can't stand in an expression, a URL
//   may hold a space, and a role is one of system, user, model and tool.
// - Front matter's input.default applies; what the schema requires and nobody
//   gives is an error.
// - A helper with too many or too few arguments is an error, {{@role}} too:
//   there it is read as the helper.
// - Names of partials are written out and found when the prompt is published;
//   a partial that can't be parsed refuses the prompt even where it isn't run.
// - Numbers and booleans that stand side by side are printed, not added:
//   {{a}}{{b}} of 1 and 2 is "12", there 3.
// - {{a.0}} is the path it looks like, there a syntax error.
// - {{#if @partial-block}} asks whether there is one, and doesn't run it.
// - Half of a pair of surrogates, as of {{lookup "😀" 0}}, is U+FFFD.
// - A block parameter that nothing fills, as of {{#if a as |x|}} or of a block
//   around an {{#*inline}}, is nothing; there it throws.
// - {{lookup.b a}} and {{./lookup a}} are unknown helpers; there they call lookup.
// - Decorators other than {{#*inline "name"}} are refused, run or not.
// - All messages of the history are marked, also without {{history}}.
// - @metadata has `prompt`, not `docs` and `messages`.

#include <string>
#include <string_view>

#include "boost/json/object.hpp"
#include "colophon/v1/completion.pb.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "service/base/stop_flag.h"
#include "service/template/closure.h"
#include "service/template/work.h"

namespace colophon {

struct RenderLimits {
  int depth = ast::kMaxDepth;      // Of blocks and partials while rendering.
  int64_t steps = 5'000'000;       // Of Work: all that a call costs, about 100 ns each.
  int64_t output_bytes = 8 << 20;  // Of text, media and history in all.
  // Ends the rendering with CANCELLED when it is stopped. Outlives it.
  const StopFlag* stop = nullptr;
};

// What may be rendered where nothing else waits for longer than a millisecond: on an
// event loop. A call that it isn't enough for is rendered again elsewhere, with all
// of RenderLimits.
inline RenderLimits BriefRenderLimits(const StopFlag* stop = nullptr) {
  RenderLimits limits;
  limits.steps = 10'000;
  limits.stop = stop;
  return limits;
}
// The error of a call that took more steps than its limits have: with more, it may
// be rendered.
bool IsOutOfSteps(const absl::Status& status);

struct RenderInput {
  boost::json::object variables;
  google::protobuf::RepeatedPtrField<v1::Message> history;
  boost::json::object context;  // @state, @auth and so on.
  bool spans = false;           // Say where each piece of text came from.
};

// input.default applies, then the variables. INVALID_ARGUMENT MISSING_VARIABLE
// names the variable that input.schema requires, BAD_VARIABLE the place and the
// rule that its value breaks; RESOURCE_EXHAUSTED RENDER_LIMIT names the file and
// the line, and in its metadata the limit: "steps", "depth" or "output"; CANCELLED
// CANCELLED when it was stopped.
//
// Values are data: nothing in them opens a role, includes a partial or runs a
// helper. Pieces of messages come from helper calls in the template only.
absl::StatusOr<v1::Rendered> Render(const Closure& closure, const RenderInput& input,
                                    const RenderLimits& limits = {});
// The same by a plan that PlanFor made of the closure.
absl::StatusOr<v1::Rendered> Render(const Closure& closure, const PromptPlan& plan,
                                    const RenderInput& input, const RenderLimits& limits = {});

// What the template says, and nothing of what a model is asked for.
struct RenderedMessages {
  google::protobuf::RepeatedPtrField<v1::Message> messages;  // May be empty.
  // The history stands where {{history}} put it, not where it goes without.
  bool history_placed = false;
  // In order, when asked for.
  google::protobuf::RepeatedPtrField<v1::Span> spans;
};

// The same without the rest of the answer; here no message at all is no error.
absl::StatusOr<RenderedMessages> RenderMessages(const Closure& closure, const PromptPlan& plan,
                                                const RenderInput& input,
                                                const RenderLimits& limits = {});
// What Render says when there is none: INVALID_ARGUMENT EMPTY_PROMPT.
absl::Status EmptyPromptError(const Closure& closure);

// What a call gives, as an Intent has it. All of it outlives the rendering.
struct CallInputs {
  std::string_view variables_json;  // Empty: {}.
  std::string_view context_json;
  const google::protobuf::RepeatedPtrField<v1::Message>& history;
  const google::protobuf::RepeatedPtrField<v1::Tool>& tools;
  const google::protobuf::Map<std::string, std::string>& schemas;
  bool spans = false;
};

struct RenderedCall {
  std::shared_ptr<const PromptPlan> plan;
  v1::Rendered rendered;  // Has messages.
  google::protobuf::RepeatedPtrField<v1::Span> spans;
  int64_t steps = 0;  // It took so many of limits.steps.
};

// All that is made of a call before its provider is asked, under the same limits:
// what it brings is parsed, compiled and checked, then rendered. The price of a
// RenderedDigest of the result is in its steps. Errors as of PlanFor and Render, and
// INVALID_ARGUMENT BAD_JSON with the field that is no JSON object, or whose number
// has more digits than 64 bits.
absl::StatusOr<RenderedCall> RenderCall(const Closure& closure, const CallInputs& inputs,
                                        const RenderLimits& limits);

// What `Intent.rendered_digest` is the SHA-256 of, and no more than that: a
// JSON text with sorted keys.
//
//   {"config":{…},"messages":[{"parts":[{"text":…}],"role":"user"}],"model":…,
//    "outputFormat":…,"outputSchema":…,"tools":[…]}
//
// Fields that are empty are left out. NOTE: this is a persistent format.
std::string CanonicalRendered(const v1::Rendered& rendered);
std::string RenderedDigest(const v1::Rendered& rendered);

}  // namespace colophon
