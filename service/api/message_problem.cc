#include "service/api/message_problem.h"

#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "service/base/json.h"

namespace colophon {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr size_t kShownPathBytes = 200;

// The messages that a JSON value is made of. Their own names say nothing to who
// wrote the JSON: "variables.order.name", not
// "variables.fields.value.struct_value.fields.value.string_value".
bool IsJson(const Descriptor& type) {
  return type.full_name() == "google.protobuf.Struct" ||
         type.full_name() == "google.protobuf.Value" ||
         type.full_name() == "google.protobuf.ListValue";
}

// One walk over the bytes, by the message's type, up to the first problem.
class Walk {
 public:
  Walk(std::string_view bytes, int max_nesting)
      : input_(reinterpret_cast<const uint8_t*>(bytes.data()), static_cast<int>(bytes.size())),
        max_nesting_(max_nesting) {}

  // False: problem() says what. `type` is null in a group, which no message of
  // today has.
  bool Message(const Descriptor* type, int depth) {
    if (depth > max_nesting_) return Fail(Problem::kTooDeep);
    while (const uint32_t tag = input_.ReadTag()) {
      if (WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_END_GROUP) {
        return type == nullptr || Fail(Problem::kMalformed);
      }
      const FieldDescriptor* field =
          type == nullptr ? nullptr
                          : type->FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
      if (!Field(type, field, WireFormatLite::GetTagWireType(tag), depth)) return false;
    }
    return input_.ConsumedEntireMessage() || Fail(Problem::kMalformed);
  }

  enum class Problem { kNone, kTooDeep, kBadUtf8, kMalformed };
  Problem problem() const { return problem_; }
  int position() const { return input_.CurrentPosition(); }

  // "variables.order.name"; "" for the message itself.
  std::string Path() const {
    std::string path;
    for (const std::string& name : path_) {
      if (name.empty()) continue;
      if (path.size() + name.size() > kShownPathBytes) return path + ".…";
      path += (path.empty() ? "" : ".") + name;
    }
    return path;
  }

 private:
  bool Field(const Descriptor* type, const FieldDescriptor* field, WireFormatLite::WireType wire,
             int depth) {
    uint64_t number64 = 0;
    uint32_t number32 = 0;
    switch (wire) {
      case WireFormatLite::WIRETYPE_VARINT:
        return input_.ReadVarint64(&number64) || Fail(Problem::kMalformed);
      case WireFormatLite::WIRETYPE_FIXED64:
        return input_.ReadLittleEndian64(&number64) || Fail(Problem::kMalformed);
      case WireFormatLite::WIRETYPE_FIXED32:
        return input_.ReadLittleEndian32(&number32) || Fail(Problem::kMalformed);
      case WireFormatLite::WIRETYPE_START_GROUP:
        return Message(nullptr, depth + 1);
      case WireFormatLite::WIRETYPE_LENGTH_DELIMITED:
        path_.push_back(
            field == nullptr || type->options().map_entry() || IsJson(*type) ? "" : field->name());
        if (!Bytes(type, field, depth)) return false;
        path_.pop_back();
        return true;
      default:
        return Fail(Problem::kMalformed);
    }
  }

  bool Bytes(const Descriptor* type, const FieldDescriptor* field, int depth) {
    int size = 0;
    if (!input_.ReadVarintSizeAsInt(&size)) return Fail(Problem::kMalformed);
    if (field != nullptr && field->type() == FieldDescriptor::TYPE_MESSAGE) {
      const CodedInputStream::Limit outer = input_.PushLimit(size);
      if (input_.BytesUntilLimit() < size) return Fail(Problem::kMalformed);
      if (!Message(field->message_type(), depth + 1)) return false;
      input_.PopLimit(outer);
      return true;
    }
    if (field == nullptr || field->type() != FieldDescriptor::TYPE_STRING) {
      return input_.Skip(size) || Fail(Problem::kMalformed);
    }
    std::string text;
    if (!input_.ReadString(&text, size)) return Fail(Problem::kMalformed);
    if (!IsUtf8(text)) return Fail(Problem::kBadUtf8);
    // The map's own name, then the key: "variables.order".
    if (type->options().map_entry() && field->number() == 1 && path_.size() >= 2) {
      path_[path_.size() - 2] += (path_[path_.size() - 2].empty() ? "" : ".") + text;
    }
    return true;
  }

  bool Fail(Problem problem) {
    problem_ = problem;
    return false;
  }

  CodedInputStream input_;
  const int max_nesting_;
  Problem problem_ = Problem::kNone;
  std::vector<std::string> path_;
};

}  // namespace

absl::Status ProblemOfMessage(std::string_view bytes, const Descriptor& type, int max_nesting) {
  Walk walk(bytes, max_nesting);
  walk.Message(&type, 0);
  const std::string path = walk.Path();
  switch (walk.problem()) {
    case Walk::Problem::kTooDeep:
      return InvalidArgument(
          "TOO_DEEP",
          fmt::format("{} nests more than {} messages deep, of which an object of JSON takes 3 and "
                      "a list 2: send at most {} objects in one another, or the inner ones as text",
                      path, max_nesting, max_nesting / 3 - 1),
          {{"field", path}, {"max_nesting", fmt::to_string(max_nesting)}});
    case Walk::Problem::kBadUtf8:
      return InvalidArgument(
          "BAD_UTF8",
          fmt::format("{} is no UTF-8; send text as UTF-8, and other bytes as Base64", path),
          {{"field", path}});
    case Walk::Problem::kNone:
    case Walk::Problem::kMalformed:
      break;
  }
  return InvalidArgument(
      "BAD_REQUEST",
      fmt::format("the request is no {}: its {} bytes can't be read from byte {}{}; send one that "
                  "was made from the service's .proto files",
                  type.full_name(), bytes.size(), walk.position(),
                  path.empty() ? "" : ", in " + path));
}

}  // namespace colophon
