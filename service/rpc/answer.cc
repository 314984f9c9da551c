#include "service/rpc/answer.h"

#include <array>
#include <memory>
#include <string>

#include "colophon/v1/registry.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "grpcpp/support/slice.h"

namespace colophon {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;

// The key and length of field `version`, before its bytes.
class VersionHeader {
 public:
  explicit VersionHeader(size_t length) {
    uint8_t* end = CodedOutputStream::WriteTagToArray(
        WireFormatLite::MakeTag(v1::GetVersionResponse::kVersionFieldNumber,
                                WireFormatLite::WIRETYPE_LENGTH_DELIMITED),
        bytes_.data());
    end = CodedOutputStream::WriteVarint64ToArray(length, end);
    size_ = static_cast<size_t>(end - bytes_.data());
  }
  const uint8_t* data() const { return bytes_.data(); }
  size_t size() const { return size_; }

 private:
  std::array<uint8_t, 16> bytes_;
  size_t size_;
};

// Keeps the version alive until gRPC has sent it.
grpc::Slice SharedSlice(const std::shared_ptr<const LoadedVersion>& loaded) {
  auto* owner = new std::shared_ptr<const LoadedVersion>(loaded);
  return grpc::Slice(
      const_cast<char*>(loaded->serialized.data()), loaded->serialized.size(),
      [](void* data) { delete static_cast<std::shared_ptr<const LoadedVersion>*>(data); }, owner);
}

}  // namespace

absl::Status SerializeAnswer(const Resolution& resolution, grpc::ByteBuffer* bytes) {
  const std::string& version = resolution.loaded->serialized;
  const VersionHeader header(version.size());
  v1::GetVersionResponse rest;
  rest.set_label(resolution.label);
  rest.set_sequence(resolution.sequence);
  const size_t rest_size = rest.ByteSizeLong();

  const grpc::Slice rest_slice(rest_size);
  rest.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(rest_slice.begin()));
  const std::array<grpc::Slice, 3> slices = {grpc::Slice(header.data(), header.size()),
                                             SharedSlice(resolution.loaded), rest_slice};
  grpc::ByteBuffer(slices.data(), slices.size()).Swap(bytes);
  return absl::OkStatus();
}

}  // namespace colophon
