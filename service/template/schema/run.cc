#include "service/template/schema/run.h"

#include <utility>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/schema/preview.h"
#include "service/template/syntax/pointer.h"

namespace colophon::schema {

Result Run::Check(const Node& root) {
  Check(root, value_);
  if (!limit_message_.empty()) {
    result_.violations.push_back({"", "", std::move(limit_message_)});
    result_.limit_reached = true;
  }
  result_.steps = work_->spent() - before_;
  return std::move(result_);
}

bool Run::Check(const Node& node, const json::value& value) {
  if (!Spend(1 + static_cast<int64_t>(node.rules.size()))) return false;
  if (node.never) {
    if (reporting_) Report(node.pointer, fmt::format("{} is not allowed here", Preview(value)));
    return false;
  }
  if (depth_ >= limits_.depth) {
    Stop(fmt::format("{} schemas apply inside of one another, at {}: nest the value less",
                     limits_.depth, Quote(Pointer(0))));
    return false;
  }
  ++depth_;
  bool valid = true;
  for (const auto& rule : node.rules) {
    if (rule->Check(value, this)) continue;
    valid = false;
    // After the type nothing else about the value is of interest, and a probe
    // knows enough.
    if (!wants_more() || (node.has_type && rule == node.rules.front())) break;
  }
  --depth_;
  return valid;
}

bool Run::CheckMember(const Node& node, const json::key_value_pair& member) {
  path_.push_back({View(member.key()), 0, true});
  const bool valid = Check(node, member.value());
  path_.pop_back();
  return valid;
}

bool Run::CheckItem(const Node& node, const json::value& item, size_t index) {
  path_.push_back({"", index, false});
  const bool valid = Check(node, item);
  path_.pop_back();
  return valid;
}

bool Run::CheckReferred(const Node& node, const json::value& value) {
  if (!Spend(1)) return false;
  const Pair pair(&node, &value);
  const auto known = referred_.find(pair);
  bool valid;
  if (known != referred_.end()) {
    valid = known->second;
  } else {
    valid = Probe(node, value);
    if (stopped_) return false;
    constexpr int64_t kCostOfMemory = 4;
    if (!Spend(kCostOfMemory)) return false;
    referred_.emplace(pair, valid);
  }
  if (valid || !reporting_) return valid;
  // Another way to the same finding adds nothing. A reason is told each time: it
  // ends at the first thing it finds.
  if (in_reason_ || reported_.insert(pair).second) Check(node, value);
  return false;
}

bool Run::Probe(const Node& node, const json::value& value) {
  const bool reporting = std::exchange(reporting_, false);
  const bool valid = Check(node, value);
  reporting_ = reporting;
  return valid;
}

bool Run::ProbeRule(const Rule& rule, const json::value& value) {
  const bool reporting = std::exchange(reporting_, false);
  const bool valid = rule.Check(value, this);
  reporting_ = reporting;
  return valid;
}

std::string Run::Reason(const Node& node, const json::value& value) {
  in_reason_ = true;
  reason_.clear();
  reason_from_ = path_.size();
  Check(node, value);
  in_reason_ = false;
  reporting_ = true;
  return std::move(reason_);
}

const json::value& Run::NameOf(const json::key_value_pair& member) {
  const auto [name, added] = names_.try_emplace(&member);
  if (added) {
    Spend(4 + Work::OfBytes(member.key().size()));
    name->second = json::string(member.key());
  }
  return name->second;
}

bool Run::CheckWork() {
  if (work_->ok()) return !stopped_;
  Stop(work_->stopped() ? "the check was stopped: nobody waits for it any more"
                        : fmt::format("the check takes more than {} steps: make the schema "
                                      "simpler or the value smaller",
                                      limits_.steps));
  return false;
}

void Run::Report(const std::string& rule, std::string message) {
  if (in_reason_) {
    const std::string place = Pointer(reason_from_);
    reason_ = place.empty() ? std::move(message) : fmt::format("{}: {}", place, message);
    reporting_ = false;  // One is enough.
    return;
  }
  if (result_.violations.size() >= limits_.violations) {
    result_.cut = true;
    stopped_ = true;
    return;
  }
  result_.violations.push_back({Pointer(0), rule, std::move(message)});
}

void Run::Stop(std::string message) {
  if (stopped_) return;
  stopped_ = true;
  limit_message_ = std::move(message);
}

std::string Run::Pointer(size_t from) const {
  std::string out;
  for (size_t i = from; i < path_.size(); ++i) {
    const Step& step = path_[i];
    out = syntax::ChildPointer(out, step.is_name ? step.name : std::to_string(step.index));
  }
  return out;
}

}  // namespace colophon::schema
