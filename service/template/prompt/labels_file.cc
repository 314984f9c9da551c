#include "service/template/prompt/labels_file.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "fmt/format.h"
#include "service/base/reference.h"
#include "service/template/syntax/diagnostics.h"
#include "service/template/syntax/yaml.h"
#include "yaml-cpp/yaml.h"

namespace colophon::prompt {
namespace {

constexpr size_t kMaxFileBytes = 64 << 10;

// What YAML 1.1 would read as something else than text.
bool NeedsQuotes(std::string_view label) {
  if (label[0] < 'a' || label[0] > 'z') return true;
  static const std::set<std::string_view> kWords = {"y",  "n",   "yes",  "no",   "true",
                                                    "on", "off", "null", "false"};
  return kWords.count(label) > 0;
}

// "v12" → 12; 0 when it isn't a version.
uint32_t ParseVersion(std::string_view text) {
  uint32_t version = 0;
  if (text.size() < 2 || text[0] != 'v' || text[1] == '0') return 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + 1, end, version);
  return error == std::errc() && rest == end ? version : 0;
}

// Reads one file, gathering what is wrong with it.
class LabelsParser {
 public:
  LabelsParser(std::string_view path, std::vector<v1::Diagnostic>* diagnostics)
      : path_(path), diagnostics_(diagnostics) {}

  std::optional<LabelMap> Parse(std::string_view text) {
    if (text.size() > kMaxFileBytes) {
      Add(Position{},
          fmt::format("the file has {} bytes; at most {} are allowed", text.size(), kMaxFileBytes));
      return std::nullopt;
    }
    try {
      const auto checked = syntax::CheckYaml(text, "a labels file");
      if (const auto* slip = std::get_if<syntax::YamlSlip>(&checked)) {
        Add(slip->position, slip->message);
        return std::nullopt;
      }
      const auto& yaml = std::get<syntax::YamlText>(checked);
      if (!yaml.empty) ParseRoot(YAML::Load(yaml.text));
    } catch (const YAML::Exception& error) {
      Add(error.mark, fmt::format("not YAML: {}", syntax::MessageOfLibrary(error.msg)));
    }
    if (failed_) return std::nullopt;
    return std::move(labels_);
  }

 private:
  void ParseRoot(const YAML::Node& root) {
    if (root.IsNull()) return;
    if (!root.IsMap()) return Add(root.Mark(), "lines of the form \"label: v12\" are expected");
    for (const auto& entry : root) ParseLabel(entry.first, entry.second);
    if (labels_.size() > kMaxLabelsOfPrompt) {
      Add(root.Mark(), fmt::format("a prompt has at most {} labels", kMaxLabelsOfPrompt));
    }
  }

  void ParseLabel(const YAML::Node& key, const YAML::Node& value) {
    if (!key.IsScalar()) return Add(key.Mark(), "a label is a plain word");
    const std::string& label = key.Scalar();
    if (const absl::Status status = CheckLabel(label); !status.ok()) {
      return Add(key.Mark(), MessageOf(status));
    }
    if (labels_.count(label) > 0) {
      return Add(key.Mark(), fmt::format("label {} stands twice", Quote(label)));
    }
    v1::LabelTargets targets;
    if (value.IsScalar()) {
      targets.add_targets()->set_version(VersionOf(value));
    } else if (value.IsMap()) {
      for (const auto& entry : value) ParseTarget(entry.first, entry.second, &targets);
    } else {
      Add(key.Mark(), fmt::format("label {} must be v12 or {{v12: 90, v13: 10}}", label));
    }
    if (failed_) return;
    const auto normal = NormalTargets(targets);
    if (!normal.ok()) return Add(value.Mark(), MessageOf(normal.status()));
    if (normal->targets().empty()) {
      return Add(value.Mark(), fmt::format("label {} points to nothing; leave it out", label));
    }
    labels_[label] = *normal;
  }

  void ParseTarget(const YAML::Node& key, const YAML::Node& value, v1::LabelTargets* targets) {
    v1::LabelTarget* target = targets->add_targets();
    target->set_version(VersionOf(key));
    uint32_t weight = 0;
    const std::string text = value.IsScalar() ? value.Scalar() : "";
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, weight);
    if (error != std::errc() || rest != end || weight < 1 || weight > kMaxWeight) {
      return Add(value.Mark(),
                 fmt::format("bad weight {}: it is a number from 1 to 10000", Quote(text)));
    }
    target->set_weight(weight);
  }

  uint32_t VersionOf(const YAML::Node& node) {
    const std::string text = node.IsScalar() ? node.Scalar() : "";
    const uint32_t version = ParseVersion(text);
    if (version == 0) {
      Add(node.Mark(),
          fmt::format("bad version {}: it is \"v\" and a number from 1, like v12", Quote(text)));
    }
    return version;
  }

  void Add(const YAML::Mark& mark, const std::string& message) {
    Add(mark.is_null() ? Position{} : Position{mark.line + 1, mark.column + 1}, message);
  }

  void Add(Position position, const std::string& message) {
    constexpr size_t kMost = 100;
    failed_ = true;
    if (diagnostics_->size() >= kMost) return;
    v1::Diagnostic diagnostic;
    diagnostic.set_path(path_);
    diagnostic.set_line(position.line);
    diagnostic.set_column(position.column);
    diagnostic.set_severity(v1::Diagnostic::SEVERITY_ERROR);
    diagnostic.set_code("BAD_LABELS_FILE");
    diagnostic.set_message(message);
    diagnostics_->push_back(std::move(diagnostic));
  }

  const std::string path_;
  std::vector<v1::Diagnostic>* const diagnostics_;
  LabelMap labels_;
  bool failed_ = false;
};

}  // namespace

std::optional<LabelMap> ParseLabelsFile(std::string_view path, std::string_view text,
                                        std::vector<v1::Diagnostic>* diagnostics) {
  return LabelsParser(path, diagnostics).Parse(text);
}

std::string WriteLabelsFile(const LabelMap& labels) {
  std::string text;
  for (const auto& [label, targets] : labels) {
    const char* quote = NeedsQuotes(label) ? "\"" : "";
    text += fmt::format("{}{}{}: {}\n", quote, label, quote, TargetsText(targets));
  }
  return text;
}

absl::StatusOr<v1::LabelTargets> NormalTargets(const v1::LabelTargets& targets) {
  const auto bad = [](const std::string& rule) {
    return InvalidArgument("BAD_TARGETS", fmt::format("bad label targets: {}", rule));
  };
  if (targets.targets_size() > kMaxTargets) {
    return bad(
        fmt::format("there are {}; at most {} are allowed", targets.targets_size(), kMaxTargets));
  }
  v1::LabelTargets normal = targets;
  auto* list = normal.mutable_targets();
  std::sort(list->begin(), list->end(),
            [](const auto& a, const auto& b) { return a.version() < b.version(); });
  if (list->size() == 1 && list->at(0).weight() <= kMaxWeight) {
    list->at(0).clear_weight();
    return normal;
  }
  for (int i = 0; i < list->size(); ++i) {
    const auto& target = list->at(i);
    if (i > 0 && target.version() == list->at(i - 1).version()) {
      return bad(fmt::format("v{} stands twice", target.version()));
    }
    if (target.weight() < 1 || target.weight() > kMaxWeight) {
      return bad(fmt::format("the weight {} of v{} is not from 1 to 10000", target.weight(),
                             target.version()));
    }
  }
  return normal;
}

bool EqualTargets(const v1::LabelTargets& a, const v1::LabelTargets& b) {
  return std::equal(a.targets().begin(), a.targets().end(), b.targets().begin(), b.targets().end(),
                    [](const auto& x, const auto& y) {
                      return x.version() == y.version() && x.weight() == y.weight();
                    });
}

std::string TargetsText(const v1::LabelTargets& targets) {
  if (targets.targets().empty()) return "";
  if (targets.targets_size() == 1) return fmt::format("v{}", targets.targets(0).version());
  std::string text;
  for (const auto& target : targets.targets()) {
    text += fmt::format("{}v{}: {}", text.empty() ? "{" : ", ", target.version(), target.weight());
  }
  return text + "}";
}

}  // namespace colophon::prompt
