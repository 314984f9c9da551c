#pragma once

#include "boost/json/object.hpp"
#include "colophon/v1/completion.pb.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace colophon::render {

// What one rendering is made of, beside the prompt.
struct Input {
  boost::json::object variables;
  google::protobuf::RepeatedPtrField<v1::Message> history;
  boost::json::object context;  // @state, @auth and so on.
  bool spans = false;           // Say where each piece of text came from.
};

}  // namespace colophon::render
