#include "service/provider/http_provider.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "absl/strings/cord.h"
#include "fmt/format.h"
#include "service/provider/answer_filter.h"
#include "service/provider/event_stream.h"
#include "service/provider/http_call.h"
#include "service/provider/provider_error.h"
#include "service/provider/scrubber.h"

namespace colophon {

// What calls need of their provider, which may be gone before them.
struct HttpProvider::Shared {
  Shared(HttpProviderOptions options_in, std::unique_ptr<WireFormat> format_in)
      : options(std::move(options_in)), format(std::move(format_in)), scrubber(options.secrets) {}

  // The same error with a message that names the provider and holds no secret.
  absl::Status Show(const absl::Status& status, int64_t* removed_count) const {
    ErrorMetadata metadata = MetadataOf(status);
    metadata["provider"] = options.name;
    std::string message = fmt::format("provider \"{}\" {}", options.name, MessageOf(status));
    if (ReasonOf(status) == "PROVIDER_KEY_REJECTED") message += "; " + KeyAdvice();
    absl::Status shown = Error(status.code(), ReasonOf(status),
                               scrubber.Scrub(message, removed_count), std::move(metadata));
    const std::optional<absl::Duration> delay = RetryDelayOf(status);
    return delay ? WithRetryDelay(std::move(shown), *delay) : shown;
  }

  // What to do about a key that was refused, or missed.
  std::string KeyAdvice() const {
    if (options.key_source.empty()) {
      return "it is called without a key: name the environment variable that holds one in the "
             "provider's api_key_env, or a file in api_key_file";
    }
    return fmt::format("check the key in {}, and its account", options.key_source);
  }

  const HttpProviderOptions options;
  const std::unique_ptr<WireFormat> format;
  const Scrubber scrubber;
};

namespace {

// Of an error's body no more is read, nor kept.
constexpr size_t kMaxErrorBody = 64 << 10;

// As a segment of a path: all but RFC 3986's unreserved characters.
std::string PercentEncode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

// `more` follows the path.
std::string UrlOf(const HttpProviderOptions& options, std::string_view model,
                  std::string_view more) {
  constexpr std::string_view kModel = "{model}";
  std::string path = options.path;
  if (const size_t at = path.find(kModel); at != path.npos) {
    path.replace(at, kModel.size(), PercentEncode(model));
  }
  path += more;
  return options.base_url + path + (options.query.empty() ? "" : "?" + options.query);
}

bool IsTraceparent(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdef-") == text.npos;
}

HttpRequest HttpRequestOf(const HttpProviderOptions& options, ProviderRequest request,
                          std::string_view more_path) {
  HttpRequest http;
  http.url = UrlOf(options, request.model, more_path);
  http.headers = {"content-type: application/json",
                  request.stream ? "accept: text/event-stream" : "accept: application/json",
                  "user-agent: colophon"};
  for (const auto& [name, value] : options.headers) http.headers.push_back(name + ": " + value);
  if (!options.key.empty()) {
    http.headers.push_back(options.key_header + ": " + options.key_scheme + options.key);
  }
  if (IsTraceparent(request.traceparent)) {
    http.headers.push_back("traceparent: " + request.traceparent);
  }
  http.body = std::move(request.body);
  http.ca_file = options.ca_file;
  http.egress = options.egress;
  http.keep_connection = options.keep_connections;
  // A stream that its caller reads slowly is paused, and on a connection of
  // HTTP/2 it would hold up the others.
  http.allow_http2 = !request.stream;
  http.is_stream = request.stream;
  http.limits = options.limits;
  http.limits.total = std::min(http.limits.total, request.timeout);
  return http;
}

class HttpProviderCall : public ProviderCall {
 public:
  HttpProviderCall(std::shared_ptr<const HttpProvider::Shared> shared, Workers* workers,
                   std::unique_ptr<HttpCall> http, std::unique_ptr<AnswerParser> answer,
                   bool stream)
      : shared_(std::move(shared)),
        workers_(workers),
        http_(std::move(http)),
        answer_(std::move(answer)),
        filter_(&shared_->scrubber.patterns()),
        stream_(stream),
        raw_(shared_->options.keep_raw),
        events_(shared_->options.limits.max_body_bytes) {}

  Task<absl::StatusOr<std::optional<v1::Piece>>> Next() override;
  void Cancel() override;
  const v1::Completion& metadata() const override { return filter_.metadata(); }
  std::optional<int64_t> connection_request_count() const override {
    return http_->connection_request_count();
  }
  int64_t removed_secret_count() const override { return filter_.removed_count(); }
  std::vector<std::string> notes() const override;
  Task<std::optional<v1::RawAnswer>> RawAnswer(bool failed) override;

 private:
  // Each waits for the network once and takes what came.
  Task<void> ReadHead();
  Task<void> ReadError();
  Task<void> ReadEvents();
  Task<void> ReadWhole();

  // Takes what `parse` makes of so many bytes: here, or on a worker when they are
  // more than a loop should see.
  Task<absl::Status> Parse(size_t bytes, std::function<absl::Status()> parse);

  absl::Status CheckContent();
  absl::Status ReadEventsOf(const std::vector<ServerEvent>& events);
  Task<void> EndEvents();
  void End(const absl::Status& end);

  const std::shared_ptr<const HttpProvider::Shared> shared_;
  Workers* const workers_;
  const std::unique_ptr<HttpCall> http_;
  const std::unique_ptr<AnswerParser> answer_;
  AnswerFilter filter_;  // What is shown of it.
  bool stream_;
  std::optional<HttpHead> head_;
  RawAnswerBuilder raw_;
  EventStream events_;
  absl::Cord body_;  // A rope: a string would copy all of itself to grow.
  std::optional<absl::Status> end_;
  bool on_worker_ = false;  // answer_ and filter_ are a worker's.
};

Task<absl::StatusOr<std::optional<v1::Piece>>> HttpProviderCall::Next() {
  while (filter_.pieces().empty() && !end_) {
    if (!head_) {
      co_await ReadHead();
    } else if (head_->status / 100 != 2) {
      co_await ReadError();
    } else if (stream_) {
      co_await ReadEvents();
    } else {
      co_await ReadWhole();
    }
    if (!end_) filter_.Take(&answer_->pieces());
    filter_.TakeMetadata(answer_->metadata());
  }
  std::optional<v1::Piece> piece;
  if (!filter_.pieces().empty()) {
    piece = std::move(filter_.pieces().front());
    filter_.pieces().pop_front();
  } else if (!end_->ok()) {
    co_return *end_;
  }
  co_return piece;
}

std::vector<std::string> HttpProviderCall::notes() const {
  std::vector<std::string> notes;
  for (const std::string& note : answer_->notes()) {
    int64_t removed_count = 0;
    notes.push_back(shared_->scrubber.Scrub(note, &removed_count));
  }
  return notes;
}

Task<std::optional<v1::RawAnswer>> HttpProviderCall::RawAnswer(bool failed) {
  if (!raw_.IsKept(failed)) co_return std::nullopt;
  std::optional<v1::RawAnswer> raw;
  const auto build = [&] {
    raw = raw_.Build(shared_->scrubber);
    return absl::OkStatus();
  };
  if (raw_.size() > kLargeBytes && workers_ != nullptr) {
    (void)co_await RunOn(*workers_, shared_->options.name, build);
  }
  if (!raw) (void)build();  // It is little, or the workers are busy.
  co_return raw;
}

void HttpProviderCall::Cancel() {
  if (!on_worker_) filter_.pieces().clear();
  end_ = Error(absl::StatusCode::kCancelled, "CANCELLED", "the call was cancelled");
  http_->Cancel();
}

// What had arrived before an end counts, whatever the end.
void HttpProviderCall::End(const absl::Status& end) {
  if (end_) return;  // Cancelled meanwhile.
  answer_->Close();
  filter_.Take(&answer_->pieces());
  filter_.Finish();
  if (end.ok()) {
    end_ = end;
    http_->Finish();
  } else {
    int64_t removed_count = 0;
    end_ = shared_->Show(end, &removed_count);
    filter_.CountRemoved(removed_count);
    http_->Cancel();
  }
}

Task<void> HttpProviderCall::ReadHead() {
  absl::StatusOr<HttpHead> head = co_await http_->Head();
  if (!head.ok()) {
    End(head.status());
    co_return;
  }
  head_ = *std::move(head);
  raw_.SetHead(*head_);
  if (head_->status / 100 != 2) co_return;
  if (absl::Status status = CheckContent(); !status.ok()) End(status);
}

absl::Status HttpProviderCall::CheckContent() {
  std::string type = head_->Header("content-type");
  type = type.substr(0, type.find(';'));
  if (type.empty() || (stream_ && type == "text/event-stream")) return absl::OkStatus();
  if (type == "application/json") {
    stream_ = false;  // Some servers can't stream, or say so like this.
    return absl::OkStatus();
  }
  return Malformed(fmt::format(
      "answers with content-type \"{}\" instead of \"{}\"; check that base_url is the API's", type,
      stream_ ? "text/event-stream" : "application/json"));
}

// The status line has decided; the body is only for the message.
Task<void> HttpProviderCall::ReadError() {
  while (head_->status >= 400 && body_.size() < kMaxErrorBody && !end_) {
    absl::StatusOr<std::string> bytes = co_await http_->Read();
    if (!bytes.ok() || bytes->empty()) break;
    raw_.AddBody(*bytes);
    body_.Append(*std::move(bytes));
  }
  End(StatusOfAnswer(*head_, std::string(body_.Subcord(0, kMaxErrorBody))));
}

Task<void> HttpProviderCall::ReadEvents() {
  const absl::StatusOr<std::string> bytes = co_await http_->Read();
  if (end_) co_return;
  if (!bytes.ok()) co_return End(bytes.status());
  if (bytes->empty()) {
    co_await EndEvents();
    co_return;
  }
  raw_.AddBody(*bytes);
  std::vector<ServerEvent> events;
  const absl::Status fed = events_.Feed(*bytes, &events);
  size_t event_bytes = 0;
  for (const ServerEvent& event : events) event_bytes += event.data.size();
  const absl::Status read = co_await Parse(event_bytes, [&] { return ReadEventsOf(events); });
  if (end_) co_return;
  if (!read.ok()) {
    End(read);
  } else if (answer_->done()) {
    End(absl::OkStatus());
  } else if (!fed.ok()) {
    End(fed);
  }
}

absl::Status HttpProviderCall::ReadEventsOf(const std::vector<ServerEvent>& events) {
  for (const ServerEvent& event : events) {
    RETURN_IF_ERROR(answer_->ReadEvent(event));
    if (answer_->done()) break;
  }
  return absl::OkStatus();
}

Task<absl::Status> HttpProviderCall::Parse(size_t bytes, std::function<absl::Status()> parse) {
  const auto parse_and_filter = [&] {
    absl::Status parsed = parse();
    filter_.Take(&answer_->pieces());
    return parsed;
  };
  if (bytes <= kLargeBytes || workers_ == nullptr) co_return parse_and_filter();
  bool begun = false;
  on_worker_ = true;
  absl::Status parsed = co_await RunOn(*workers_, shared_->options.name, [&] {
    begun = true;
    return parse_and_filter();
  });
  on_worker_ = false;
  if (!begun) parsed = parse_and_filter();  // The workers are busy: what came isn't lost.
  if (end_) filter_.pieces().clear();       // Cancelled meanwhile.
  co_return parsed;
}

// The connection ended well. What it left open is an event when it is whole; what
// stands outside of any is a whole answer, or an error, of a server that doesn't stream.
Task<void> HttpProviderCall::EndEvents() {
  const std::optional<ServerEvent> last = events_.End();
  const std::string& stray = events_.stray();
  const absl::Status read =
      co_await Parse((last ? last->data.size() : 0) + stray.size(), [&]() -> absl::Status {
        if (last) RETURN_IF_ERROR(answer_->ReadLastEvent(*last));
        if (answer_->done()) return absl::OkStatus();
        if (absl::StatusOr<json::value> value = ParseJson(stray); value.ok()) {
          if (std::optional<ApiError> error = FindApiError(*value)) return StatusOfApiError(*error);
          if (!events_.has_events()) return answer_->ReadWhole(stray);
        }
        return answer_->ReadEnd();
      });
  End(read);
}

Task<void> HttpProviderCall::ReadWhole() {
  absl::StatusOr<std::string> bytes = co_await http_->Read();
  if (end_) co_return;
  if (!bytes.ok()) {
    End(bytes.status());
  } else if (!bytes->empty()) {
    raw_.AddBody(*bytes);
    body_.Append(*std::move(bytes));
  } else {
    const absl::Status read = co_await Parse(
        body_.size(), [this] { return answer_->ReadWhole(std::string(std::exchange(body_, {}))); });
    End(read);
  }
}

}  // namespace

HttpClients::HttpClients(Executor* executor, Workers* workers, int max_kept_connections)
    : workers_(workers) {
  const int max_of_loop = std::max(1, max_kept_connections / executor->loop_count());
  for (int i = 0; i < executor->loop_count(); ++i) {
    clients_.push_back(std::make_shared<HttpClient>(executor->loop(i), max_of_loop));
  }
}

HttpClients::~HttpClients() {
  for (const auto& client : clients_) client->Close();
}

HttpProvider::HttpProvider(HttpProviderOptions options, std::unique_ptr<WireFormat> format,
                           const HttpClients* clients)
    : shared_(std::make_shared<const Shared>(std::move(options), std::move(format))),
      clients_(clients) {}

HttpProvider::~HttpProvider() = default;

absl::StatusOr<std::string> HttpProvider::Encode(const v1::Rendered& rendered,
                                                 std::string_view model, bool stream) const {
  return shared_->format->Encode(rendered, model, stream);
}

absl::StatusOr<std::string> HttpProvider::EncodeCount(const v1::Rendered& rendered,
                                                      std::string_view model) const {
  const CountFormat* const count = shared_->format->count();
  if (count == nullptr) return Provider::EncodeCount(rendered, model);
  return count->Encode(rendered, model);
}

// REQUIRES: EncodeCount's body when the request is one that counts.
std::unique_ptr<ProviderCall> HttpProvider::Start(Loop& loop, ProviderRequest request) {
  const bool stream = request.stream;
  const WireFormat& format = *shared_->format;
  const CountFormat* const count = request.count ? format.count() : nullptr;
  HttpRequest http =
      HttpRequestOf(shared_->options, std::move(request), count == nullptr ? "" : count->path());
  return std::make_unique<HttpProviderCall>(
      shared_, clients_->workers(), clients_->Of(loop)->Start(std::move(http)),
      count == nullptr ? format.NewAnswer() : count->NewAnswer(), stream);
}

}  // namespace colophon
