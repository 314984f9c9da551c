#include "service/record/filter.h"

#include <algorithm>
#include <array>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "service/base/clock.h"
#include "service/base/record_facts.h"
#include "service/base/reference.h"
#include "service/record/filter_field.h"
#include "service/record/filter_score.h"
#include "service/record/filter_syntax.h"
#include "service/record/filter_value.h"
#include "service/record/filter_variable.h"

namespace colophon {
namespace {

using Test = std::function<bool(const v1::Record&)>;
using Type = FilterField::Type;

// "ok" and "RECORD_STATUS_OK"; "failed" alone means more than one.
std::optional<v1::RecordStatus> ReadStatus(std::string_view text) {
  std::string name;
  for (const char c : text) name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  v1::RecordStatus status;
  if (!v1::RecordStatus_Parse(name, &status) &&
      !v1::RecordStatus_Parse("RECORD_STATUS_" + name, &status)) {
    return std::nullopt;
  }
  if (status == v1::RECORD_STATUS_UNSPECIFIED) return std::nullopt;
  return status;
}

bool IsAnyFailure(std::string_view text) { return text == "failed" || text == "FAILED"; }

constexpr std::array kFailures = {v1::RECORD_STATUS_CANCELLED, v1::RECORD_STATUS_FAILED,
                                  v1::RECORD_STATUS_TIMED_OUT, v1::RECORD_STATUS_CUT,
                                  v1::RECORD_STATUS_UNKNOWN};

bool IsFailure(v1::RecordStatus status) {
  return std::find(kFailures.begin(), kFailures.end(), status) != kFailures.end();
}

// What `status = value` holds of.
std::vector<v1::RecordStatus> StatusesOf(std::string_view value) {
  if (IsAnyFailure(value)) return {kFailures.begin(), kFailures.end()};
  const auto status = ReadStatus(value);
  return status ? std::vector{*status} : std::vector<v1::RecordStatus>();
}

class FilterCompiler {
 public:
  FilterCompiler(std::string_view text, absl::Time now) : text_(text), now_(now) {}

  absl::StatusOr<Test> Compile(const FilterNode& node) const {
    if (node.kind == FilterNode::Kind::kTerm) return CompileTerm(node.term);
    std::vector<Test> tests;
    for (const FilterNode& child : node.children) {
      ASSIGN_OR_RETURN(Test test, Compile(child));
      tests.push_back(std::move(test));
    }
    if (node.kind == FilterNode::Kind::kNot) {
      return Test([test = tests[0]](const v1::Record& record) { return !test(record); });
    }
    const bool is_or = node.kind == FilterNode::Kind::kOr;
    return Test([tests = std::move(tests), is_or](const v1::Record& record) {
      const auto holds = [&](const Test& test) { return test(record); };
      return is_or ? std::any_of(tests.begin(), tests.end(), holds)
                   : std::all_of(tests.begin(), tests.end(), holds);
    });
  }

  // Of the terms that must all hold.
  void AddBounds(const FilterNode& node, FilterBounds* bounds) const {
    if (node.kind == FilterNode::Kind::kAnd) {
      for (const FilterNode& child : node.children) AddBounds(child, bounds);
    } else if (node.kind == FilterNode::Kind::kOr) {
      AddStatusBound(node, bounds);
    } else if (node.kind == FilterNode::Kind::kTerm) {
      AddBound(node.term, bounds);
    }
  }

 private:
  absl::Status BadValue(const FilterTerm& term, std::string_view what) const {
    return BadFilter(
        text_, term.value_at,
        fmt::format("{} is compared with {}, not {}", term.PathText(), what, Quoted(term.value)));
  }

  absl::Status BadComparison(const FilterTerm& term, const FilterField& field) const {
    return BadFilter(text_, term.path_at,
                     fmt::format("{} can't be compared by {}; write {}", term.PathText(),
                                 TextOf(term.comparator), field.example));
  }

  absl::Status UnknownField(const FilterTerm& term) const {
    std::vector<std::string_view> names;
    for (const FilterField& field : FilterFields()) names.push_back(field.name);
    return BadFilter(text_, term.path_at,
                     fmt::format("there is no field {}; fields are {}", Quoted(term.PathText()),
                                 fmt::join(names, ", ")));
  }

  absl::StatusOr<Test> CompileTerm(const FilterTerm& term) const {
    const FilterField* const field = FindFilterField(term.path[0]);
    if (field == nullptr) return UnknownField(term);
    const bool has_parts = field->type == Type::kTags || field->type == Type::kVariables ||
                           field->type == Type::kScore;
    if (term.path.size() > 1 && !has_parts) return UnknownField(term);
    switch (field->type) {
      case Type::kText:
      case Type::kPrompt:
      case Type::kCommit:
      case Type::kWords:
        return CompileText(term, *field);
      case Type::kNumber:
      case Type::kVersion:
        return CompileNumber(term, *field);
      case Type::kDuration:
        return CompileDuration(term, *field);
      case Type::kTime:
        return CompileTime(term, *field);
      case Type::kTruth:
        return CompileTruth(term, *field);
      case Type::kStatus:
        return CompileStatus(term, *field);
      case Type::kTags:
        return CompileTag(term, *field);
      case Type::kVariables:
        return CompileVariable(term, *field);
      case Type::kScore:
        return CompileScore(term, *field);
    }
    return UnknownField(term);
  }

  // By `order` of what the record has; what it doesn't have is only unequal.
  template <class Read, class Order>
  static Test Compare(const FilterTerm& term, Read read, Order order) {
    return
        [=, comparator = term.comparator, presence = term.IsPresence()](const v1::Record& record) {
          const auto value = read(record);
          if (presence) return value.has_value();
          if (!value) return comparator == Comparator::kNotEqual;
          return Holds(comparator, order(*value));
        };
  }

  absl::StatusOr<Test> CompileText(const FilterTerm& term, const FilterField& field) const {
    const bool has = term.comparator == Comparator::kHas && !term.IsPresence();
    if (has && field.type == Type::kPrompt) {
      return Test([read = field.text, begin = term.value](const v1::Record& record) {
        const auto text = read(record);
        return text && text->starts_with(begin);
      });
    }
    if (has) {
      std::string words = WordsOf(term.value);
      if (words.empty()) return BadValue(term, "words");
      return Test([read = field.text, words = std::move(words)](const v1::Record& record) {
        const auto text = read(record);
        return text && ContainsWords(*text, words);
      });
    }
    if (field.type == Type::kWords && !term.IsPresence()) return BadComparison(term, field);
    if (field.type == Type::kCommit && !term.IsPresence()) return CompileCommit(term, field);
    return Compare(term, field.text,
                   [value = term.value](const std::string& text) { return OrderOf(text, value); });
  }

  absl::StatusOr<Test> CompileCommit(const FilterTerm& term, const FilterField& field) const {
    constexpr size_t kMinDigits = 7, kDigits = 40;
    if (term.comparator != Comparator::kEqual && term.comparator != Comparator::kNotEqual) {
      return BadComparison(term, field);
    }
    const bool is_hex = term.value.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!is_hex || term.value.size() < kMinDigits || term.value.size() > kDigits) {
      return BadValue(term, "7 to 40 hex digits");
    }
    return Compare(term, field.text, [digits = term.value](const std::string& commit) {
      return commit.starts_with(digits) ? 0 : 1;
    });
  }

  absl::StatusOr<Test> CompileNumber(const FilterTerm& term, const FilterField& field) const {
    std::string_view text = term.value;
    if (field.type == Type::kVersion && text.starts_with('v')) text.remove_prefix(1);
    const auto number = ReadFilterNumber(text);
    if (!number && !term.IsPresence()) {
      return BadValue(term, field.type == Type::kVersion ? "a number, 12 or v12" : "a number");
    }
    return Compare(term, field.number,
                   [wanted = number.value_or(0)](double value) { return OrderOf(value, wanted); });
  }

  absl::StatusOr<Test> CompileDuration(const FilterTerm& term, const FilterField& field) const {
    const auto duration = ReadFilterDuration(term.value);
    if (!duration && !term.IsPresence()) {
      return BadValue(term, "a duration with its unit, such as 300ms, 2s or 1h30m");
    }
    return Compare(term, field.duration,
                   [wanted = duration.value_or(absl::ZeroDuration())](absl::Duration value) {
                     return OrderOf(value, wanted);
                   });
  }

  absl::StatusOr<Test> CompileTime(const FilterTerm& term, const FilterField&) const {
    const auto span = ReadFilterTime(term.value, now_);
    if (!span) {
      return BadValue(term,
                      "a day, 2026-11-24, a time, 2026-11-24T10:00:00Z, or a span back from "
                      "now, 3d");
    }
    return Test([span = *span, comparator = term.comparator](const v1::Record& record) {
      const absl::Time time = FromProto(record.intent().start_time());
      const bool is_moment = span.begin == span.end;
      const int order = time < span.begin                                  ? -1
                        : (is_moment ? time > span.end : time >= span.end) ? 1
                                                                           : 0;
      return Holds(comparator, order);
    });
  }

  absl::StatusOr<Test> CompileTruth(const FilterTerm& term, const FilterField& field) const {
    const auto truth = ReadFilterTruth(term.value);
    if (!truth && !term.IsPresence()) return BadValue(term, "true or false");
    if (term.comparator != Comparator::kEqual && term.comparator != Comparator::kNotEqual &&
        !term.IsPresence()) {
      return BadComparison(term, field);
    }
    return Compare(term, field.truth, [wanted = truth.value_or(false)](bool value) {
      return value == wanted ? 0 : 1;
    });
  }

  absl::StatusOr<Test> CompileStatus(const FilterTerm& term, const FilterField& field) const {
    if (term.comparator != Comparator::kEqual && term.comparator != Comparator::kNotEqual) {
      return BadComparison(term, field);
    }
    const bool negated = term.comparator == Comparator::kNotEqual;
    if (IsAnyFailure(term.value)) {
      return Test(
          [negated](const v1::Record& record) { return IsFailure(StatusOf(record)) != negated; });
    }
    const auto status = ReadStatus(term.value);
    if (!status) {
      return BadValue(term, "ok, failed, open, cancelled, timed_out, cut or unknown");
    }
    return Test([wanted = *status, negated](const v1::Record& record) {
      return (StatusOf(record) == wanted) != negated;
    });
  }

  absl::StatusOr<Test> CompileTag(const FilterTerm& term, const FilterField& field) const {
    if (term.path.size() == 1) {
      if (term.comparator != Comparator::kHas) return BadComparison(term, field);
      return Test([presence = term.IsPresence(), name = term.value](const v1::Record& record) {
        const auto& tags = record.intent().tags();
        return presence ? !tags.empty() : tags.count(name) > 0;
      });
    }
    // A tag's name may have dots.
    const std::string name =
        fmt::format("{}", fmt::join(term.path.begin() + 1, term.path.end(), "."));
    const auto read = [name](const v1::Record& record) -> FilterField::Text {
      const auto tag = record.intent().tags().find(name);
      if (tag == record.intent().tags().end()) return std::nullopt;
      return tag->second;
    };
    FilterField tag{.name = "tags", .example = field.example};
    tag.text = read;
    return CompileText(term, tag);
  }

  absl::StatusOr<Test> CompileVariable(const FilterTerm& term, const FilterField& field) const {
    if (term.path.size() == 1) return BadComparison(term, field);
    return Test([term](const v1::Record& record) { return VariableHolds(record, term); });
  }

  absl::StatusOr<Test> CompileScore(const FilterTerm& term, const FilterField& field) const {
    if (term.path.size() == 1 && term.comparator != Comparator::kHas) {
      return BadComparison(term, field);
    }
    return Test([term](const v1::Record& record) { return ScoreHolds(record, term); });
  }

  // Of `status = cut OR status = unknown`.
  static void AddStatusBound(const FilterNode& any, FilterBounds* bounds) {
    std::vector<v1::RecordStatus> statuses;
    for (const FilterNode& child : any.children) {
      const bool is_status = child.kind == FilterNode::Kind::kTerm &&
                             child.term.path[0] == "status" &&
                             child.term.comparator == Comparator::kEqual;
      if (!is_status) return;
      for (const v1::RecordStatus status : StatusesOf(child.term.value)) statuses.push_back(status);
    }
    std::sort(statuses.begin(), statuses.end());
    statuses.erase(std::unique(statuses.begin(), statuses.end()), statuses.end());
    if (bounds->statuses.empty()) bounds->statuses = std::move(statuses);
  }

  // REQUIRES: the term compiles.
  void AddBound(const FilterTerm& term, FilterBounds* bounds) const {
    const std::string& name = term.path[0];
    if (name == "time") return AddTimeBound(term, bounds);
    if (term.comparator != Comparator::kEqual) return;
    if (name == "prompt") bounds->prompt = term.value;
    if (name == "label") bounds->label = term.value;
    if (name == "caller") bounds->caller = term.value;
    if (name == "status") bounds->statuses = StatusesOf(term.value);
    if (name == "version") {
      const auto number = ReadFilterNumber(
          std::string_view(term.value).substr(term.value.starts_with('v') ? 1 : 0));
      const auto version = static_cast<uint32_t>(number.value_or(0));
      if (number && version == *number) bounds->version = version;
    }
  }

  void AddTimeBound(const FilterTerm& term, FilterBounds* bounds) const {
    const TimeSpan span = *ReadFilterTime(term.value, now_);
    // A moment ends with itself; times are of nanoseconds.
    const absl::Time end = span.begin == span.end ? span.end + absl::Nanoseconds(1) : span.end;
    const auto not_before = [&](absl::Time time) {
      if (!bounds->start_time || *bounds->start_time < time) bounds->start_time = time;
    };
    const auto before = [&](absl::Time time) {
      if (!bounds->end_time || *bounds->end_time > time) bounds->end_time = time;
    };
    switch (term.comparator) {
      case Comparator::kEqual:
      case Comparator::kHas:
        not_before(span.begin);
        return before(end);
      case Comparator::kLess:
        return before(span.begin);
      case Comparator::kLessEqual:
        return before(end);
      case Comparator::kGreater:
        return not_before(end);
      case Comparator::kGreaterEqual:
        return not_before(span.begin);
      case Comparator::kNotEqual:
        return;
    }
  }

  const std::string_view text_;
  const absl::Time now_;
};

}  // namespace

absl::StatusOr<Filter> Filter::Parse(std::string_view text, absl::Time now) {
  ASSIGN_OR_RETURN(const std::optional<FilterNode> node, ParseFilter(text));
  Filter filter;
  if (!node) return filter;
  const FilterCompiler compiler(text, now);
  ASSIGN_OR_RETURN(Test test, compiler.Compile(*node));
  filter.test_ = std::make_shared<const Test>(std::move(test));
  compiler.AddBounds(*node, &filter.bounds_);
  return filter;
}

}  // namespace colophon
