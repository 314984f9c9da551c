#include "service/api/version_answer.h"

#include <array>
#include <memory>
#include <string>

#include "colophon/v1/registry.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "service/api/served_call.h"

namespace colophon {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;

// The version's bytes, kept alive until they are sent.
absl::Cord SharedBytes(const std::shared_ptr<const LoadedVersion>& loaded) {
  return absl::MakeCordFromExternal(loaded->serialized, [loaded] {});
}

// A serialized GetVersionResponse.
absl::Cord Serialize(const Resolution& resolution) {
  std::array<uint8_t, 16> key_and_length;
  uint8_t* end = CodedOutputStream::WriteTagToArray(
      WireFormatLite::MakeTag(v1::GetVersionResponse::kVersionFieldNumber,
                              WireFormatLite::WIRETYPE_LENGTH_DELIMITED),
      key_and_length.data());
  end = CodedOutputStream::WriteVarint64ToArray(resolution.loaded->serialized.size(), end);
  v1::GetVersionResponse rest;
  rest.set_label(resolution.label);
  rest.set_sequence(resolution.sequence);

  absl::Cord bytes(absl::string_view(reinterpret_cast<const char*>(key_and_length.data()),
                                     static_cast<size_t>(end - key_and_length.data())));
  bytes.Append(SharedBytes(resolution.loaded));
  bytes.Append(rest.SerializeAsString());
  return bytes;
}

}  // namespace

void AnswerVersion(Registry* registry, Workers* workers, const std::shared_ptr<ServedCall>& call) {
  const auto& request = *static_cast<const v1::GetVersionRequest*>(call->request());
  registry->GetVersion(workers, request, call->call(), [call](absl::StatusOr<Resolution> found) {
    if (!found.ok()) return call->End(found.status());
    call->End(Answer(Serialize(*found)));
  });
}

}  // namespace colophon
