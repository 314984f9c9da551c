#include "service/template/syntax/yaml.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <sstream>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/syntax/js_text.h"
#include "service/template/syntax/pointer.h"
#include "yaml-cpp/eventhandler.h"
#include "yaml-cpp/exceptions.h"
#include "yaml-cpp/parser.h"
#include "yaml-cpp/yaml.h"

namespace colophon::syntax {
namespace {

// Aliases could make a small text into an endless value.
constexpr int kMaxValues = 20'000;
constexpr int kMaxDepth = 100;
constexpr size_t kMaxBytes = 1 << 20;

bool AllOf(std::string_view text, std::string_view characters) {
  return !text.empty() && text.find_first_not_of(characters) == text.npos;
}

std::string_view WithoutSign(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return text;
}

// JavaScript has one kind of number: whole numbers it can't hold are rounded.
json::value WholeNumber(const std::string& digits, int base) {
  const double number = base == 10
                            ? std::strtod(digits.c_str(), nullptr)
                            : static_cast<double>(std::strtoull(digits.c_str(), nullptr, base));
  if (std::fabs(number) <= 9007199254740992.0) return static_cast<int64_t>(number);
  return number;
}

// [-+]?(\.[0-9]+|[0-9]+\.[0-9]*) or with an exponent.
bool IsFloat(std::string_view text) {
  text = WithoutSign(text);
  const size_t e = text.find_first_of("eE");
  if (e != text.npos && !AllOf(WithoutSign(text.substr(e + 1)), "0123456789")) return false;
  const std::string_view mantissa = text.substr(0, e);
  const size_t point = mantissa.find('.');
  const std::string_view whole = mantissa.substr(0, point);
  if (point == mantissa.npos) return e != text.npos && AllOf(whole, "0123456789");
  const std::string_view fraction = mantissa.substr(point + 1);
  if (whole.empty()) return AllOf(fraction, "0123456789");
  return AllOf(whole, "0123456789") && (fraction.empty() || AllOf(fraction, "0123456789"));
}

// A scalar without quotes, by YAML 1.2's core schema.
json::value PlainScalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    return nullptr;
  }
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (AllOf(WithoutSign(text), "0123456789")) return WholeNumber(text, 10);
  if (text.starts_with("0o") && AllOf(text.substr(2), "01234567")) {
    return WholeNumber(text.substr(2), 8);
  }
  if (text.starts_with("0x") && AllOf(text.substr(2), "0123456789abcdefABCDEF")) {
    return WholeNumber(text.substr(2), 16);
  }
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return std::nan("");
  const std::string_view infinite = WithoutSign(text);
  if (infinite == ".inf" || infinite == ".Inf" || infinite == ".INF") {
    const double infinity = std::numeric_limits<double>::infinity();
    return text[0] == '-' ? -infinity : infinity;
  }
  if (IsFloat(text)) return std::strtod(text.c_str(), nullptr);
  return json::value(json::string_view(text.data(), text.size()));
}

std::string NormalizeLineBreaks(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      out += '\n';
      if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

// yaml-cpp ends a plain scalar in {braces} at a "?", which YAML doesn't, and
// Picoschema writes {name?: string}. So each "?" inside of a word is another
// character, one the text doesn't have, while yaml-cpp reads.
class QuestionMarks {
 public:
  // Replaces in `text`.
  explicit QuestionMarks(std::string* text) {
    for (int i = 0; i < 64 && (stand_in_.empty() || text->find(stand_in_) != text->npos); ++i) {
      stand_in_ = {'\xee', '\x80', static_cast<char>(0x80 + i)};  // U+E000 and on
    }
    std::string out;
    for (size_t k = 0; k < text->size(); ++k) {
      const bool in_word = k > 0 && kBetween.find((*text)[k - 1]) == kBetween.npos;
      if ((*text)[k] == '?' && in_word) {
        out += stand_in_;
      } else {
        out += (*text)[k];
      }
    }
    *text = std::move(out);
  }

  std::string Restore(std::string text) const {
    size_t at = text.find(stand_in_);
    if (at == text.npos) return text;
    std::string out;
    for (size_t begin = 0;; at = text.find(stand_in_, begin)) {
      out.append(text, begin, at - begin);
      if (at == text.npos) return out;
      out += '?';
      begin = at + stand_in_.size();
    }
  }

 private:
  static constexpr std::string_view kBetween = " \t\n{}[],";
  std::string stand_in_;
};

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (;;) {
    const size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == text.npos) return lines;
    text.remove_prefix(end + 1);
  }
}

// yaml-cpp counts bytes from 0.
Position PositionOf(const YAML::Mark& mark, const std::vector<std::string_view>& lines) {
  if (mark.line < 0) return {1, 0};
  Position position{1 + mark.line, 1};
  if (static_cast<size_t>(mark.line) < lines.size() && mark.column > 0) {
    const std::string_view line = lines[mark.line].substr(0, mark.column);
    for (const char c : line) position.column += !IsContinuation(c);
  }
  return position;
}

class Converter {
 public:
  Converter(const std::vector<std::string_view>& lines, const QuestionMarks& marks, int first_line,
            DiagnosticSink* sink)
      : lines_(lines), marks_(marks), first_line_(first_line), sink_(sink) {}

  bool Convert(const YAML::Node& node, const std::string& pointer, int depth, json::value* out) {
    if (++values_ > kMaxValues || depth > kMaxDepth) {
      return Fail(node.Mark(), fmt::format("it has more than {} values or {} levels: move what is "
                                           "long into a file of its own",
                                           kMaxValues, kMaxDepth));
    }
    switch (node.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        *out = nullptr;
        return true;
      case YAML::NodeType::Scalar:
        bytes_ += node.Scalar().size();
        if (bytes_ > kMaxBytes) {
          return Fail(node.Mark(), fmt::format("with what its aliases repeat it has more than {} "
                                               "bytes: write less",
                                               kMaxBytes));
        }
        *out = Scalar(node);
        return true;
      case YAML::NodeType::Sequence:
        return ConvertSequence(node, pointer, depth, out);
      case YAML::NodeType::Map:
        return ConvertMap(node, pointer, depth, out);
    }
    return false;
  }

  bool Fail(const YAML::Mark& mark, std::string_view message) {
    sink_->Error(At(mark), "BAD_YAML", message);
    return false;
  }

  Position At(const YAML::Mark& mark) const {
    Position position = PositionOf(mark, lines_);
    position.line += first_line_ - 1;
    return position;
  }

  YamlPositions TakePositions() { return std::move(positions_); }

 private:
  json::value Scalar(const YAML::Node& node) {
    const std::string& tag = node.Tag();
    const std::string text = marks_.Restore(node.Scalar());
    if (tag == "?" || tag.empty()) return PlainScalar(text);
    if (tag != "!" && tag != "tag:yaml.org,2002:str") {
      if (tag == "tag:yaml.org,2002:int" || tag == "tag:yaml.org,2002:float" ||
          tag == "tag:yaml.org,2002:bool" || tag == "tag:yaml.org,2002:null") {
        return PlainScalar(text);
      }
      sink_->Warning(
          At(node.Mark()), "UNKNOWN_TAG",
          fmt::format("the tag {} is not known: the value is taken as text", Quote(tag)));
    }
    return json::value(json::string_view(text.data(), text.size()));
  }

  bool ConvertSequence(const YAML::Node& node, const std::string& pointer, int depth,
                       json::value* out) {
    json::array& array = out->emplace_array();
    for (const YAML::Node& element : node) {
      const std::string at = ChildPointer(pointer, std::to_string(array.size()));
      if (at != pointer) positions_[at] = At(element.Mark());
      array.emplace_back(nullptr);
      json::value value;
      if (!Convert(element, at, depth + 1, &value)) return false;
      array.back() = std::move(value);
    }
    return true;
  }

  bool ConvertMap(const YAML::Node& node, const std::string& pointer, int depth, json::value* out) {
    json::object& object = out->emplace_object();
    for (const auto& member : node) {
      if (!member.first.IsScalar() && !member.first.IsNull()) {
        return Fail(member.first.Mark(), "the key is a list or a map: keys are text");
      }
      const std::string key = KeyText(member.first);
      const std::string at = ChildPointer(pointer, key);
      if (object.contains(key)) {
        return Fail(member.first.Mark(),
                    fmt::format("the key {} is there twice (first on line {}): keep one",
                                Quote(key), FindPosition(positions_, at).line));
      }
      if (at != pointer) positions_[at] = At(member.first.Mark());
      json::value value;
      if (!Convert(member.second, at, depth + 1, &value)) return false;
      object.emplace(key, std::move(value));
    }
    return true;
  }

  // 1.0 and 1 are one key, as in JavaScript.
  std::string KeyText(const YAML::Node& node) {
    if (node.IsNull()) return "";
    const json::value value = Scalar(node);
    if (value.is_string()) return std::string(value.get_string());
    if (value.is_bool()) return value.get_bool() ? "true" : "false";
    return value.is_null() ? "" : FormatNumber(value);
  }

  const std::vector<std::string_view>& lines_;
  const QuestionMarks& marks_;
  const int first_line_;
  DiagnosticSink* const sink_;
  YamlPositions positions_;
  int values_ = 0;
  size_t bytes_ = 0;
};

// How many documents there are: none, one or more. Not by yaml-cpp's LoadAll, which
// never ends where it takes a document to be over and the text isn't, as in
// "&x;0( ,[1]".
class Documents : public YAML::EventHandler {
 public:
  // Throws what yaml-cpp does.
  explicit Documents(const std::string& text) {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    while (count_ < 2 && parser.HandleNextDocument(*this)) {
    }
  }

  int count() const { return count_; }
  const YAML::Mark& second() const { return second_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++count_ == 2) second_ = mark;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  int count_ = 0;
  YAML::Mark second_;
};

}  // namespace

std::variant<YamlText, YamlSlip> CheckYaml(std::string_view text, std::string_view what) {
  std::string normal = NormalizeLineBreaks(text);
  if (!normal.ends_with('\n')) normal += '\n';
  // YAML has no control characters, and yaml-cpp takes U+0004 for the end.
  for (size_t i = 0; i < normal.size(); ++i) {
    const auto c = static_cast<unsigned char>(normal[i]);
    if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f) {
      return YamlSlip{
          PositionAt(normal, i),
          fmt::format("the control character U+{:04X}: remove it, or write \"\\x{:02x}\"", c, c)};
    }
  }
  // The mark of the end keeps yaml-cpp from taking the end for a closing quote.
  normal += "...\n";
  const Documents documents(normal);
  if (documents.count() > 1) {
    return YamlSlip{PositionOf(documents.second(), Lines(normal)),
                    fmt::format("a second document begins here: {} is one", what)};
  }
  return YamlText{std::move(normal), documents.count() == 0};
}

Position FindPosition(const YamlPositions& positions, std::string pointer) {
  for (;;) {
    if (const auto found = positions.find(pointer); found != positions.end()) return found->second;
    const size_t slash = pointer.rfind('/');
    if (slash == pointer.npos) return {};
    pointer.resize(slash);
  }
}

namespace {

// The first tab in the white space that a line begins with, up to line `last` of the
// text and the one behind it: yaml-cpp says something else of it, and somewhere else.
std::optional<Position> FindTab(const std::vector<std::string_view>& lines, int last,
                                int first_line) {
  for (size_t i = 0; i < lines.size() && static_cast<int>(i) <= last + 1; ++i) {
    const size_t space = std::min(lines[i].find_first_not_of(" \t"), lines[i].size());
    const size_t tab = lines[i].substr(0, space).find('\t');
    if (tab == std::string_view::npos || space == lines[i].size()) continue;
    return Position{first_line + static_cast<int32_t>(i), static_cast<int32_t>(tab) + 1};
  }
  return std::nullopt;
}

}  // namespace

std::optional<YamlDocument> ParseYaml(std::string_view text, int first_line, DiagnosticSink* sink) {
  std::string normal = NormalizeLineBreaks(text);
  if (!normal.ends_with('\n')) normal += '\n';
  const QuestionMarks marks(&normal);
  const std::vector<std::string_view> lines = Lines(normal);
  Converter converter(lines, marks, first_line, sink);
  YamlDocument document;
  try {
    const auto checked = CheckYaml(normal, "front matter");
    if (const auto* slip = std::get_if<YamlSlip>(&checked)) {
      Position position = slip->position;
      position.line += first_line - 1;
      sink->Error(position, "BAD_YAML", slip->message);
      return std::nullopt;
    }
    const auto& yaml = std::get<YamlText>(checked);
    if (!yaml.empty && !converter.Convert(YAML::Load(yaml.text), "", 0, &document.value)) {
      return std::nullopt;
    }
  } catch (const YAML::Exception& error) {
    if (const std::optional<Position> tab = FindTab(lines, error.mark.line, first_line)) {
      sink->Error(*tab, "BAD_YAML",
                  "not YAML: a tab stands in this line's indentation: write spaces");
      return std::nullopt;
    }
    const bool at_end = error.mark.line + 1 >= static_cast<int>(lines.size());
    converter.Fail(error.mark, at_end
                                   ? fmt::format("not YAML: {}: a quote, a [ or a {{ before here "
                                                 "is never closed",
                                                 MessageOfLibrary(error.msg))
                                   : fmt::format("not YAML: {}", MessageOfLibrary(error.msg)));
    return std::nullopt;
  } catch (const std::exception& error) {
    sink->Error({first_line, 0}, "BAD_YAML", fmt::format("not YAML: {}", error.what()));
    return std::nullopt;
  }
  document.positions = converter.TakePositions();
  document.positions[""] = {first_line, 1};
  return document;
}

}  // namespace colophon::syntax
