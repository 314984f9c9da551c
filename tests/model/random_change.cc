#include "tests/model/random_change.h"

#include <algorithm>

#include "fmt/format.h"

namespace colophon {
namespace {

const std::vector<std::string> kFolders = {"", "a/", "a/b/", "c/"};
// Only names that come later are included by a partial, most of the time, so
// that few changes are circles.
const std::vector<std::string> kPartials = {"intro", "tone", "rules", "deep/sign", "end"};
const std::vector<std::string> kSchemas = {"ticket", "order", "person"};
const std::vector<std::string> kTools = {"get_order", "refund"};
const std::vector<std::string> kLabels = {"production", "canary"};
constexpr uint64_t kPromptsAFolder = 3;

std::string PartialPath(const std::string& folder, const std::string& name) {
  const size_t slash = name.rfind('/');
  const std::string within = slash == name.npos ? "" : name.substr(0, slash + 1);
  return fmt::format("{}{}_{}.prompt", folder, within, name.substr(within.size()));
}

std::vector<std::string> PathsEndingWith(const ModelTree& tree, const std::string& ending,
                                         bool prompts) {
  std::vector<std::string> paths;
  for (const auto& [path, file] : tree) {
    if (path.ends_with(ending) && PromptOfModelPath(path).empty() != prompts) {
      paths.push_back(path);
    }
  }
  return paths;
}

}  // namespace

std::vector<std::string> RandomChanges::Some(const std::vector<std::string>& names,
                                             uint64_t at_most) {
  std::vector<std::string> some = names;
  std::shuffle(some.begin(), some.end(), random_);
  some.resize(std::min<size_t>(some.size(), Below(at_most + 1)));
  return some;
}

ModelFile RandomChanges::NewPrompt() {
  ModelFile file;
  file.partials = Some(kPartials, 2);
  file.tools = Some(kTools, 2);
  std::string front = "model: echo/echo\n";
  if (Below(2) == 0) {
    file.schemas.push_back(One(kSchemas));
    front += fmt::format("input:\n  schema: {}\n", file.schemas.back());
  }
  if (Below(2) == 0) {
    // A name in Picoschema counts as well.
    file.schemas.push_back(One(kSchemas));
    front += fmt::format("output:\n  schema:\n    found: {}\n", file.schemas.back());
  }
  if (!file.tools.empty()) {
    front += "tools:\n";
    for (const std::string& tool : file.tools) front += "  - " + tool + "\n";
  }
  file.content = "---\n" + front + "---\n" + Words();
  for (const std::string& partial : file.partials) file.content += "{{> " + partial + "}}\n";
  return file;
}

ModelFile RandomChanges::NewPartial(const std::string& name) {
  ModelFile file;
  file.content = Words();
  const auto own = std::find(kPartials.begin(), kPartials.end(), name);
  // One in twelve includes anything, itself even: a circle, as like as not.
  const std::vector<std::string> later(Below(12) == 0 ? kPartials.begin() : own + 1,
                                       kPartials.end());
  file.partials = Some(later, 1);
  for (const std::string& partial : file.partials) file.content += "{{> " + partial + "}}\n";
  return file;
}

ModelFile RandomChanges::NewSchema() {
  ModelFile file;
  file.content = fmt::format("{{\"type\":\"object\",\"description\":\"{}\"}}", ++count_);
  return file;
}

ModelFile RandomChanges::NewTool() {
  ModelFile file;
  std::string schema = "{}";
  if (Below(2) == 0) {
    file.schemas.push_back(One(kSchemas));
    schema = fmt::format("{{\"what\":\"{}\"}}", file.schemas.back());
  }
  file.content = fmt::format("{{\"description\":\"{}\",\"inputSchema\":{}}}", ++count_, schema);
  return file;
}

RandomChange RandomChanges::First() {
  RandomChange change;
  change.description = "begin";
  for (const std::string& name : kPartials) {
    change.edits[PartialPath("", name)] = ModelFile{.content = Words()};
  }
  change.edits["ticket.schema.json"] = NewSchema();
  change.edits["tools/get_order.tool.json"] = NewTool();
  for (const std::string& folder : kFolders) {
    for (uint64_t i = 0; i < kPromptsAFolder - 1; ++i) {
      change.edits[fmt::format("{}p{}.prompt", folder, i)] = NewPrompt();
    }
  }
  return change;
}

RandomChange RandomChanges::Next(const RepositoryModel& model) {
  RandomChange change;
  const uint64_t steps = Below(4) == 0 ? 2 + Below(3) : 1;
  for (uint64_t i = 0; i < steps; ++i) {
    const uint64_t dice = Below(100);
    if (dice < 22) {
      EditPrompt(model, &change);
    } else if (dice < 30) {
      ArchivePrompt(model, &change);
    } else if (dice < 52) {
      WritePartial(&change);
    } else if (dice < 58) {
      DeleteFile(model, &change);
    } else if (dice < 66) {
      RenamePartial(model, &change);
    } else if (dice < 77) {
      WriteSchema(&change);
    } else if (dice < 86) {
      WriteTool(&change);
    } else if (dice < 90) {
      WriteTheSame(model, &change);
    } else {
      MoveLabel(model, &change);
    }
  }
  return change;
}

// A new one, an old one that is edited, or an archived one that comes back.
void RandomChanges::EditPrompt(const RepositoryModel& model, RandomChange* change) {
  const std::string path = fmt::format("{}p{}.prompt", One(kFolders), Below(kPromptsAFolder));
  const auto archived = archived_.find(path);
  // What comes back may be what it was when it went, word for word.
  const bool as_it_was =
      archived != archived_.end() && !model.tree().contains(path) && Below(2) == 0;
  change->edits[path] = as_it_was ? archived->second : NewPrompt();
  change->description += "write " + path + "; ";
}

// With its labels, or without: then the labels refuse it.
void RandomChanges::ArchivePrompt(const RepositoryModel& model, RandomChange* change) {
  const std::vector<std::string> paths = PathsEndingWith(model.tree(), ".prompt", true);
  if (paths.empty()) return;
  const std::string& path = One(paths);
  const std::string prompt = PromptOfModelPath(path);
  archived_[path] = model.tree().at(path);
  change->edits[path] = std::nullopt;
  const bool with_labels = Below(4) != 0;
  std::erase_if(change->label_moves,
                [&](const auto& move) { return move.first.starts_with(prompt + "@"); });
  for (const auto& [label, number] : model.prompts().at(prompt).labels) {
    if (with_labels) change->label_moves[prompt + "@" + label] = 0;
  }
  change->description += "archive " + path + "; ";
}

// A new one, one that shadows another, or one that is edited.
void RandomChanges::WritePartial(RandomChange* change) {
  const std::string& name = One(kPartials);
  const std::string path = PartialPath(One(kFolders), name);
  change->edits[path] = NewPartial(name);
  change->description += "write " + path + "; ";
}

// A partial, which may be missed, a schema or a tool.
void RandomChanges::DeleteFile(const RepositoryModel& model, RandomChange* change) {
  const std::vector<std::string> paths = PathsEndingWith(model.tree(), "", false);
  if (paths.empty()) return;
  const std::string& path = One(paths);
  change->edits[path] = std::nullopt;
  change->description += "delete " + path + "; ";
}

// To another folder or another name. Whoever includes it isn't told.
void RandomChanges::RenamePartial(const RepositoryModel& model, RandomChange* change) {
  const std::vector<std::string> paths = PathsEndingWith(model.tree(), ".prompt", false);
  if (paths.empty()) return;
  const std::string& from = One(paths);
  const std::string to = PartialPath(One(kFolders), One(kPartials));
  if (from == to) return;
  change->edits[to] = model.tree().at(from);
  change->edits[from] = std::nullopt;
  change->description += fmt::format("rename {} to {}; ", from, to);
}

void RandomChanges::WriteSchema(RandomChange* change) {
  const std::string path = fmt::format("{}{}.schema.json", One(kFolders), One(kSchemas));
  change->edits[path] = NewSchema();
  change->description += "write " + path + "; ";
}

void RandomChanges::WriteTool(RandomChange* change) {
  const std::string path =
      fmt::format("{}{}{}.tool.json", One(kFolders), Below(2) == 0 ? "tools/" : "", One(kTools));
  change->edits[path] = NewTool();
  change->description += "write " + path + "; ";
}

void RandomChanges::WriteTheSame(const RepositoryModel& model, RandomChange* change) {
  auto file = model.tree().begin();
  std::advance(file, static_cast<int64_t>(Below(model.tree().size())));
  change->edits[file->first] = file->second;
  change->description += "write the same " + file->first + "; ";
}

void RandomChanges::MoveLabel(const RepositoryModel& model, RandomChange* change) {
  auto prompt = model.prompts().begin();
  std::advance(prompt, static_cast<int64_t>(Below(model.prompts().size())));
  const bool stays = !prompt->second.archived && !change->edits.contains(prompt->first + ".prompt");
  if (!stays) return;
  const std::string label = prompt->first + "@" + One(kLabels);
  const bool is_there = prompt->second.labels.contains(label.substr(label.find('@') + 1));
  const auto number = is_there && Below(4) == 0
                          ? 0
                          : 1 + static_cast<uint32_t>(Below(prompt->second.versions.size()));
  change->label_moves[label] = number;
  change->description += fmt::format("label {} v{}; ", label, number);
}

}  // namespace colophon
