#include "service/http/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <memory>

#include "fmt/format.h"

namespace colophon {
namespace {

constexpr int kGzipOnly = 15 + 16;  // The largest window; zlib's way to say which format.
constexpr size_t kStep = 64 << 10;

absl::Status NotGzip() {
  return InvalidArgument("BAD_REQUEST",
                         "the body isn't packed by gzip, as its Content-Encoding says");
}

}  // namespace

absl::StatusOr<std::string> Gunzip(std::string_view packed, size_t max_bytes) {
  z_stream stream = {};
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) return Internal("zlib doesn't start");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string unpacked;
  for (int result = Z_OK; result != Z_STREAM_END;) {
    const size_t begin = unpacked.size();
    if (begin > max_bytes) {
      return InvalidArgument("BAD_REQUEST",
                             fmt::format("the body has more than {} bytes unpacked", max_bytes));
    }
    unpacked.resize(begin + kStep);
    stream.next_out = reinterpret_cast<Bytef*>(unpacked.data() + begin);
    stream.avail_out = kStep;
    result = inflate(&stream, Z_NO_FLUSH);
    const size_t made = kStep - stream.avail_out;
    unpacked.resize(begin + made);
    if (result != Z_OK && result != Z_STREAM_END) return NotGzip();
    if (result == Z_OK && made == 0 && stream.avail_in == 0) return NotGzip();  // Cut off.
  }
  if (stream.avail_in > 0) return NotGzip();
  return unpacked;
}

}  // namespace colophon
