#include "service/store/object_id.h"

#include <algorithm>

#include "service/base/hash.h"

namespace colophon {

std::optional<ObjectId> ObjectId::FromHex(std::string_view hex) {
  auto bytes = HexDecode(hex);
  if (!bytes) return std::nullopt;
  return FromBytes(*bytes);
}

std::optional<ObjectId> ObjectId::FromBytes(std::string_view bytes) {
  if (bytes.size() != 20) return std::nullopt;
  std::array<uint8_t, 20> array;
  std::copy(bytes.begin(), bytes.end(), array.begin());
  return ObjectId(array);
}

std::string ObjectId::hex() const { return HexEncode(bytes()); }

}  // namespace colophon
