// import
//
// With --json it prints one object:
//
//   {"store": "Langfuse", "repository": "acme", "folder": "", "dryRun": false,
//    "prompts": [{"name": "Support Triage", "prompt": "support-triage",
//                 "versions": [{"source": "5", "version": 3, "published": true}],
//                 "labels": [{"label": "production", "version": 3, "moved": true}]}],
//    "files": ["support-triage.prompt"],
//    "notCarriedOver": [{"prompt": "Support Triage", "version": "5", "field": "tags",
//                        "reason": "…"}],
//    "failures": [{"prompt": "Other", "version": "", "reason": "…"}]}
//
// `version` is the number in the repository, 0 where nothing is published;
// `published` and `moved` are false for what was so already.

#include <algorithm>
#include <filesystem>
#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/commands.h"
#include "client/cli/import/importers.h"
#include "client/cli/import_files.h"
#include "client/cli/import_publish.h"
#include "client/cli/progress.h"
#include "client/cli/text.h"
#include "client/cli/working_folder.h"
#include "fmt/format.h"
#include "service/base/json.h"

namespace colophon {
namespace {

struct ImportCommand {
  std::vector<std::string> paths;
  std::string store;
  std::string folder;
  std::string repository;
  std::string label;
  std::string author;
  std::vector<std::string> renames;
  std::string variables = "none";
  ImportOptions options;
  bool dry_run = false;
  bool force = false;
};

absl::Status CheckCommand(const ImportCommand& command) {
  const bool has_target = !command.folder.empty() || !command.repository.empty();
  if (!has_target && !command.dry_run) {
    return InvalidArgument("BAD_USAGE",
                           "say where to: --to DIR for files, -r REPO to publish, or --dry-run");
  }
  if (!command.folder.empty() && !command.repository.empty()) {
    return InvalidArgument("BAD_USAGE", "--to and -r don't go together: run it twice");
  }
  if (!command.label.empty() && command.folder.empty()) {
    return InvalidArgument("BAD_USAGE",
                           "--label chooses the version to write, so it goes with --to only");
  }
  return absl::OkStatus();
}

absl::StatusOr<ImportOptions> OptionsOf(const ImportCommand& command) {
  ImportOptions options = command.options;
  for (const std::string& text : command.renames) {
    ASSIGN_OR_RETURN(const auto pair, ParsePair(text, "--rename"));
    options.renames[pair.first] = pair.second;
  }
  options.variables = command.variables == "double"   ? VariableStyle::kDouble
                      : command.variables == "single" ? VariableStyle::kSingle
                                                      : VariableStyle::kNone;
  return options;
}

absl::StatusOr<ImportResult> Convert(const ImportCommand& command) {
  ASSIGN_OR_RETURN(const std::vector<LocalFile> files,
                   ReadImportFiles(command.paths, command.store));
  ASSIGN_OR_RETURN(const ImportOptions options, OptionsOf(command));
  std::string store = command.store;
  if (store.empty()) {
    ASSIGN_OR_RETURN(store, GuessStore(files));
  }
  if (store == "langfuse") return ImportLangfuse(files, options);
  if (store == "openai") return ImportOpenAi(files, options);
  if (store == "prompty") return ImportPrompty(files, options);
  return ImportText(files, options);
}

// What files can't hold: older versions, and which version a label is on.
void TellOfOthers(const ImportedPrompt& prompt, const ImportedVersion& kept, ImportResult* import) {
  constexpr char kHow[] = "import with -r to keep them all";
  std::string labels;
  for (const ImportedVersion& version : prompt.versions) {
    for (const std::string& label : version.labels) {
      labels +=
          fmt::format("{}{} on version {}", labels.empty() ? "" : ", ", label, version.source);
    }
  }
  if (!labels.empty()) {
    import->not_carried.push_back({prompt.source, "", "labels", labels + ": " + kHow});
  }
  if (prompt.versions.size() > 1) {
    import->not_carried.push_back({prompt.source, "", "versions",
                                   fmt::format("one version of {} is written, {}: {}",
                                               prompt.versions.size(), kept.source, kHow)});
  }
}

// Keeps one version of each prompt: the one with the label, or the newest.
void ChooseVersions(const std::string& label, ImportResult* import) {
  std::vector<ImportedPrompt> chosen;
  for (ImportedPrompt& prompt : import->prompts) {
    auto version = std::find_if(
        prompt.versions.begin(), prompt.versions.end(), [&](const ImportedVersion& candidate) {
          return std::find(candidate.labels.begin(), candidate.labels.end(), label) !=
                 candidate.labels.end();
        });
    if (label.empty()) version = prompt.versions.end() - 1;
    if (version == prompt.versions.end()) {
      import->failures.push_back(
          {prompt.source, "",
           fmt::format("it has no version with the label \"{}\": choose another --label, or none "
                       "for the newest",
                       label)});
      continue;
    }
    TellOfOthers(prompt, *version, import);
    ImportedVersion kept = std::move(*version);
    prompt.versions.clear();
    prompt.versions.push_back(std::move(kept));
    chosen.push_back(std::move(prompt));
  }
  import->prompts = std::move(chosen);
}

// Each path once: prompts may share partials.
std::vector<LocalFile> FilesOf(const ImportResult& import) {
  std::vector<LocalFile> files;
  for (const ImportedPrompt& prompt : import.prompts) {
    for (const ImportedVersion& version : prompt.versions) {
      files.insert(files.end(), version.files.begin(), version.files.end());
    }
  }
  std::stable_sort(files.begin(), files.end(),
                   [](const LocalFile& a, const LocalFile& b) { return a.path < b.path; });
  files.erase(std::unique(files.begin(), files.end(),
                          [](const LocalFile& a, const LocalFile& b) { return a.path == b.path; }),
              files.end());
  return files;
}

const ImportedPrompt* FindPrompt(const ImportResult& import, const std::string& path) {
  for (const ImportedPrompt& prompt : import.prompts) {
    if (prompt.path == path) return &prompt;
  }
  return nullptr;
}

// "Support Triage version 3"
std::string SourceName(const std::string& prompt, const std::string& version) {
  return version.empty() ? prompt : fmt::format("{} version {}", prompt, version);
}

void PrintPlacement(const Output& out, const ImportCommand& command, const ImportResult& import,
                    const Placement& placement) {
  for (const PlacedVersion& placed : placement.versions) {
    const ImportedPrompt* prompt = FindPrompt(import, placed.prompt);
    const std::string name =
        fmt::format("{}/{}@v{}", command.repository, placed.prompt, placed.version);
    const std::string source =
        SourceName(prompt == nullptr ? placed.prompt : prompt->source, placed.source);
    const std::string state = !placed.published ? "has already"
                              : command.dry_run ? "would publish"
                                                : "published";
    out.Line(fmt::format("{} {}, from {}", state, out.Styled(Style::kBold, out.Safe(name)),
                         out.Safe(source)));
  }
  for (const PlacedLabel& label : placement.labels) {
    if (!label.moved) continue;
    out.Line(fmt::format("{} {} {}: v{}", command.dry_run ? "would label" : "labelled",
                         out.Safe(command.repository + "/" + label.prompt), out.Safe(label.label),
                         label.version));
  }
}

void PrintFiles(const Output& out, const ImportCommand& command, const ImportResult& import) {
  for (const LocalFile& file : FilesOf(import)) {
    std::string source;
    for (const ImportedPrompt& prompt : import.prompts) {
      if (file.path == prompt.path + ".prompt") {
        source = ", from " + SourceName(prompt.source, prompt.versions[0].source);
      }
    }
    const std::string path = command.folder.empty() ? file.path : command.folder + "/" + file.path;
    out.Line(fmt::format("{} {}{}", command.dry_run ? "would write" : "wrote",
                         out.Styled(Style::kBold, out.Safe(path)), out.Safe(source)));
  }
}

void PrintReport(const Output& out, const ImportResult& import, size_t labels) {
  for (const NotCarried& what : import.not_carried) {
    out.Line(out.Safe(fmt::format("not carried over: {}: {}: {}",
                                  SourceName(what.prompt, what.version), what.field, what.reason)));
  }
  for (const ImportFailure& failure : import.failures) {
    out.Line(out.Safe(fmt::format("not imported: {}: {}",
                                  SourceName(failure.prompt, failure.version), failure.reason)));
  }
  size_t versions = 0;
  for (const ImportedPrompt& prompt : import.prompts) versions += prompt.versions.size();
  const auto count = [](size_t number, const char* one, const char* many) {
    return Count(static_cast<int64_t>(number), one, many);
  };
  out.Line(fmt::format("{}, {}, {}; {} not carried over",
                       count(import.prompts.size(), "prompt", "prompts"),
                       count(versions, "version", "versions"), count(labels, "label", "labels"),
                       count(import.not_carried.size(), "thing", "things")));
}

json::object JsonOf(const ImportedPrompt& prompt, const Placement& placement) {
  json::array versions;
  for (const ImportedVersion& version : prompt.versions) {
    json::object entry{{"source", version.source}, {"version", 0}, {"published", false}};
    for (const PlacedVersion& placed : placement.versions) {
      if (placed.prompt != prompt.path || placed.source != version.source) continue;
      entry["version"] = placed.version;
      entry["published"] = placed.published;
    }
    versions.push_back(std::move(entry));
  }
  json::array labels;
  for (const PlacedLabel& label : placement.labels) {
    if (label.prompt != prompt.path) continue;
    labels.push_back({{"label", label.label}, {"version", label.version}, {"moved", label.moved}});
  }
  return {{"name", prompt.source},
          {"prompt", prompt.path},
          {"versions", std::move(versions)},
          {"labels", std::move(labels)}};
}

void PrintJson(const Output& out, const ImportCommand& command, const ImportResult& import,
               const Placement& placement) {
  json::array prompts;
  for (const ImportedPrompt& prompt : import.prompts) prompts.push_back(JsonOf(prompt, placement));
  json::array files;
  if (command.repository.empty()) {
    for (const LocalFile& file : FilesOf(import)) files.push_back(json::string(file.path));
  }
  json::array not_carried;
  for (const NotCarried& what : import.not_carried) {
    not_carried.push_back({{"prompt", what.prompt},
                           {"version", what.version},
                           {"field", what.field},
                           {"reason", what.reason}});
  }
  json::array failures;
  for (const ImportFailure& failure : import.failures) {
    failures.push_back(
        {{"prompt", failure.prompt}, {"version", failure.version}, {"reason", failure.reason}});
  }
  out.Line(WriteJson(json::object{{"store", import.store},
                                  {"repository", command.repository},
                                  {"folder", command.folder},
                                  {"dryRun", command.dry_run},
                                  {"prompts", std::move(prompts)},
                                  {"files", std::move(files)},
                                  {"notCarriedOver", std::move(not_carried)},
                                  {"failures", std::move(failures)}}));
}

absl::Status PublishAll(const Session& session, const ImportCommand& command,
                        const ImportResult& import, Placement* placement) {
  const Client client = session.NewClient();
  if (command.dry_run) return PlanImport(client, command.repository, import, placement);
  const Progress progress(session.output(), fmt::format("publishing to {}", command.repository));
  return PublishImport(client, command.repository, command.author, import, placement);
}

absl::Status Import(const Session& session, ImportCommand command) {
  if (command.folder.empty() && command.repository.empty()) {
    ASSIGN_OR_RETURN(const auto folder, FindWorkingFolder(std::filesystem::path(".")));
    if (folder) command.folder = folder->root.string();
  }
  command.author = session.Author(command.author);
  RETURN_IF_ERROR(CheckCommand(command));
  ASSIGN_OR_RETURN(ImportResult import, Convert(command));
  Placement placement;
  absl::Status status;
  if (!command.repository.empty()) {
    status = PublishAll(session, command, import, &placement);
  } else {
    ChooseVersions(command.label, &import);
    if (!command.dry_run) {
      RETURN_IF_ERROR(WriteTree(command.folder, FilesOf(import), command.force));
    }
  }
  const Output& out = session.output();
  if (out.json()) {
    PrintJson(out, command, import, placement);
  } else {
    if (command.repository.empty()) {
      PrintFiles(out, command, import);
    } else {
      PrintPlacement(out, command, import, placement);
    }
    PrintReport(out, import, placement.labels.size());
  }
  RETURN_IF_ERROR(status);
  if (import.failures.empty()) return absl::OkStatus();
  return Error(absl::StatusCode::kUnknown, "NOT_IMPORTED",
               fmt::format("{} not imported; the rest was",
                           Count(static_cast<int64_t>(import.failures.size()), "version or prompt",
                                 "versions or prompts")));
}

}  // namespace

void AddImportCommands(CLI::App* app, Session* session) {
  auto options = std::make_shared<ImportCommand>();
  CLI::App* command = session->AddCommand(
      app, "import", "Convert prompts of another store into files, or publish their history",
      [=] { return Import(*session, *options); });
  command->add_option("PATH", options->paths, "Exports, and folders of them")->required();
  command->add_option("--from", options->store, "langfuse, openai, prompty or text; else guessed")
      ->type_name("STORE")
      ->check(CLI::IsMember({"langfuse", "openai", "prompty", "text"}));
  command
      ->add_option("--to", options->folder,
                   "Write the newest version of each prompt here; else into the working folder")
      ->type_name("DIR");
  command->add_option("--label", options->label, "With --to: the version with this label instead")
      ->type_name("NAME");
  command->add_flag("--force", options->force, "With --to: replace files that differ");
  command
      ->add_option("-r,--repository", options->repository,
                   "Publish every version to it, a change each, and move the labels")
      ->type_name("REPO");
  command->add_option("--author", options->author, "\"Ada <ada@example.com>\"; else the caller")
      ->type_name("NAME");
  command->add_option("--prefix", options->options.prefix, "Folder to put the prompts in")
      ->type_name("DIR");
  command->add_option("--rename", options->renames, "Another name for one of the prompts")
      ->type_name("OLD=NEW")
      ->allow_extra_args(false);
  command
      ->add_option("--variables", options->variables,
                   "How text files mark variables: none, double for {{name}}, single for {name}")
      ->type_name("STYLE")
      ->check(CLI::IsMember({"none", "double", "single"}));
  command->add_flag("--dry-run", options->dry_run, "Say what would happen");
}

}  // namespace colophon
