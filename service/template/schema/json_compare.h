#pragma once

// JSON values compared as JSON Schema compares them: numbers by what they are
// worth (1 equals 1.0, and 64-bit integers are exact), objects whatever the
// order of their members.

#include <cstddef>

#include "boost/json/value.hpp"
#include "service/base/work.h"

namespace colophon::schema {

// Takes what it looks at from `work`; false when that ends.
bool JsonEquals(const boost::json::value& a, const boost::json::value& b, Work* work);

// The same for equal values; differs from one process to the next. Anything when
// `work` ends.
size_t JsonHash(const boost::json::value& value, Work* work);

bool IsNumber(const boost::json::value& value);
// 1, 1.0 and 1e300. Infinity and NaN, which a protobuf Struct can hold, are none.
bool IsInteger(const boost::json::value& value);

// Below, at or above 0 as `a` is less than, equal to or greater than `b`; both
// are numbers. NaN is equal to nothing and greater than everything.
int CompareNumbers(const boost::json::value& a, const boost::json::value& b);

// Whether value / divisor is an integer, in the decimal digits that the numbers
// are written with: 0.0075 is a multiple of 0.0001. `divisor` is above 0.
bool IsMultipleOf(const boost::json::value& value, const boost::json::value& divisor);

}  // namespace colophon::schema
