#pragma once

#include <chrono>
#include <functional>

#include "gtest/gtest.h"

namespace colophon {

// Waits until `condition` holds, at most 30 s. For what has nothing to wait on:
// another process's files, a client's own threads.
testing::AssertionResult Eventually(const std::function<bool()>& condition);

// Lets real time go by, where what is tested is a rest of a fixed length: a
// connection that may not be used again before.
void Rest(std::chrono::milliseconds time);

}  // namespace colophon
