#include "client/cli/starter.h"

namespace colophon {
namespace {

// The form is Dotprompt's: YAML between lines of three hyphens, then the text.
constexpr char kPrompt[] = R"(---
# Which model answers: provider/model. echo/echo needs no key: it says back what it was
# sent. Replace it with openai/..., anthropic/... or a provider of your configuration.
model: echo/echo
config:
  temperature: 0.2
input:
  # What a call must bring. "name: type, what it is"; a "?" after the name makes it
  # optional; (enum, ...) lists the values there are.
  schema:
    message: string, the customer's own words
    language?: string, how to answer
  default:
    language: English
output:
  # What the answer must look like; leave it out for plain text.
  schema:
    team(enum, who takes it): [billing, shipping, other]
    reply: string, one sentence to the customer
---
{{role "system"}}
{{! A file _tone.prompt beside this one, or in a folder above, is included by name. }}
{{>tone}}
Decide which team takes the customer's message, and answer in {{language}}.
{{role "user"}}
{{message}}
)";

constexpr char kPartial[] = "Write short sentences. Be kind. Promise nothing.\n";

}  // namespace

std::vector<LocalFile> StarterFiles() {
  return {{"support/_tone.prompt", kPartial}, {"support/triage.prompt", kPrompt}};
}

}  // namespace colophon
