#pragma once

// Where a $ref leads: the resources of one schema document, by the URIs that $id
// gives them, and their anchors. Internal to this room.
//
//   reference = [URI reference] [ "#" ( "" | JSON pointer | anchor ) ]

#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "boost/json/value.hpp"
#include "service/base/status.h"

namespace colophon::schema {

class References {
 public:
  // The document, or a part of it that has an $id.
  struct Resource {
    std::string uri;
    const boost::json::value* root;
    std::string pointer;  // From the document's root.
  };
  struct Place {
    const boost::json::value* value = nullptr;  // nullptr: not in this document.
    std::string pointer;
    const Resource* resource = nullptr;
  };

  // The whole document; an $id in it is entered next.
  const Resource* AddRoot(const boost::json::value& root);
  // The part at `pointer` whose $id is `id`, within `outer`.
  absl::StatusOr<const Resource*> AddResource(const Resource& outer, std::string_view id,
                                              const boost::json::value& root,
                                              const std::string& pointer);
  void AddAnchor(const Resource& resource, std::string_view name, const boost::json::value& value,
                 const std::string& pointer);

  // INVALID_ARGUMENT when it can lead nowhere.
  absl::StatusOr<Place> Find(const Resource& from, std::string_view reference) const;

 private:
  std::deque<Resource> resources_;
  std::map<std::string, const Resource*, std::less<>> by_uri_;
  std::map<std::string, Place, std::less<>> anchors_;  // "URI#name"
};

}  // namespace colophon::schema
