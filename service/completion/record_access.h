#pragma once

#include "colophon/v1/record.pb.h"
#include "service/base/call.h"

namespace colophon {

// What a record is about, for CheckRight.
inline Scope ScopeOf(const v1::Intent& intent) {
  return {.repository = intent.repository(), .prompts = intent.prompt()};
}

// Auditors see all, and who called sees what came of it.
inline bool MaySee(const v1::Intent& intent, const Call& call) {
  if (CheckRight(call, Right::kAudit, ScopeOf(intent)).ok()) return true;
  return intent.caller() == call.caller && CheckRight(call, Right::kCall, ScopeOf(intent)).ok();
}

}  // namespace colophon
