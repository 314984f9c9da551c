#include "service/registry/publisher.h"

#include "fmt/format.h"
#include "service/base/reference.h"
#include "service/registry/change_builder.h"

namespace colophon {
namespace {

constexpr int kLoops = 2;
constexpr size_t kMaxWaiting = 4'096;
// Bounds the objects held in memory for the disk.
constexpr size_t kMaxFlights = 512;
// After so many, other repositories of the loop have their turn.
constexpr int kJobsInTurn = 64;
constexpr size_t kObjectCacheBytes = 16 << 20;

absl::Status Stopping() {
  return Unavailable("STOPPING", "the server is stopping; try again on the next one");
}

absl::Status Busy(const std::string& repository) {
  return WithRetryDelay(
      ResourceExhausted("BUSY", fmt::format("{} changes of {} wait already; try again later",
                                            kMaxWaiting, repository)),
      absl::Milliseconds(500));
}

// What the caller gets, and gets again for the same request id.
std::string ResponseOf(const ChangeRequest& request, const BuiltChange& built,
                       const Workspace& workspace) {
  switch (request.kind) {
    case ChangeRequest::Kind::kPublish:
      return built.response.SerializeAsString();
    case ChangeRequest::Kind::kDeleteLabel: {
      v1::DeleteLabelResponse response;
      *response.mutable_change() = built.response.change();
      return response.SerializeAsString();
    }
    case ChangeRequest::Kind::kUpdateLabel:
      break;
  }
  v1::UpdateLabelResponse response;
  if (built.response.has_change()) {
    *response.mutable_change() = built.response.change();
    *response.mutable_label() = built.transaction.labels.at(0);
  } else {
    const v1::LabelMove& move = request.label_moves.at(0);
    *response.mutable_label() = workspace.FindPrompt(move.prompt())->labels.at(move.label());
  }
  return response.SerializeAsString();
}

void AssertHead(const Workspace& workspace, ChangeTransaction* transaction) {
  if (workspace.head().is_zero()) return;
  transaction->refs.push_back({"refs/heads/main", workspace.head(), workspace.head()});
}

}  // namespace

Publisher::Publisher(Store* store, Clock* clock, Catalog* catalog, Feed* feed)
    : store_(store),
      clock_(clock),
      catalog_(catalog),
      feed_(feed),
      cache_(kObjectCacheBytes),
      executor_(kLoops) {}

Publisher::~Publisher() {
  std::map<std::string, std::shared_ptr<Line>> lines;
  {
    std::lock_guard lock(mu_);
    stopping_ = true;
    lines = lines_;
  }
  executor_.Stop();
  for (const auto& [repository, line] : lines) {
    std::deque<Job> waiting;
    {
      std::lock_guard lock(line->mu);
      waiting.swap(line->waiting);
    }
    for (Job& job : waiting) job.reply(Stopping());
  }
  std::unique_lock lock(mu_);
  landed_.wait(lock, [this] { return flight_count_ == 0; });
}

std::shared_ptr<Publisher::Line> Publisher::LineOf(const std::string& repository) {
  std::lock_guard lock(mu_);
  if (stopping_) return nullptr;
  std::shared_ptr<Line>& line = lines_[repository];
  if (line == nullptr) {
    line = std::make_shared<Line>(repository);
    line->loop = &executor_.Next();
  }
  return line;
}

void Publisher::Submit(ChangeRequest request, BytesReply reply) {
  // Lines are made for repositories that exist, so their number is bounded.
  if (auto sequence = catalog_->Sequence(request.repository); !sequence.ok()) {
    return reply(sequence.status());
  }
  const std::shared_ptr<Line> line = LineOf(request.repository);
  if (line == nullptr) return reply(Stopping());
  {
    std::lock_guard lock(line->mu);
    if (line->waiting.size() < kMaxWaiting) {
      line->waiting.push_back({std::move(request), std::move(reply)});
      if (CanRun(*line)) Schedule(line);
      return;
    }
  }
  reply(Busy(line->repository));
}

bool Publisher::CanRun(const Line& line) const {
  if (line.scheduled || line.waiting.empty()) return false;
  // Whatever stood on a failed flight has to fail first.
  return line.since.broken ? line.flights.empty() : line.flights.size() < kMaxFlights;
}

void Publisher::Schedule(const std::shared_ptr<Line>& line) {
  line->scheduled = true;
  line->loop->Post([this, line] { Run(line); });
}

void Publisher::Run(const std::shared_ptr<Line>& line) {
  for (int i = 0; i < kJobsInTurn; ++i) {
    Job job;
    Turn turn;
    {
      std::lock_guard lock(line->mu);
      line->scheduled = false;
      if (!CanRun(*line)) return;
      line->scheduled = true;
      std::swap(turn, line->since);
      job = std::move(line->waiting.front());
      line->waiting.pop_front();
    }
    Make(line, turn, std::move(job));
  }
  std::lock_guard lock(line->mu);
  line->scheduled = false;
  if (CanRun(*line)) Schedule(line);
}

// LIFE OF A CHANGE. Names, sizes and UTF-8 were checked in CheckRequest, on the
// caller's thread; from here on the repository has one writer, this one.
void Publisher::Make(const std::shared_ptr<Line>& line, const Turn& turn, Job job) {
  const ChangeRequest& request = job.request;
  if (const absl::Status status = OpenWorkspace(*line, turn); !status.ok()) {
    return job.reply(status);
  }
  // A repeated request gets the first one's answer.
  if (Repeat(*line, job)) return;

  // Check it and build it, in memory.
  absl::StatusOr<BuiltChange> built = Build(*line->workspace, request);
  if (!built.ok()) return job.reply(built.status());
  std::string response = ResponseOf(request, *built, *line->workspace);
  const bool alters_nothing = built->transaction.refs.empty();
  if (request.validate_only || (alters_nothing && request.request_id.empty())) {
    return AnswerWithoutChange(*line, std::move(job), std::move(response));
  }

  // One transaction. The next change is built on this one, on its way to the
  // disk as it is. When it is durable: serve it, wake watchers, reply (Land).
  if (alters_nothing) {
    // The answer is kept as long as what it relies on is still so.
    AssertHead(*line->workspace, &built->transaction);
  } else {
    line->workspace->Advance(*built);
  }
  Commit(line, std::move(job), *std::move(built), std::move(response));
}

absl::StatusOr<BuiltChange> Publisher::Build(Workspace& workspace, const ChangeRequest& request) {
  ChangeBuilder change(&workspace, &request, clock_->Now());
  RETURN_IF_ERROR(change.FindParent());
  RETURN_IF_ERROR(change.CheckBase());
  RETURN_IF_ERROR(change.TakeEdits());
  RETURN_IF_ERROR(change.LoadClosures());
  RETURN_IF_ERROR(change.PublishVersions());
  RETURN_IF_ERROR(change.MoveLabels());
  if (!change.alters_nothing()) RETURN_IF_ERROR(change.WriteCommit());
  return change.Finish();
}

void Publisher::Commit(const std::shared_ptr<Line>& line, Job job, BuiltChange built,
                       std::string response) {
  auto flight = std::make_shared<Flight>();
  flight->update = std::move(built.update);
  flight->request_id = job.request.request_id;
  flight->request_digest = job.request.request_digest;
  flight->response = response;
  flight->replies.push_back(std::move(job.reply));
  {
    std::lock_guard lock(line->mu);
    line->flights.push_back(flight);
    if (!flight->request_id.empty()) line->by_request_id[flight->request_id] = flight;
  }
  CountFlights(+1);

  ChangeTransaction transaction = std::move(built.transaction);
  transaction.objects.reserve(built.objects.size());
  for (const SharedObject& object : built.objects) transaction.objects.push_back(*object);
  transaction.request_id = flight->request_id;
  transaction.request = {flight->request_digest, std::move(response)};
  store_->Commit(std::move(transaction),
                 [this, line, flight](const absl::Status& status) { Land(line, flight, status); });
}

// Answers a request whose id was used before. False when the id is new.
bool Publisher::Repeat(Line& line, Job& job) {
  const ChangeRequest& request = job.request;
  // Who only asks what would happen uses no id up, and gets no old answer.
  if (request.request_id.empty() || request.validate_only) return false;
  absl::StatusOr<std::optional<RequestRow>> row = std::nullopt;
  {
    std::lock_guard lock(line.mu);
    const auto flying = line.by_request_id.find(request.request_id);
    if (flying != line.by_request_id.end()) {
      Flight& flight = *flying->second;
      if (flight.request_digest == request.request_digest) {
        flight.replies.push_back(std::move(job.reply));
        return true;
      }
      row = RequestRow{flight.request_digest, ""};
    }
  }
  if (!row->has_value()) row = store_->GetRequest(line.repository, request.request_id);
  if (!row.ok()) {
    job.reply(row.status());
    return true;
  }
  if (!row->has_value()) return false;
  if ((*row)->request_digest == request.request_digest) {
    job.reply(std::move((*row)->response));
  } else {
    job.reply(
        InvalidArgument("REQUEST_ID_REUSED",
                        fmt::format("request_id {} was used for another request; choose a new one",
                                    Quoted(request.request_id))));
  }
  return true;
}

absl::Status Publisher::OpenWorkspace(Line& line, const Turn& turn) {
  if (!turn.broken && line.workspace != nullptr) {
    line.workspace->Land(turn.landed);
    return absl::OkStatus();
  }
  line.workspace = nullptr;
  auto workspace = Workspace::Load(store_, &cache_, line.repository);
  RETURN_IF_ERROR(workspace.status());
  ASSIGN_OR_RETURN(const int64_t served, catalog_->Sequence(line.repository));
  if (turn.broken || workspace.value()->sequence() != served) {
    // Somebody else writes to this store: what is served is behind, too.
    RETURN_IF_ERROR(catalog_->Reload(store_, line.repository));
    ASSIGN_OR_RETURN(const int64_t sequence, catalog_->Sequence(line.repository));
    feed_->Notify(line.repository, sequence);
  }
  line.workspace = *std::move(workspace);
  return absl::OkStatus();
}

// The answer may rely on changes that are not durable yet: it waits for them.
void Publisher::AnswerWithoutChange(Line& line, Job job, std::string response) {
  {
    std::lock_guard lock(line.mu);
    if (!line.flights.empty()) {
      line.flights.back()->relying.emplace_back(std::move(job.reply), std::move(response));
      return;
    }
  }
  job.reply(std::move(response));
}

void Publisher::CountFlights(int count) {
  std::lock_guard lock(mu_);
  flight_count_ += count;
  if (flight_count_ == 0) landed_.notify_all();
}

void Publisher::Land(const std::shared_ptr<Line>& line, const std::shared_ptr<Flight>& flight,
                     const absl::Status& status) {
  const bool alters = !flight->update.head.is_zero();
  if (status.ok() && alters) catalog_->Apply(flight->update);
  if (status.ok() && flight->update.sequence != 0) {
    feed_->Notify(line->repository, flight->update.sequence);
  }
  absl::Status of_all;
  {
    std::lock_guard lock(line->mu);
    std::erase(line->flights, flight);
    line->by_request_id.erase(flight->request_id);
    if (!status.ok()) line->since.broken = true;
    if (alters) ++line->since.landed;
    if (line->since.broken) {
      of_all = Aborted("LOST_RACE", "a change before this one was not made; try again");
    }
    if (CanRun(*line)) Schedule(line);
  }
  // Nobody else finds the flight any more.
  for (BytesReply& reply : flight->replies) {
    reply(status.ok() ? absl::StatusOr<std::string>(flight->response) : status);
  }
  for (auto& [reply, response] : flight->relying) {
    reply(of_all.ok() ? absl::StatusOr<std::string>(std::move(response)) : of_all);
  }
  flight->replies.clear();
  flight->relying.clear();
  CountFlights(-1);
}

void Publisher::CreateRepository(const std::string& name,
                                 std::function<void(absl::StatusOr<v1::Repository>)> reply) {
  v1::Repository repository;
  repository.set_name(name);
  const absl::Time now = clock_->Now();
  *repository.mutable_create_time() = ToProto(now);
  CountFlights(+1);
  store_->CreateRepository(
      name, now, [this, repository, reply = std::move(reply)](const absl::Status& status) {
        if (status.ok()) catalog_->AddRepository(repository);
        reply(status.ok() ? absl::StatusOr<v1::Repository>(repository) : status);
        CountFlights(-1);
      });
}

}  // namespace colophon
