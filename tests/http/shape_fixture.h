#pragma once

#include <string>
#include <vector>

#include "service/base/json.h"
#include "tests/http/raw_client.h"
#include "tests/rpc/rpc_fixture.h"
#include "tests/testing/model_server.h"
#include "tests/testing/model_wire.h"

namespace colophon {

// A server with its HTTP port. Beside "scripted", the providers "openai" and "anthropic"
// are model servers of the test's own; each answers "Hello there" until it is told else.
class ShapeFixture : public RpcFixture {
 protected:
  void SetUp() override;

  int port() const { return server_->http_address()->port; }
  RawResponse Post(const std::string& path, const std::string& body,
                   const std::vector<std::string>& headers = {});
  // By id, as it is stored.
  v1::Record Record(const std::string& id);
  // How many there are of a filter, "status = cancelled".
  int RecordCount(const std::string& filter);

  ModelServer openai_;
  ModelServer anthropic_;
};

// The JSON of `text`; null, and a failure, when it is none.
json::value Json(const std::string& text);
// What a JSON pointer finds in it, as text: "" when there is nothing.
std::string At(const std::string& text, const std::string& pointer);
// The data of each server-sent event.
std::vector<std::string> DataOf(const std::string& events);

}  // namespace colophon
