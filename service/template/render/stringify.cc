#include "service/template/render/stringify.h"

#include <algorithm>
#include <cmath>

#include "service/base/json.h"
#include "service/template/syntax/js_text.h"

namespace colophon::render {
namespace {

class Writer {
 public:
  Writer(std::string_view indent, size_t most, std::deque<std::string>* arena, Work* work)
      : indent_(indent), most_(most), arena_(arena), work_(work) {}

  void Write(const Value& value, int depth) {
    if (!GoesOn()) return;
    switch (value.kind()) {
      case Value::Kind::kUndefined:
      case Value::Kind::kFunction:
        // Of members and elements; a whole value is seen to by Stringify.
      case Value::Kind::kNull:
        out_ += "null";
        break;
      case Value::Kind::kString:
        if (!work_->Spend(1 + 2 * Work::OfBytes(value.text().size()))) return;
        out_ += WriteJson(json::value(json::string_view(value.text().data(), value.text().size())));
        break;
      case Value::Kind::kSafeString:
        WriteMembers(MembersOf(value, arena_, work_), depth);
        break;
      case Value::Kind::kArray:
        WriteArray(value.array(), depth);
        break;
      case Value::Kind::kObject:
      case Value::Kind::kLayers:
        WriteMembers(MembersOf(value, arena_, work_), depth);
        break;
      case Value::Kind::kDouble:
        if (!std::isfinite(value.number())) {
          out_ += "null";
          break;
        }
        [[fallthrough]];
      default:
        value.AppendTo(&out_, work_);
        break;
    }
  }

  std::string Take() { return std::move(out_); }

 private:
  // A value costs a step.
  bool GoesOn() { return work_->Spend() && out_.size() <= most_; }

  void WriteArray(const json::array& array, int depth) {
    out_ += '[';
    for (size_t i = 0; i < array.size() && GoesOn(); ++i) {
      if (i > 0) out_ += ',';
      Break(depth + 1);
      Write(Value(array[i]), depth + 1);
    }
    if (!array.empty()) Break(depth);
    out_ += ']';
  }

  void WriteMembers(const Members& members, int depth) {
    out_ += '{';
    bool first = true;
    for (const auto& [key, value] : members) {
      if (value.kind() == Value::Kind::kUndefined || value.kind() == Value::Kind::kFunction)
        continue;
      if (!GoesOn()) return;
      if (!first) out_ += ',';
      first = false;
      Break(depth + 1);
      Write(Value::String(key), depth);
      out_ += indent_.empty() ? ":" : ": ";
      Write(value, depth + 1);
    }
    if (!first) Break(depth);
    out_ += '}';
  }

  void Break(int depth) {
    if (indent_.empty()) return;
    out_ += '\n';
    work_->SpendBytes(indent_.size() * static_cast<size_t>(depth));
    for (int i = 0; i < depth; ++i) out_ += indent_;
  }

  const std::string_view indent_;
  const size_t most_;
  std::deque<std::string>* const arena_;
  Work* const work_;
  std::string out_;
};

}  // namespace

std::string Stringify(const Value& value, std::string_view indent, size_t most,
                      std::deque<std::string>* arena, Work* work) {
  if (value.kind() == Value::Kind::kUndefined || value.kind() == Value::Kind::kFunction) {
    return "undefined";
  }
  Writer writer(indent, most, arena, work);
  writer.Write(value, 0);
  return writer.Take();
}

std::string IndentOf(const Value& argument) {
  constexpr int kMost = 10;
  if (argument.IsNumber()) {
    const double number = argument.number();
    if (std::isnan(number) || number < 1) return "";
    return std::string(static_cast<size_t>(std::min(std::floor(number), 10.0)), ' ');
  }
  if (argument.kind() != Value::Kind::kString) return "";
  // The first ten characters.
  size_t end = 0;
  for (int points = 0; end < argument.text().size(); ++end) {
    const bool begins = !syntax::IsContinuation(argument.text()[end]);
    if (begins && ++points > kMost) break;
  }
  return std::string(argument.text().substr(0, end));
}

}  // namespace colophon::render
