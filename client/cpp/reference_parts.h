#pragma once

#include <string>
#include <string_view>

namespace colophon {

// What a reference is made of, as far as a cache must know. Nothing is checked
// here: the server is the judge of names.
struct ReferenceParts {
  enum class Kind {
    kFixed,   // "@v12", "@3f2a9c1": means the same for ever.
    kLabel,   // "@production", or no selector.
    kLatest,  // "@latest"
    kBranch,  // "@heads/shorter": a draft, which nobody announces.
  };

  std::string repository;
  std::string prompt;
  std::string label;  // "production", "latest"; empty but for kLabel and kLatest.
  Kind kind = Kind::kFixed;

  // "acme/support/triage"
  std::string prompt_name() const { return repository + "/" + prompt; }

  static ReferenceParts Of(std::string_view reference);
};

}  // namespace colophon
