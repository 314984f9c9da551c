#pragma once

#include <vector>

#include "boost/json/object.hpp"
#include "colophon/v1/registry.pb.h"

namespace colophon::prompt {

// The fields that differ between two front matters (`FrontMatter::raw`), sorted by path.
// Nothing when either has more than 256 KiB of fields: the text has it.
std::vector<v1::FieldDifference> FieldDifferences(const boost::json::object& before,
                                                  const boost::json::object& after);

}  // namespace colophon::prompt
