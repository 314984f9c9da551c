#pragma once

// JSON objects of requests, read so that nothing of them is passed over: a member of the
// wrong type, and one that nobody has read, is refused by its path.

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "service/base/json.h"

namespace colophon::shape {

// INVALID_ARGUMENT BAD_REQUEST: "messages[1].role is "robot": it has to be …".
absl::Status Wrong(std::string_view path, const json::value& value, std::string_view rule);
// INVALID_ARGUMENT UNSUPPORTED: what the other API has and a call of a prompt hasn't.
absl::Status NoPlace(std::string_view path, std::string_view why);

// An object that outlives this. A member that is null is as good as absent.
class Fields {
 public:
  Fields(const json::object& object, std::string path);
  static absl::StatusOr<Fields> Of(const json::value& value, std::string path);

  // "messages[1].role"
  std::string At(std::string_view key) const;
  const std::string& path() const { return path_; }

  // Each counts the member as read; null, nullopt and "" when it isn't there. BAD_REQUEST
  // when it is of another type.
  const json::value* Find(std::string_view key);
  absl::StatusOr<std::string> Text(std::string_view key);
  absl::StatusOr<std::optional<bool>> Flag(std::string_view key);
  absl::StatusOr<const json::object*> Object(std::string_view key);
  absl::StatusOr<const json::array*> Array(std::string_view key);
  // BAD_REQUEST when it is absent or empty.
  absl::StatusOr<std::string> RequiredText(std::string_view key);

  // Calls `take(Fields)` for each object of a list, if it is there. BAD_REQUEST when it is
  // no list of objects.
  template <class Take>
  absl::Status ForEach(std::string_view key, Take take) {
    ASSIGN_OR_RETURN(const json::array* const items, Array(key));
    for (size_t i = 0; items != nullptr && i < items->size(); ++i) {
      ASSIGN_OR_RETURN(Fields item, Of((*items)[i], At(key) + "[" + std::to_string(i) + "]"));
      RETURN_IF_ERROR(take(std::move(item)));
    }
    return absl::OkStatus();
  }

  // UNSUPPORTED when the member is there and is something else than `harmless`, which
  // says what is so anyway.
  absl::Status Refuse(std::string_view key, std::string_view why,
                      const json::value& harmless = nullptr);

  // Calls `take(key, value)` for each member that is not read.
  template <class Take>
  absl::Status TakeRest(Take take) {
    for (const auto& member : object_) {
      const std::string key(View(member.key()));
      if (read_.count(key) > 0 || member.value().is_null()) continue;
      RETURN_IF_ERROR(take(key, member.value()));
    }
    return absl::OkStatus();
  }
  // UNSUPPORTED for the first member that is not read.
  absl::Status Finish();

 private:
  const json::object& object_;
  const std::string path_;  // Empty: the body.
  std::set<std::string> read_;
};

}  // namespace colophon::shape
