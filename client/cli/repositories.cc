// info, verify-store, backup

#include <memory>

#include "client/cli/commands.h"
#include "client/cli/progress.h"
#include "client/cli/text.h"
#include "fmt/format.h"

namespace colophon {
namespace {

// "812 bytes", "27.3 MiB"
std::string FormatSize(int64_t bytes) {
  if (bytes < 1024) return Count(bytes, "byte", "bytes");
  auto value = static_cast<double>(bytes) / 1024;
  std::string_view unit = "KiB";
  for (const std::string_view larger : {"MiB", "GiB", "TiB"}) {
    if (value < 1024) break;
    value /= 1024;
    unit = larger;
  }
  return fmt::format("{:.1f} {}", value, unit);
}

absl::Status Info(const Session& session) {
  const Client client = session.NewClient();
  ASSIGN_OR_RETURN(const auto info, client.GetServerInfo({}));
  const Output& out = session.output();
  if (out.json()) {
    out.Json(info);
    return absl::OkStatus();
  }
  std::string providers;
  for (const std::string& provider : info.providers()) {
    providers += (providers.empty() ? "" : " ") + provider;
  }
  out.Field("server", client.options().address);
  out.Field("version", info.version());
  out.Field("since", out.Time(info.start_time()));
  out.Field("store", info.store());
  out.Field("providers", providers);
  out.Field("repositories", std::to_string(info.repository_count()));
  out.Field("records", info.has_record_count()
                           ? std::to_string(info.record_count())
                           : "not known: a row that counts them is damaged; see verify-store");
  out.Field("store size", FormatSize(info.store_bytes()));
  out.Field("disk free", FormatSize(info.disk_free_bytes()));
  out.Field("running", std::to_string(info.open_completion_count()));
  out.Field("watchers", std::to_string(info.watcher_count()));
  out.Field("memory", FormatSize(info.resident_bytes()));
  return absl::OkStatus();
}

absl::Status VerifyStore(const Session& session) {
  const Output& out = session.output();
  absl::StatusOr<v1::VerifyStoreResponse> response;
  {
    const Progress progress(out, "verifying the store");
    response = session.NewClient().VerifyStore({});
  }
  RETURN_IF_ERROR(response.status());
  if (out.json()) {
    out.Json(*response);
  } else {
    for (const v1::StoreProblem& problem : response->problems()) {
      out.Line(out.Styled(Style::kRed, problem.repository().empty()
                                           ? "problem: "
                                           : "problem in " + problem.repository() + ": ") +
               out.Safe(problem.message()));
    }
    out.Field("objects", std::to_string(response->object_count()));
    out.Field("changes", std::to_string(response->change_count()));
    out.Field("versions", std::to_string(response->version_count()));
    out.Field("records", std::to_string(response->record_count()));
    out.Field("running", std::to_string(response->open_record_count()));
  }
  if (!response->problems().empty()) {
    return DataLoss("STORE_DAMAGED",
                    fmt::format("the store has {}; restore a backup or ask for help before "
                                "writing more",
                                Count(response->problems_size(), "problem", "problems")));
  }
  if (!out.json()) out.Line(out.Styled(Style::kGreen, "the store is whole"));
  return absl::OkStatus();
}

absl::Status Backup(const Session& session, const std::string& name) {
  const Output& out = session.output();
  v1::CreateBackupRequest request;
  request.set_backup(name);
  absl::StatusOr<v1::CreateBackupResponse> response;
  {
    const Progress progress(out, "writing the backup");
    response = session.NewClient().CreateBackup(request);
  }
  RETURN_IF_ERROR(response.status());
  if (out.json()) {
    out.Json(*response);
    return absl::OkStatus();
  }
  out.Field("directory", response->directory());
  out.Field("bytes", std::to_string(response->size_bytes()));
  return absl::OkStatus();
}

}  // namespace

void AddRepositoryCommands(CLI::App* app, Session* session) {
  session->AddCommand(app, "info", "What the server is and does", [=] { return Info(*session); });
  session->AddCommand(app, "verify-store", "Check every hash and cross-reference of the store",
                      [=] { return VerifyStore(*session); });

  auto backup = std::make_shared<std::string>();
  session
      ->AddCommand(app, "backup", "Write a copy of the store, on the server's machine",
                   [=] { return Backup(*session, *backup); })
      ->add_option("NAME", *backup, "Its name; the time when not given");
}

}  // namespace colophon
