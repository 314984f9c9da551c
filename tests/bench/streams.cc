// Streams open at once through one server: each ends with its own text and
// leaves its record. How much memory an open stream costs.

#include <sys/resource.h>

#include <set>

#include "colophon/v1/admin.pb.h"
#include "colophon/v1/record.pb.h"
#include "fmt/format.h"
#include "tests/bench/http_load.h"
#include "tests/bench/measures.h"
#include "tests/bench/processes.h"
#include "tests/bench/prompts.h"
#include "tests/bench/stream_load.h"

namespace colophon::bench {
namespace {

constexpr char kPrompt[] = "bench/stream";
constexpr absl::Duration kLimit = absl::Minutes(4);

// A stream is one file here and two in each of the programs between.
absl::Status RaiseFileLimit(int streams) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const auto needed = static_cast<rlim_t>(streams) + 256;
  if (limit.rlim_max >= needed) return absl::OkStatus();
  return FailedPrecondition("FILE_LIMIT",
                            fmt::format("{} streams need {} open files a process, and {} are "
                                        "allowed: raise the hard limit (ulimit -Hn)",
                                        streams, needed, limit.rlim_max));
}

template <class Response, class Request>
absl::StatusOr<Response> Call(const std::string& address, const std::string& method,
                              const Request& request) {
  ASSIGN_OR_RETURN(const std::string answer,
                   CallOnce({address, method, request.SerializeAsString(), 0}));
  Response response;
  if (!response.ParseFromString(answer)) return Internal(method + " answered no message");
  return response;
}

// OK when every stream has its own record with RECORD_STATUS_OK, and there is no other.
absl::Status CheckRecords(const std::string& address, const std::vector<std::string>& ids,
                          int other_records) {
  std::set<std::string> missing(ids.begin(), ids.end());
  if (missing.size() != ids.size()) return Internal("two streams have the same record");
  v1::ListRecordsRequest request;
  request.set_name(fmt::format("{}/{}", kRepository, kPrompt));
  request.set_filter("status = ok");
  request.set_page_size(500);
  size_t listed = 0;
  const size_t expected = ids.size() + static_cast<size_t>(other_records);
  do {
    ASSIGN_OR_RETURN(
        const auto page,
        Call<v1::ListRecordsResponse>(address, "/colophon.v1.RecordService/ListRecords", request));
    for (const v1::Record& record : page.records()) missing.erase(record.id());
    listed += static_cast<size_t>(page.records_size());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && listed <= expected);
  if (!missing.empty() || listed != expected) {
    return Internal(fmt::format("{} records are OK instead of {}; {} streams have none", listed,
                                expected, missing.size()));
  }
  return absl::OkStatus();
}

// Opens streams that stay open, and lets them end.
class Streams {
 public:
  absl::Status Start(const std::string& folder, int count) {
    ASSIGN_OR_RETURN(upstream_, StartUpstream(folder + "/upstream", kCallTextBytes));
    ASSIGN_OR_RETURN(
        colophond_,
        StartColophond(
            folder + "/colophond",
            ProviderConfig(upstream_.port) +
                // All streams are of one caller, who may have half, and on one connection.
                fmt::format("max_open_completions: {}\n"
                            "max_streams_per_connection: {}\n",
                            2 * (count + 16), count + 16)));
    return PublishPrompt(address(), kPrompt, PromptOfText("bench/stream"));
  }

  std::unique_ptr<StreamLoad> Open(int count) const {
    return std::make_unique<StreamLoad>(
        address(), fmt::format("{}/{}@production", kRepository, kPrompt), count);
  }

  // OK when so many are open everywhere.
  absl::Status CheckOpen(int count) const {
    ASSIGN_OR_RETURN(const std::string held, PostOnce({upstream_.port, "/held", ""}));
    ASSIGN_OR_RETURN(const auto info, Call<v1::GetServerInfoResponse>(
                                          address(), "/colophon.v1.AdminService/GetServerInfo",
                                          v1::GetServerInfoRequest()));
    if (held == fmt::format("{}", count) && info.open_completion_count() == count) {
      return absl::OkStatus();
    }
    return Internal(
        fmt::format("{} streams are open at the upstream and {} at the server instead "
                    "of {}",
                    held, info.open_completion_count(), count));
  }

  absl::Status Release() const { return PostOnce({upstream_.port, "/release", ""}).status(); }

  std::string address() const { return colophond_.address(); }
  const Child& server() const { return *colophond_.child; }

 private:
  Process upstream_;
  Process colophond_;
};

}  // namespace

absl::Status MeasureStreams(const Options& options, Table* table) {
  RETURN_IF_ERROR(RaiseFileLimit(options.streams));
  Streams streams;
  RETURN_IF_ERROR(streams.Start(options.folder + "/streams", options.streams));
  const int64_t before = streams.server().resident_bytes();

  const absl::Time start = absl::Now();
  const std::unique_ptr<StreamLoad> load = streams.Open(options.streams);
  RETURN_IF_ERROR(load->WaitForFirstPieces(kLimit));
  const absl::Duration opening = absl::Now() - start;
  RETURN_IF_ERROR(streams.CheckOpen(options.streams));
  const int64_t open = streams.server().resident_bytes();

  const absl::Time released = absl::Now();
  RETURN_IF_ERROR(streams.Release());
  RETURN_IF_ERROR(load->WaitForEnds(kLimit));
  const absl::Duration ending = absl::Now() - released;
  RETURN_IF_ERROR(CheckRecords(streams.address(), load->record_ids(), 0));

  constexpr double kMiB = 1 << 20;
  const std::string what = fmt::format("{} streams open at once", options.streams);
  table->Add({"streams",
              what + ", memory before",
              "",
              "MiB",
              {static_cast<double>(before) / kMiB},
              {},
              {}});
  table->Add({"streams",
              what + ", memory with all open",
              "",
              "MiB",
              {static_cast<double>(open) / kMiB},
              {},
              {}});
  table->Add({"streams",
              what + ", memory a stream",
              "",
              "KiB",
              {static_cast<double>(open - before) / 1024 / options.streams},
              {},
              Goal::AtMost(32)});
  table->Note(
      "streams",
      fmt::format("all {} were open at once, ended with their own text and have "
                  "their own record with RECORD_STATUS_OK; opening them took {:.1f} s, "
                  "ending them {:.1f} s; the server held {:.0f} MiB at most",
                  options.streams, absl::ToDoubleSeconds(opening), absl::ToDoubleSeconds(ending),
                  static_cast<double>(streams.server().peak_resident_bytes()) / kMiB));
  return absl::OkStatus();
}

}  // namespace colophon::bench
