#include "service/api/dispatcher.h"

#include "service/api/access_check.h"
#include "service/base/task.h"

namespace colophon {
namespace {

void ParseAndRun(const std::shared_ptr<ServedCall>& call) {
  if (absl::Status vain = call->IsInVain(); !vain.ok()) return call->End(vain);
  try {
    if (absl::Status parsed = call->ParseRequest(); !parsed.ok()) return call->End(parsed);
    const absl::Status allowed = CheckAccess(call->method(), *call->request(), call->call());
    if (!allowed.ok()) return call->End(allowed);
    call->method().run(call);
  } catch (...) {
    call->End(StatusOfException(call->method().name, std::current_exception()));
  }
}

}  // namespace

const Method* Dispatcher::Find(std::string_view full_name) const {
  for (const Method& method : methods_) {
    if (method.descriptor->full_name() == full_name) return &method;
  }
  return nullptr;
}

void Dispatcher::Serve(const std::shared_ptr<ServedCall>& call) {
  if (absl::Status begun = call->Begin(keys_); !begun.ok()) return call->End(begun);
  if (call->request_bytes() <= kLargeBytes) return ParseAndRun(call);
  absl::Status queued = workers_->Run(call->call().caller, [call] { ParseAndRun(call); });
  if (!queued.ok()) call->End(queued);
}

}  // namespace colophon
