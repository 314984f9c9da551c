#include "service/template/schema/json_compare.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

#include "absl/hash/hash.h"
#include "service/base/json.h"

namespace colophon::schema {
namespace {

// Holds every int64, uint64 and double exactly.
using Exact = long double;
static_assert(std::numeric_limits<Exact>::digits >= 64);

Exact ExactOf(const json::value& number) {
  if (number.is_int64()) return static_cast<Exact>(number.get_int64());
  if (number.is_uint64()) return static_cast<Exact>(number.get_uint64());
  return static_cast<Exact>(number.get_double());
}

size_t HashNumber(const json::value& number) {
  const Exact value = ExactOf(number);
  constexpr Exact kEnd = 18446744073709551616.0L;  // 2^64
  if (value >= 0 && value < kEnd && std::trunc(value) == value) {
    return absl::HashOf('u', static_cast<uint64_t>(value));
  }
  if (value < 0 && value >= -kEnd / 2 && std::trunc(value) == value) {
    return absl::HashOf('i', static_cast<int64_t>(value));
  }
  return absl::HashOf('d', static_cast<double>(value));
}

// digits × 10^exponent
struct Decimal {
  uint64_t digits = 0;
  int exponent = 0;
};

// The size of a finite number: its sign doesn't matter to IsMultipleOf.
Decimal DecimalOf(const json::value& number) {
  if (number.is_uint64()) return {number.get_uint64(), 0};
  if (number.is_int64()) {
    const auto bits = static_cast<uint64_t>(number.get_int64());
    return {number.get_int64() < 0 ? 0 - bits : bits, 0};
  }
  // "1.2345e-07": the shortest digits that read back the same, at most 17.
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), std::fabs(number.get_double()),
                                 std::chars_format::scientific);
  Decimal out;
  const char* p = buffer;
  bool fraction = false;
  for (; p != end.ptr && *p != 'e'; ++p) {
    if (*p == '.') {
      fraction = true;
      continue;
    }
    out.digits = out.digits * 10 + static_cast<uint64_t>(*p - '0');
    if (fraction) --out.exponent;
  }
  int power = 0;
  p += p[1] == '+' ? 2 : 1;
  std::from_chars(p, end.ptr, power);
  out.exponent += power;
  return out;
}

}  // namespace

bool JsonEquals(const json::value& a, const json::value& b, Work* work) {
  if (!work->Spend()) return false;
  if (IsNumber(a) && IsNumber(b)) return CompareNumbers(a, b) == 0;
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case json::kind::bool_:
      return a.get_bool() == b.get_bool();
    case json::kind::string:
      if (a.get_string().size() != b.get_string().size()) return false;
      if (!work->SpendBytes(a.get_string().size())) return false;
      return a.get_string() == b.get_string();
    case json::kind::array: {
      const json::array& left = a.get_array();
      const json::array& right = b.get_array();
      if (left.size() != right.size()) return false;
      for (size_t i = 0; i < left.size(); ++i) {
        if (!JsonEquals(left[i], right[i], work)) return false;
      }
      return true;
    }
    case json::kind::object: {
      const json::object& left = a.get_object();
      const json::object& right = b.get_object();
      if (left.size() != right.size()) return false;
      for (const auto& member : left) {
        if (!work->SpendBytes(member.key().size())) return false;
        const json::value* other = right.if_contains(member.key());
        if (other == nullptr || !JsonEquals(member.value(), *other, work)) return false;
      }
      return true;
    }
    default:
      return true;  // null
  }
}

size_t JsonHash(const json::value& value, Work* work) {
  if (!work->Spend()) return 0;
  switch (value.kind()) {
    case json::kind::null:
      return absl::HashOf('n');
    case json::kind::bool_:
      return absl::HashOf('b', value.get_bool());
    case json::kind::string:
      if (!work->SpendBytes(value.get_string().size())) return 0;
      return absl::HashOf('s', View(value.get_string()));
    case json::kind::array: {
      size_t hash = absl::HashOf('a', value.get_array().size());
      for (const json::value& item : value.get_array()) {
        hash = absl::HashOf(hash, JsonHash(item, work));
        if (!work->ok()) return 0;
      }
      return hash;
    }
    case json::kind::object: {
      // A sum, because members have no order.
      size_t sum = 0;
      for (const auto& member : value.get_object()) {
        if (!work->SpendBytes(member.key().size())) return 0;
        const std::string_view key(member.key().data(), member.key().size());
        sum += absl::HashOf(key, JsonHash(member.value(), work));
      }
      return absl::HashOf('o', sum);
    }
    default:
      return HashNumber(value);
  }
}

bool IsNumber(const json::value& value) {
  return value.is_int64() || value.is_uint64() || value.is_double();
}

bool IsInteger(const json::value& value) {
  if (!value.is_double()) return value.is_int64() || value.is_uint64();
  return std::isfinite(value.get_double()) && std::trunc(value.get_double()) == value.get_double();
}

int CompareNumbers(const json::value& a, const json::value& b) {
  const Exact left = ExactOf(a);
  const Exact right = ExactOf(b);
  if (left < right) return -1;
  return left == right ? 0 : 1;
}

bool IsMultipleOf(const json::value& value, const json::value& divisor) {
  if (value.is_double() && !std::isfinite(value.get_double())) return false;
  using Wide = unsigned __int128;
  const Decimal v = DecimalOf(value);
  const Decimal d = DecimalOf(divisor);
  if (v.digits == 0) return true;
  if (d.digits == 0) return false;
  const int shift = v.exponent - d.exponent;
  if (shift < 0) {
    Wide by = d.digits;
    for (int i = shift; i < 0; ++i) {
      by *= 10;
      if (by > v.digits) return false;
    }
    return v.digits % by == 0;
  }
  // v.digits × 10^shift modulo d.digits, squaring: the exponents may be 600 apart.
  Wide rest = v.digits % d.digits;
  Wide power = 10 % d.digits;
  for (int left = shift; left > 0 && rest != 0; left /= 2) {
    if (left % 2 == 1) rest = rest * power % d.digits;
    power = power * power % d.digits;
  }
  return rest == 0;
}

}  // namespace colophon::schema
