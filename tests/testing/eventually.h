#pragma once

#include <functional>

#include "gtest/gtest.h"

namespace colophon {

// Waits until `condition` holds, at most 30 s. For what has nothing to wait on:
// another process's files, a client's own threads.
testing::AssertionResult Eventually(const std::function<bool()>& condition);

}  // namespace colophon
