#pragma once

// The items of a Responses request's `input`.

#include <map>
#include <string>

#include "colophon/v1/record.pb.h"
#include "service/shape/fields.h"

namespace colophon::shape {

// Adds messages to a call's history, in order.
class ItemReader {
 public:
  explicit ItemReader(v1::CompleteRequest* call) : call_(*call) {}

  // What that record was sent and what it answered; neither the prompt's own system
  // messages, which the prompt that is called now says, nor the call's instructions.
  // UNSUPPORTED when it has no whole answer or was made with "store": false.
  absl::Status AddPrevious(const v1::GetRecordResponse& previous);
  absl::Status AddItem(Fields item);

 private:
  absl::Status AddMessage(Fields* item);
  absl::Status AddFunctionCall(Fields* item);
  absl::Status AddFunctionOutput(Fields* item);
  absl::Status AddReasoning(Fields* item);
  // The model's message that goes on with `part`: what it said in one answer is one message.
  v1::Message* ModelMessage(v1::Part::PartCase part);

  v1::CompleteRequest& call_;
  std::map<std::string, std::string> names_;  // Of tools, by the id of the request.
  bool is_answering_ = false;                 // The last item was the model's.
};

}  // namespace colophon::shape
