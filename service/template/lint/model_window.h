#pragma once

#include <cstdint>
#include <string_view>

namespace colophon::lint {

// How many tokens a model takes, input and output together where its maker
// counts them so; 0 when that isn't known. `model` is "openai/gpt-4o-mini".
int64_t ModelWindow(std::string_view model);

}  // namespace colophon::lint
