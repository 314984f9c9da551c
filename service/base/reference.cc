#include "service/base/reference.h"

#include <algorithm>
#include <charconv>

#include "fmt/format.h"
#include "service/base/json.h"

namespace colophon {
namespace {

constexpr size_t kMaxRepository = 63;
constexpr size_t kMaxPath = 255;
constexpr size_t kMaxLabel = 36;
constexpr size_t kMaxBranch = 63;
constexpr size_t kMaxDepth = 16;
constexpr size_t kMinCommit = 7;
constexpr size_t kMaxCommit = 40;

constexpr std::string_view kPromptSuffix = ".prompt";
constexpr std::string_view kLabelsSuffix = ".labels.yaml";
constexpr std::string_view kSchemaSuffix = ".schema.json";
constexpr std::string_view kToolSuffix = ".tool.json";
constexpr std::string_view kBranchPrefix = "heads/";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); }
bool IsNameStart(char c) { return IsDigit(c) || (c >= 'a' && c <= 'z'); }
bool IsNameChar(char c) { return IsNameStart(c) || c == '_' || c == '.' || c == '-'; }
bool IsFileStart(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
}
bool IsFileChar(char c) { return IsFileStart(c) || c == '-'; }

template <class Predicate>
bool All(std::string_view text, Predicate predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

// A rule is what a name must be; empty when the name keeps them all.
using Rule = std::string;

// The character at the beginning of the text, as people read it; a byte where it is none.
std::string_view CharacterAt(std::string_view text) {
  const auto byte = static_cast<unsigned char>(text[0]);
  const size_t size = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
  return IsUtf8(text.substr(0, size)) ? text.substr(0, size) : text.substr(0, 1);
}

// Which character of a name isn't allowed in it, and which are.
template <class Predicate>
Rule BrokenCharacterRule(std::string_view name, Predicate is_allowed, std::string_view allowed) {
  const auto bad = std::find_if_not(name.begin(), name.end(), is_allowed);
  if (bad == name.end()) return "";
  return fmt::format("{} is not allowed, only {}",
                     Quoted(CharacterAt(name.substr(static_cast<size_t>(bad - name.begin())))),
                     allowed);
}

// What git makes of a name of its own.
Rule BrokenGitRule(std::string_view name) {
  if (name.find("..") != name.npos) return "\"..\" is not allowed";
  if (name.back() == '.') return "it must not end in \".\"";
  if (name.ends_with(".lock")) return "it must not end in \".lock\"";
  return "";
}

// Of a label and a branch.
Rule BrokenNameRule(std::string_view name) {
  if (name.empty() || !IsNameStart(name[0])) return "it must begin with a-z or 0-9";
  if (Rule rule = BrokenCharacterRule(name, IsNameChar, "a-z, 0-9, \"_\", \".\" and \"-\"");
      !rule.empty()) {
    return rule;
  }
  return BrokenGitRule(name);
}

constexpr std::string_view kFileCharacters = "A-Z, a-z, 0-9, \"_\", \".\" and \"-\"";

// Of a prompt.
Rule BrokenPromptSegmentRule(std::string_view segment) {
  if (Rule rule = BrokenCharacterRule(segment, IsFileChar, kFileCharacters); !rule.empty()) {
    return rule;
  }
  const char first = segment[0];
  if (first == '_') return "it begins with \"_\" as a partial does, which has no versions";
  if (first == '.' || first == '-') return "it must begin with A-Z, a-z or 0-9";
  return BrokenGitRule(segment);
}

Rule BrokenRepositoryRule(std::string_view name) {
  const bool charset = All(name, [](char c) { return IsNameStart(c) || c == '-'; });
  if (name.empty() || name.size() > kMaxRepository || !charset || name[0] == '-') {
    return "a repository is [a-z0-9][a-z0-9-]{0,62}";
  }
  return "";
}

template <class SegmentRule>
Rule BrokenPathRule(std::string_view path, SegmentRule segment_rule) {
  if (path.empty()) return "it is empty";
  if (path.size() > kMaxPath) return "it has more than 255 bytes";
  size_t depth = 0;
  for (size_t begin = 0;;) {
    if (++depth > kMaxDepth) return "it has more than 16 segments";
    const size_t end = std::min(path.find('/', begin), path.size());
    if (end == begin) return "a segment between slashes is empty";
    if (Rule rule = segment_rule(path.substr(begin, end - begin)); !rule.empty()) return rule;
    if (end == path.size()) return "";
    begin = end + 1;
  }
}

Rule BrokenPromptRule(std::string_view path) {
  if (path.ends_with(kPromptSuffix)) return "a prompt is named without \".prompt\"";
  return BrokenPathRule(path, BrokenPromptSegmentRule);
}

bool IsVersionForm(std::string_view text) {
  return text.size() > 1 && text[0] == 'v' && All(text.substr(1), IsDigit);
}
bool IsCommitForm(std::string_view text) {
  return text.size() >= kMinCommit && All(text, IsHexDigit);
}

Rule BrokenLabelRule(std::string_view label) {
  if (label == "latest") return "\"latest\" is kept by the service";
  if (label.size() > kMaxLabel) return "a label has at most 36 bytes";
  if (IsVersionForm(label)) return "\"v\" and digits is a version, not a label";
  if (IsCommitForm(label)) return "7 or more hex digits are a commit, not a label";
  return BrokenNameRule(label);
}

Rule BrokenBranchRule(std::string_view branch) {
  if (branch.size() > kMaxBranch) return "a branch has at most 63 bytes";
  return BrokenNameRule(branch);
}

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

// Windows has devices of these names in every folder, whatever ending they have.
bool IsDeviceName(std::string_view segment) {
  const std::string_view base = segment.substr(0, segment.find('.'));
  for (const std::string_view device : {"con", "prn", "aux", "nul"}) {
    if (EqualsIgnoringCase(base, device)) return true;
  }
  return base.size() == 4 && IsDigit(base[3]) &&
         (EqualsIgnoringCase(base.substr(0, 3), "com") ||
          EqualsIgnoringCase(base.substr(0, 3), "lpt"));
}

// The ending that says what a file is, as KindOfFile knows it; empty: none.
std::string_view KnownSuffix(std::string_view segment) {
  for (const std::string_view suffix : {kPromptSuffix, kLabelsSuffix, kSchemaSuffix, kToolSuffix}) {
    if (segment.size() >= suffix.size() &&
        EqualsIgnoringCase(segment.substr(segment.size() - suffix.size()), suffix)) {
      return suffix;
    }
  }
  return "";
}

// A name that would be taken for another kind of thing than it is.
Rule MistakableNameRule(std::string_view path) {
  const size_t name_begin = path.rfind('/') + 1;  // 0 without a folder.
  for (size_t begin = 0; begin < name_begin;) {
    const size_t end = path.find('/', begin);
    if (!KnownSuffix(path.substr(begin, end - begin)).empty()) {
      return "a folder must not end in \".prompt\", \".labels.yaml\", \".schema.json\" or "
             "\".tool.json\", which say what a file is";
    }
    begin = end + 1;
  }
  const std::string_view name = path.substr(name_begin);
  const std::string_view suffix = KnownSuffix(name);
  if (suffix.empty()) return "";
  if (!name.ends_with(suffix)) {
    return "the endings .prompt, .labels.yaml, .schema.json and .tool.json are in lower case";
  }
  const std::string_view stem = name.substr(0, name.size() - suffix.size());
  return stem.empty() || stem == "_" ? "nothing but the ending says its name" : "";
}

Rule BrokenFileSegmentRule(std::string_view segment) {
  if (segment == "." || segment == "..") return "\".\" and \"..\" are not allowed";
  if (Rule rule = BrokenCharacterRule(segment, IsFileChar, kFileCharacters); !rule.empty()) {
    return rule;
  }
  if (segment[0] == '-') return "it must begin with A-Z, a-z, 0-9, \"_\" or \".\"";
  // Windows drops trailing dots, so ".git." would be ".git" there.
  if (segment.back() == '.') return "a segment must not end in \".\"";
  if (EqualsIgnoringCase(segment, ".git") || EqualsIgnoringCase(segment, ".gitmodules")) {
    return "git keeps this name for itself";
  }
  if (IsDeviceName(segment)) return "Windows keeps this name for a device: no file may have it";
  return "";
}

Rule BrokenFilePathRule(std::string_view path) {
  if (Rule rule = BrokenPathRule(path, BrokenFileSegmentRule); !rule.empty()) return rule;
  return MistakableNameRule(path);
}

absl::Status Check(const Rule& broken, std::string_view reason, std::string_view what,
                   std::string_view name) {
  if (broken.empty()) return absl::OkStatus();
  return InvalidArgument(reason, fmt::format("bad {} {}: {}", what, Quoted(name), broken));
}

absl::Status BadReference(std::string_view text, std::string_view rule) {
  return InvalidArgument("BAD_REFERENCE",
                         fmt::format("bad reference {}: {}; a reference is "
                                     "repository/prompt[@v12 | @label | @latest | @commit | "
                                     "@heads/branch]",
                                     Quoted(text), rule));
}

Rule ParseSelector(std::string_view text, ReferenceView* view) {
  using Kind = ReferenceView::Kind;
  view->has_selector = true;
  view->selector = text;
  if (text.empty()) return "nothing stands after \"@\"";
  if (text == "latest") {
    view->kind = Kind::kLatest;
    return "";
  }
  if (IsVersionForm(text)) {
    view->kind = Kind::kVersion;
    const auto [end, error] =
        std::from_chars(text.data() + 1, text.data() + text.size(), view->version);
    const bool right = error == std::errc() && end == text.data() + text.size() && text[1] != '0';
    return right ? "" : "a version is \"v\" and a number from 1 to 4294967295";
  }
  if (IsCommitForm(text)) {
    view->kind = Kind::kCommit;
    return text.size() <= kMaxCommit ? "" : "a commit has 7 to 40 hex digits";
  }
  if (text.starts_with(kBranchPrefix)) {
    view->kind = Kind::kBranch;
    view->selector = text.substr(kBranchPrefix.size());
    return BrokenBranchRule(view->selector);
  }
  view->kind = Kind::kLabel;
  return BrokenLabelRule(text);
}

}  // namespace

// As people read it: in UTF-8; what is none, and what can't be seen, as bytes.
std::string Quoted(std::string_view text) {
  constexpr size_t kMaxShown = 120;
  std::string quoted = "\"";
  size_t at = 0;
  while (at < text.size() && at < kMaxShown) {
    const std::string_view character = CharacterAt(text.substr(at));
    const auto byte = static_cast<unsigned char>(character[0]);
    const bool is_c1 =
        byte == 0xc2 && character.size() == 2 && static_cast<unsigned char>(character[1]) < 0xa0;
    if (byte == '"' || byte == '\\') {
      quoted += '\\';
      quoted += character;
    } else if (byte < 0x20 || byte == 0x7f || is_c1 || (byte >= 0x80 && character.size() == 1)) {
      for (const char c : character) {
        quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
      }
    } else {
      quoted += character;
    }
    at += character.size();
  }
  quoted += '"';
  if (at < text.size()) quoted += fmt::format("… ({} bytes)", text.size());
  return quoted;
}

absl::Status CheckRepositoryName(std::string_view name) {
  return Check(BrokenRepositoryRule(name), "BAD_REPOSITORY", "repository name", name);
}
absl::Status CheckPromptPath(std::string_view path) {
  return Check(BrokenPromptRule(path), "BAD_PROMPT", "prompt", path);
}
absl::Status CheckLabel(std::string_view label) {
  return Check(BrokenLabelRule(label), "BAD_LABEL", "label", label);
}
absl::Status CheckBranch(std::string_view branch) {
  return Check(BrokenBranchRule(branch), "BAD_BRANCH", "branch", branch);
}
absl::Status CheckFilePath(std::string_view path) {
  return Check(BrokenFilePathRule(path), "BAD_PATH", "path", path);
}

absl::StatusOr<ReferenceView> ReferenceView::Parse(std::string_view text) {
  ReferenceView view;
  const size_t slash = text.find('/');
  if (slash == text.npos) return BadReference(text, "it has no \"/\"");
  const size_t at = text.find('@');
  if (at != text.npos && at < slash) return BadReference(text, "\"@\" stands before the prompt");
  view.repository = text.substr(0, slash);
  view.prompt = text.substr(slash + 1, at == text.npos ? text.npos : at - slash - 1);
  Rule rule = BrokenRepositoryRule(view.repository);
  if (rule.empty()) rule = BrokenPromptRule(view.prompt);
  if (rule.empty() && at != text.npos) rule = ParseSelector(text.substr(at + 1), &view);
  if (!rule.empty()) return BadReference(text, rule);
  return view;
}

ReferenceView ReferenceView::Of(const Reference& reference) {
  ReferenceView view;
  view.repository = reference.repository;
  view.prompt = reference.prompt;
  view.has_selector = reference.has_selector;
  if (const auto* version = std::get_if<VersionSelector>(&reference.selector)) {
    view.kind = Kind::kVersion;
    view.version = version->version;
  } else if (std::holds_alternative<LatestSelector>(reference.selector)) {
    view.kind = Kind::kLatest;
  } else if (const auto* commit = std::get_if<CommitSelector>(&reference.selector)) {
    view.kind = Kind::kCommit;
    view.selector = commit->hex;
  } else if (const auto* branch = std::get_if<BranchSelector>(&reference.selector)) {
    view.kind = Kind::kBranch;
    view.selector = branch->branch;
  } else {
    view.selector = std::get<LabelSelector>(reference.selector).label;
  }
  return view;
}

absl::StatusOr<Reference> Reference::Parse(std::string_view text) {
  ASSIGN_OR_RETURN(const ReferenceView view, ReferenceView::Parse(text));
  Reference reference;
  reference.repository = std::string(view.repository);
  reference.prompt = std::string(view.prompt);
  reference.has_selector = view.has_selector;
  switch (view.kind) {
    case ReferenceView::Kind::kLabel:
      reference.selector = LabelSelector{std::string(view.selector)};
      break;
    case ReferenceView::Kind::kVersion:
      reference.selector = VersionSelector{view.version};
      break;
    case ReferenceView::Kind::kLatest:
      reference.selector = LatestSelector{};
      break;
    case ReferenceView::Kind::kCommit:
      reference.selector = CommitSelector{std::string(view.selector)};
      break;
    case ReferenceView::Kind::kBranch:
      reference.selector = BranchSelector{std::string(view.selector)};
      break;
  }
  return reference;
}

absl::StatusOr<PromptName> PromptName::Parse(std::string_view text) {
  ASSIGN_OR_RETURN(const ReferenceView view, ReferenceView::Parse(text));
  if (view.has_selector) return BadReference(text, "a prompt is meant, without \"@\"");
  return PromptName{std::string(view.repository), std::string(view.prompt)};
}

absl::StatusOr<LabelName> LabelName::Parse(std::string_view text) {
  ASSIGN_OR_RETURN(const ReferenceView view, ReferenceView::Parse(text));
  if (!view.has_selector || view.kind != ReferenceView::Kind::kLabel) {
    return BadReference(text, "a label is meant, repository/prompt@label");
  }
  return LabelName{std::string(view.repository), std::string(view.prompt),
                   std::string(view.selector)};
}

absl::StatusOr<ScopeName> ScopeName::Parse(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == text.npos) {
    RETURN_IF_ERROR(CheckRepositoryName(text));
    return ScopeName{std::string(text), ""};
  }
  ASSIGN_OR_RETURN(PromptName name, PromptName::Parse(text));
  return ScopeName{std::move(name.repository), std::move(name.prompt)};
}

absl::StatusOr<ScopeName> ScopeName::ParsePrefix(std::string_view text) {
  const size_t slash = std::min(text.find('/'), text.size());
  const std::string_view rest = text.substr(std::min(slash + 1, text.size()));
  RETURN_IF_ERROR(CheckRepositoryName(text.substr(0, slash)));
  if (rest.size() > kMaxPath || !All(rest, [](char c) { return IsFileChar(c) || c == '/'; })) {
    return InvalidArgument("BAD_PROMPT",
                           fmt::format("bad beginning of a prompt's path {}: only A-Z, a-z, 0-9, "
                                       "\"_\", \".\", \"-\" and \"/\" are allowed",
                                       Quoted(rest)));
  }
  return ScopeName{std::string(text.substr(0, slash)), std::string(rest)};
}

FileKind KindOfFile(std::string_view path) {
  if (path.ends_with(kPromptSuffix)) {
    const std::string_view file = path.substr(path.rfind('/') + 1);
    return file[0] == '_' ? FileKind::kPartial : FileKind::kPrompt;
  }
  if (path.ends_with(kLabelsSuffix)) return FileKind::kLabels;
  if (path.ends_with(kSchemaSuffix)) return FileKind::kSchema;
  if (path.ends_with(kToolSuffix)) return FileKind::kTool;
  return FileKind::kOther;
}

std::string PromptOfPath(std::string_view path) {
  if (KindOfFile(path) != FileKind::kPrompt) return "";
  return std::string(path.substr(0, path.size() - kPromptSuffix.size()));
}

std::string PromptOfLabelsPath(std::string_view path) {
  if (KindOfFile(path) != FileKind::kLabels) return "";
  return std::string(path.substr(0, path.size() - kLabelsSuffix.size()));
}

std::string PathOfPrompt(std::string_view prompt) {
  return fmt::format("{}{}", prompt, kPromptSuffix);
}

std::string LabelsPathOfPrompt(std::string_view prompt) {
  return fmt::format("{}{}", prompt, kLabelsSuffix);
}

std::string VersionName(std::string_view repository, std::string_view prompt, uint32_t version) {
  return fmt::format("{}/{}@v{}", repository, prompt, version);
}

}  // namespace colophon
