#pragma once

// Which parts of a provider's configuration nobody may see. By this rule:
//
// - The API key.
// - The value of every further header and of every parameter of the query, if it
//   has 16 characters (SecretPatterns::kMinBytes) or more, and of what stands in
//   it between blanks, commas and semicolons and behind "name=".
// - But for those whose names are known to carry none, such as api-version,
//   anthropic-version and openai-organization: IsHarmless has the list.
//
// So short a value as isn't looked for is refused where the name says that it is
// a secret: with "key", "token", "auth" and the like among its words.

#include <string>
#include <string_view>
#include <vector>

#include "service/base/status.h"
#include "service/provider/http_provider.h"

namespace colophon {

// Of options that are whole but for `secrets`. INVALID_ARGUMENT BAD_CONFIG names
// the field behind `field` ("providers[0]") or the variable that holds a secret
// which can't be told from text; never the secret.
absl::StatusOr<std::vector<std::string>> SecretsOf(const HttpProviderOptions& options,
                                                   const std::string& field);

// True for the name of a header or a parameter, in any case, that carries no
// secret.
bool IsHarmless(std::string_view name);

}  // namespace colophon
