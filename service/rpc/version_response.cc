#include "service/rpc/version_response.h"

#include <array>
#include <memory>
#include <string>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "grpcpp/support/slice.h"

namespace colophon {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;

// The key and length of field `version`, before its bytes.
grpc::Slice HeaderSlice(size_t length) {
  std::array<uint8_t, 16> bytes;
  uint8_t* end = CodedOutputStream::WriteTagToArray(
      WireFormatLite::MakeTag(v1::GetVersionResponse::kVersionFieldNumber,
                              WireFormatLite::WIRETYPE_LENGTH_DELIMITED),
      bytes.data());
  end = CodedOutputStream::WriteVarint64ToArray(length, end);
  return grpc::Slice(bytes.data(), end - bytes.data());
}

// Keeps the version alive until gRPC has sent it.
grpc::Slice VersionSlice(const std::shared_ptr<const LoadedVersion>& loaded) {
  auto* owner = new std::shared_ptr<const LoadedVersion>(loaded);
  return grpc::Slice(
      const_cast<char*>(loaded->serialized.data()), loaded->serialized.size(),
      [](void* data) { delete static_cast<std::shared_ptr<const LoadedVersion>*>(data); }, owner);
}

}  // namespace

grpc::ByteBuffer SerializeVersionResponse(const Resolution& resolution) {
  v1::GetVersionResponse rest;
  rest.set_label(resolution.label);
  rest.set_sequence(resolution.sequence);
  const std::array<grpc::Slice, 3> slices = {
      HeaderSlice(resolution.loaded->serialized.size()),
      VersionSlice(resolution.loaded),
      grpc::Slice(rest.SerializeAsString()),
  };
  return grpc::ByteBuffer(slices.data(), slices.size());
}

}  // namespace colophon
