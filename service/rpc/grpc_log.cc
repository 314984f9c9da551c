#include "service/rpc/grpc_log.h"

#include <string_view>

#include "grpc/support/log.h"
#include "service/base/log.h"

namespace colophon {

void LogGrpc() {
  gpr_set_log_function([](gpr_log_func_args* line) {
    const std::string_view message = line->message;
    const bool last_words = message.starts_with("ASSERTION FAILED");
    Log(last_words ? LogLevel::kCritical : LogLevel::kDebug,
        LogLine("event", "library").Add("library", "grpc").Add("message", message));
  });
}

}  // namespace colophon
