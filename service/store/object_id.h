#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace colophon {

// A git object id: 20 bytes of SHA-1.
class ObjectId {
 public:
  ObjectId() = default;  // All zero: no object.
  explicit ObjectId(const std::array<uint8_t, 20>& bytes) : bytes_(bytes) {}

  // 40 lower-case hex digits.
  static std::optional<ObjectId> FromHex(std::string_view hex);
  static std::optional<ObjectId> FromBytes(std::string_view bytes);
  std::string hex() const;
  std::string_view bytes() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  bool is_zero() const { return *this == ObjectId(); }

  friend bool operator==(const ObjectId&, const ObjectId&) = default;
  friend auto operator<=>(const ObjectId&, const ObjectId&) = default;

 private:
  std::array<uint8_t, 20> bytes_{};
};

}  // namespace colophon
