#include "service/metrics/metrics.h"

// name                                       labels               bounded by
// colophon_calls_total                       door, method, code   the API's own names
// colophon_call_seconds                      door, method         the same
// colophon_git_requests_total                service, result      four
// colophon_git_request_seconds               service              two
// colophon_completions_total                 model, status        kMaxModels, then "other"
// colophon_completion_seconds                model                the same
// colophon_completion_first_piece_seconds    model                the same
// colophon_completion_attempts_total         model                the same
// colophon_completion_tokens_total           model, direction     the same
// colophon_completion_invalid_outputs_total  model                the same
// colophon_store_batch_seconds               -
// colophon_store_writes_total                -
// colophon_open_completions, colophon_watchers, colophon_repositories, colophon_records,
// colophon_store_bytes, colophon_disk_free_bytes, colophon_resident_bytes,
// colophon_loop_hold_max_seconds, colophon_start_time_seconds     -
// colophon_info                              version              one

#include <array>
#include <atomic>
#include <limits>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <sstream>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "prometheus/text_serializer.h"
#include "service/base/clock.h"

namespace colophon {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

// A model that is overridden by callers may be any text.
constexpr size_t kMaxModels = 200;
constexpr char kOtherModel[] = "other";

// Seconds. Of calls: a millisecond is good, ten seconds is a completion.
const Histogram::BucketBoundaries kCallSteps = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300};
const Histogram::BucketBoundaries kCompletionSteps = {0.05, 0.1, 0.25, 0.5, 1,   2,   4,
                                                      8,    15,  30,   60,  120, 300, 600};
const Histogram::BucketBoundaries kBatchSteps = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                 0.01,   0.025,   0.05,   0.1,   0.25,   1};

double Seconds(absl::Duration duration) { return absl::ToDoubleSeconds(duration); }

double Seconds(const google::protobuf::Duration& duration) {
  return static_cast<double>(duration.seconds()) + static_cast<double>(duration.nanos()) * 1e-9;
}

// RECORD_STATUS_TIMED_OUT → "timed_out"
std::string NameOf(v1::RecordStatus status) {
  constexpr std::string_view kPrefix = "RECORD_STATUS_";
  return absl::AsciiStrToLower(v1::RecordStatus_Name(status).substr(kPrefix.size()));
}

// What one method has at one door. The counters are made when they are first counted.
struct MethodMetrics {
  Histogram* seconds = nullptr;
  std::array<std::atomic<Counter*>, 17> codes{};  // By absl::StatusCode.
};

using MethodName = std::pair<std::string, std::string>;  // Of a door.
using MethodView = std::pair<std::string_view, std::string_view>;
struct MethodLess {
  using is_transparent = void;
  static MethodView View(const MethodName& name) { return name; }
  static MethodView View(const MethodView& name) { return name; }
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    return View(a) < View(b);
  }
};

// What one model has.
struct ModelMetrics {
  Histogram* seconds;
  Histogram* first_piece;
  Counter* attempts;
  Counter* input_tokens;
  Counter* output_tokens;
  Counter* invalid_outputs;
};

}  // namespace

class Metrics::Impl {
 public:
  void CountCall(std::string_view door, std::string_view method, absl::StatusCode code,
                 absl::Duration took);
  void CountCompletion(const v1::Outcome& outcome);

  // Finds what was made before without writing anything.
  template <class Map, class Key, class Make>
  auto Find(Map* map, const Key& key, Make make) {
    {
      std::shared_lock lock(mu_);
      if (const auto found = map->find(key); found != map->end()) return found->second;
    }
    std::unique_lock lock(mu_);
    const auto found = map->find(key);
    return found != map->end() ? found->second : map->emplace(key, make()).first->second;
  }

  Family<Counter>& NewCounters(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
  Family<Histogram>& NewHistograms(const char* name, const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
  }
  Gauge& NewGauge(const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
  }

  prometheus::Registry registry;

  Family<Counter>& calls =
      NewCounters("colophon_calls_total", "Calls of the API's methods that have ended.");
  Family<Histogram>& call_seconds =
      NewHistograms("colophon_call_seconds", "From a call's arrival to its end.");
  Family<Counter>& git_requests =
      NewCounters("colophon_git_requests_total", "Requests of git's clients that were answered.");
  Family<Histogram>& git_seconds =
      NewHistograms("colophon_git_request_seconds", "From such a request to the answer's end.");
  Family<Counter>& completions =
      NewCounters("colophon_completions_total", "Completions by how their records end.");
  Family<Histogram>& completion_seconds =
      NewHistograms("colophon_completion_seconds", "From a completion's start to its end.");
  Family<Histogram>& first_piece_seconds = NewHistograms(
      "colophon_completion_first_piece_seconds", "From its start to the provider's first piece.");
  Family<Counter>& attempts = NewCounters("colophon_completion_attempts_total",
                                          "Requests to providers; what is more than completions "
                                          "was a retry or a fallback.");
  Family<Counter>& tokens =
      NewCounters("colophon_completion_tokens_total", "Tokens, where the provider told them.");
  Family<Counter>& invalid_outputs =
      NewCounters("colophon_completion_invalid_outputs_total",
                  "Outputs that don't follow their prompt's output schema.");
  Histogram& batch_seconds =
      NewHistograms("colophon_store_batch_seconds", "To write and sync one batch.")
          .Add({}, kBatchSteps);
  Counter& writes = NewCounters("colophon_store_writes_total", "Writes in those batches.").Add({});

  Gauge& open_completions = NewGauge("colophon_open_completions", "Completions that run now.");
  Gauge& watchers = NewGauge("colophon_watchers", "Watchers connected now.");
  Gauge& repositories = NewGauge("colophon_repositories", "Repositories there are.");
  Gauge& records = NewGauge("colophon_records", "Records of all repositories.");
  Gauge& store_bytes = NewGauge("colophon_store_bytes", "Bytes that the store's files take.");
  Gauge& disk_free =
      NewGauge("colophon_disk_free_bytes", "Free bytes of its file system; see min_free_bytes.");
  Gauge& resident = NewGauge("colophon_resident_bytes", "Memory of the process.");
  Gauge& hold = NewGauge("colophon_loop_hold_max_seconds",
                         "The longest that one piece of work held a loop since the start.");
  Gauge& start_time =
      NewGauge("colophon_start_time_seconds", "Since when it serves, as Unix time.");
  Family<Gauge>& info = prometheus::BuildGauge()
                            .Name("colophon_info")
                            .Help("1, with the server's version.")
                            .Register(registry);

 private:
  MethodMetrics& MethodOf(std::string_view door, std::string_view method);
  ModelMetrics MakeModel(const std::string& model);
  // Its own name, or "other" when there are too many.
  std::string LabelOfModel(const std::string& model);

  std::shared_mutex mu_;
  // Guarded by mu_.
  std::map<MethodName, std::unique_ptr<MethodMetrics>, MethodLess> methods_;
  absl::flat_hash_map<std::string, ModelMetrics> models_;
  absl::flat_hash_map<std::pair<std::string, int>, Counter*> completions_;
  std::set<std::string, std::less<>> model_labels_;
};

void Metrics::Impl::CountCall(std::string_view door, std::string_view method, absl::StatusCode code,
                              absl::Duration took) {
  MethodMetrics& of = MethodOf(door, method);
  of.seconds->Observe(Seconds(took));
  std::atomic<Counter*>& made = of.codes.at(static_cast<size_t>(code));
  Counter* counter = made.load(std::memory_order_acquire);
  if (counter == nullptr) {
    // Whoever else adds it meanwhile gets the same one.
    counter = &calls.Add({{"door", std::string(door)},
                          {"method", std::string(method)},
                          {"code", absl::StatusCodeToString(code)}});
    made.store(counter, std::memory_order_release);
  }
  counter->Increment();
}

// On each call: without a copy of the names.
MethodMetrics& Metrics::Impl::MethodOf(std::string_view door, std::string_view method) {
  const MethodView name(door, method);
  {
    std::shared_lock lock(mu_);
    if (const auto found = methods_.find(name); found != methods_.end()) return *found->second;
  }
  std::unique_lock lock(mu_);
  std::unique_ptr<MethodMetrics>& made = methods_[MethodName(door, method)];
  if (made == nullptr) {
    made = std::make_unique<MethodMetrics>();
    made->seconds = &call_seconds.Add(
        {{"door", std::string(door)}, {"method", std::string(method)}}, kCallSteps);
  }
  return *made;
}

ModelMetrics Metrics::Impl::MakeModel(const std::string& model) {
  const prometheus::Labels label = {{"model", model}};
  return {.seconds = &completion_seconds.Add(label, kCompletionSteps),
          .first_piece = &first_piece_seconds.Add(label, kCompletionSteps),
          .attempts = &attempts.Add(label),
          .input_tokens = &tokens.Add({{"model", model}, {"direction", "input"}}),
          .output_tokens = &tokens.Add({{"model", model}, {"direction", "output"}}),
          .invalid_outputs = &invalid_outputs.Add(label)};
}

std::string Metrics::Impl::LabelOfModel(const std::string& model) {
  {
    std::shared_lock lock(mu_);
    if (model_labels_.contains(model)) return model;
    if (model_labels_.size() >= kMaxModels) return kOtherModel;
  }
  std::unique_lock lock(mu_);
  if (model_labels_.size() >= kMaxModels && !model_labels_.contains(model)) return kOtherModel;
  model_labels_.insert(model);
  return model;
}

void Metrics::Impl::CountCompletion(const v1::Outcome& outcome) {
  const std::string model = LabelOfModel(outcome.model());
  Find(&completions_, std::pair(model, static_cast<int>(outcome.status())), [&] {
    return &completions.Add({{"model", model}, {"status", NameOf(outcome.status())}});
  })->Increment();
  const ModelMetrics of = Find(&models_, model, [&] { return MakeModel(model); });
  of.attempts->Increment(outcome.attempts_size());
  of.seconds->Observe(Seconds(outcome.latency()));
  if (outcome.has_first_piece_latency()) {
    of.first_piece->Observe(Seconds(outcome.first_piece_latency()));
  }
  const v1::Usage& usage = outcome.completion().usage();
  of.input_tokens->Increment(static_cast<double>(usage.input_tokens()));
  of.output_tokens->Increment(static_cast<double>(usage.output_tokens()));
  if (outcome.has_output_valid() && !outcome.output_valid()) of.invalid_outputs->Increment();
}

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::CountCall(std::string_view door, std::string_view method, absl::StatusCode code,
                        absl::Duration took) {
  impl_->CountCall(door, method, code, took);
}

void Metrics::CountGit(std::string_view service, bool ok, absl::Duration took) {
  const std::string name(service);
  impl_->git_requests.Add({{"service", name}, {"result", ok ? "ok" : "error"}}).Increment();
  impl_->git_seconds.Add({{"service", name}}, kCallSteps).Observe(Seconds(took));
}

void Metrics::CountCompletion(const v1::Outcome& outcome) { impl_->CountCompletion(outcome); }

void Metrics::CountCommit(int writes, absl::Duration took) {
  impl_->batch_seconds.Observe(Seconds(took));
  impl_->writes.Increment(writes);
}

std::string Metrics::Write(const v1::GetServerInfoResponse& info) {
  Impl& impl = *impl_;
  impl.info.Add({{"version", info.version()}}).Set(1);
  impl.open_completions.Set(static_cast<double>(info.open_completion_count()));
  impl.watchers.Set(static_cast<double>(info.watcher_count()));
  impl.repositories.Set(static_cast<double>(info.repository_count()));
  // Not known, where the row that counts them is damaged.
  impl.records.Set(info.has_record_count() ? static_cast<double>(info.record_count())
                                           : std::numeric_limits<double>::quiet_NaN());
  impl.store_bytes.Set(static_cast<double>(info.store_bytes()));
  impl.disk_free.Set(static_cast<double>(info.disk_free_bytes()));
  impl.resident.Set(static_cast<double>(info.resident_bytes()));
  impl.hold.Set(Seconds(info.longest_loop_hold()));
  impl.start_time.Set(absl::ToDoubleSeconds(FromProto(info.start_time()) - absl::UnixEpoch()));
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, impl.registry.Collect());
  return text.str();
}

}  // namespace colophon
