#include "service/template/schema/references.h"

#include <charconv>
#include <optional>
#include <utility>

#include "boost/url/parse.hpp"
#include "boost/url/pct_string_view.hpp"
#include "boost/url/url.hpp"
#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/schema/preview.h"

namespace colophon::schema {
namespace {

namespace urls = boost::urls;

// What a document without an $id is called; nobody else can name it.
constexpr std::string_view kNoUri = "schema:///";

absl::Status Bad(std::string_view message) { return InvalidArgument("BAD_REFERENCE", message); }

absl::StatusOr<std::string> Resolve(std::string_view base, std::string_view reference) {
  const auto parsed_base = urls::parse_uri(base);
  const auto parsed = urls::parse_uri_reference(reference);
  urls::url out;
  if (!parsed_base || !parsed || !urls::resolve(*parsed_base, *parsed, out)) {
    return Bad(fmt::format("{} is no URI reference (RFC 3986)", Quote(reference)));
  }
  out.normalize();
  out.remove_fragment();
  return std::string(out.buffer().data(), out.buffer().size());
}

absl::StatusOr<std::string> DecodeFragment(std::string_view fragment) {
  const auto decoded = urls::make_pct_string_view(fragment);
  if (!decoded) return Bad(fmt::format("{}: write %25 for %", Quote(fragment)));
  std::string text = decoded->decode();
  if (!IsUtf8(text)) return Bad(fmt::format("{} doesn't decode to UTF-8", Quote(fragment)));
  return text;
}

std::string Unescape(std::string_view segment) {
  std::string out;
  for (size_t i = 0; i < segment.size(); ++i) {
    const bool escaped = segment[i] == '~' && i + 1 < segment.size();
    if (escaped && (segment[i + 1] == '0' || segment[i + 1] == '1')) {
      out += segment[++i] == '0' ? '~' : '/';
    } else {
      out += segment[i];
    }
  }
  return out;
}

const json::value* Child(const json::value& value, std::string_view segment) {
  if (value.is_object()) return value.get_object().if_contains(Unescape(segment));
  if (!value.is_array()) return nullptr;
  size_t index = 0;
  const char* const end = segment.data() + segment.size();
  const auto read = std::from_chars(segment.data(), end, index);
  if (read.ec != std::errc() || read.ptr != end) return nullptr;
  return value.get_array().if_contains(index);
}

const json::value* Follow(const json::value& root, std::string_view pointer) {
  const json::value* value = &root;
  while (value != nullptr && !pointer.empty()) {
    pointer.remove_prefix(1);
    const size_t slash = std::min(pointer.find('/'), pointer.size());
    value = Child(*value, pointer.substr(0, slash));
    pointer.remove_prefix(slash);
  }
  return value;
}

}  // namespace

const References::Resource* References::AddRoot(const json::value& root) {
  const Resource* resource = &resources_.emplace_back(Resource{std::string(kNoUri), &root, ""});
  by_uri_.emplace(kNoUri, resource);
  return resource;
}

absl::StatusOr<const References::Resource*> References::AddResource(const Resource& outer,
                                                                    std::string_view id,
                                                                    const json::value& root,
                                                                    const std::string& pointer) {
  ASSIGN_OR_RETURN(std::string uri, Resolve(outer.uri, id));
  const Resource* resource = &resources_.emplace_back(Resource{std::move(uri), &root, pointer});
  // One schema file that is used twice is twice in the document. They are the
  // same, so the first will do.
  by_uri_.emplace(resource->uri, resource);
  return resource;
}

void References::AddAnchor(const Resource& resource, std::string_view name,
                           const json::value& value, const std::string& pointer) {
  anchors_.emplace(fmt::format("{}#{}", resource.uri, name), Place{&value, pointer, &resource});
}

absl::StatusOr<References::Place> References::Find(const Resource& from,
                                                   std::string_view reference) const {
  const size_t hash = std::min(reference.find('#'), reference.size());
  const Resource* resource = &from;
  if (hash > 0) {
    ASSIGN_OR_RETURN(const std::string uri, Resolve(from.uri, reference.substr(0, hash)));
    const auto found = by_uri_.find(uri);
    if (found == by_uri_.end()) return Place();
    resource = found->second;
  }
  if (hash + 1 >= reference.size()) return Place{resource->root, resource->pointer, resource};
  ASSIGN_OR_RETURN(const std::string fragment, DecodeFragment(reference.substr(hash + 1)));
  if (!fragment.starts_with('/')) {
    const auto anchor = anchors_.find(fmt::format("{}#{}", resource->uri, fragment));
    if (anchor != anchors_.end()) return anchor->second;
    return Bad(fmt::format("no schema has the $anchor {}", Quote(fragment)));
  }
  const json::value* value = Follow(*resource->root, fragment);
  if (value == nullptr) return Bad(fmt::format("nothing is at {}", Quote(fragment)));
  return Place{value, resource->pointer + fragment, resource};
}

}  // namespace colophon::schema
