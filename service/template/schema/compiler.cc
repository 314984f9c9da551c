#include "service/template/schema/compiler.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "service/base/json.h"
#include "service/template/schema/json_compare.h"
#include "service/template/schema/keywords.h"
#include "service/template/schema/preview.h"
#include "service/template/syntax/pointer.h"

namespace colophon::schema {
namespace {

constexpr size_t kMaxNodes = 20'000;
constexpr int kMaxDepth = 200;
constexpr size_t kMaxProblems = 100;
constexpr size_t kMaxUri = 2048;  // It stands in each of its anchors' names.
// Schemas that apply one through the other to the same value.
constexpr int kMaxChain = 100;
// Regular expressions: their texts together, which are read now, and their programs,
// which are compiled when they are used.
constexpr size_t kMaxPatterns = 256;
constexpr size_t kMaxPatternBytes = 64 << 10;
constexpr int64_t kMaxInstructions = 100'000;
// The places of all schemas together, as pointers.
constexpr size_t kMaxPointerBytes = 8 << 20;
// Some microseconds for the rules of a schema, and for each byte of a pattern.
constexpr int64_t kCostOfNode = 30;
constexpr int64_t kCostOfKeyword = 3;
constexpr int64_t kCostOfPatternByte = 3;

bool IsAnchor(std::string_view name) {
  return !name.empty() && (absl::ascii_isalpha(name[0]) || name[0] == '_') &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.';
         });
}

// For who writes Picoschema's short form within JSON Schema.
std::string ShorthandHint(const json::value& schema) {
  if (!schema.is_string()) return "";
  const std::string_view text = View(schema.get_string());
  const std::string_view type = text.substr(0, text.find(','));
  static constexpr std::string_view kTypes[] = {"string", "number", "integer", "boolean",
                                                "null",   "object", "array"};
  const bool is_type = std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes);
  return fmt::format("; Picoschema's short form doesn't go with JSON Schema: write {{type: {}}}",
                     is_type ? type : "string");
}

}  // namespace

const Node* Compiler::Compile(const json::value& schema) {
  resource_ = references_.AddRoot(schema);
  const Node* root = Subschema(schema, "");
  ResolveReferences();
  if (!failed_) CheckLoops();
  return failed_ ? nullptr : root;
}

std::vector<std::unique_ptr<const Node>> Compiler::TakeNodes() {
  return {std::make_move_iterator(nodes_.begin()), std::make_move_iterator(nodes_.end())};
}

int64_t Compiler::memory() const {
  constexpr int64_t kOfNode = 600;  // Its rules too.
  constexpr int64_t kPointersOfNode = 5;
  return kOfNode * static_cast<int64_t>(nodes_.size()) +
         kPointersOfNode * static_cast<int64_t>(pointer_bytes_) + pattern_memory_;
}

const Node* Compiler::Subschema(const json::value& schema, const std::string& pointer) {
  static const Node* const kAlways = new Node();
  if (nodes_.size() >= kMaxNodes) {
    if (nodes_.size() == kMaxNodes && !failed_) {
      Error(pointer, fmt::format("more than {} schemas in one document", kMaxNodes));
    }
    return kAlways;
  }
  pointer_bytes_ += pointer.size();
  if (pointer_bytes_ > kMaxPointerBytes) {
    if (!failed_) {
      Error(pointer, fmt::format("the names on the ways to all schemas of one document have more "
                                 "than {} bytes: write them shorter",
                                 kMaxPointerBytes));
    }
    return kAlways;
  }
  if (!work_->Spend(kCostOfNode)) {
    failed_ = true;
    return kAlways;
  }
  if (depth_ >= kMaxDepth) {
    Error(pointer,
          fmt::format("the schema has more than {} levels: name parts of it in $defs", kMaxDepth));
    return kAlways;
  }
  Node* node = nodes_.emplace_back(std::make_unique<Node>()).get();
  node->pointer = pointer;
  by_value_[&schema] = node;
  if (schema.is_bool()) {
    node->never = !schema.get_bool();
  } else if (!schema.is_object()) {
    Error(pointer, fmt::format("{} is no schema: write an object, true or false{}", Preview(schema),
                               ShorthandHint(schema)));
  } else {
    const References::Resource* const outer = resource_;
    ++depth_;
    const Keywords keywords{schema.get_object(), pointer};
    ReadIdentity(keywords, schema);
    ReadKeywords(keywords, node);
    --depth_;
    resource_ = outer;
  }
  return node;
}

// $id makes the schema a resource of its own, $anchor names it within one.
void Compiler::ReadIdentity(const Keywords& keywords, const json::value& schema) {
  for (const std::string_view name : {"$id", "$anchor", "$dynamicAnchor"}) {
    const json::value* value = keywords.Find(name);
    if (value == nullptr) continue;
    if (!value->is_string()) {
      Error(keywords.At(name), fmt::format("{} is no text", Preview(*value)));
      continue;
    }
    std::string_view text = View(value->get_string());
    // Up to draft 7 an $id "#name" was what is an $anchor today.
    const bool is_anchor = name != "$id" || (text.starts_with('#') && text.size() > 1);
    if (is_anchor) {
      if (name == "$id") text.remove_prefix(1);
      if (IsAnchor(text)) {
        references_.AddAnchor(*resource_, text, schema, keywords.pointer);
      } else {
        Error(keywords.At(name), fmt::format("{} is no anchor: write a letter or _, then letters, "
                                             "digits, _, - and .",
                                             Quote(text)));
      }
      continue;
    }
    if (text.size() > kMaxUri) {
      Error(keywords.At(name),
            fmt::format("an $id of {} bytes: at most {} are taken", text.size(), kMaxUri));
      continue;
    }
    if (text.find('#') < text.size() - 1) {
      Error(keywords.At(name), fmt::format("{} has a fragment: write an $anchor", Quote(text)));
      continue;
    }
    const auto resource = references_.AddResource(*resource_, text, schema, keywords.pointer);
    if (resource.ok()) {
      resource_ = *resource;
    } else {
      Error(keywords.At(name), MessageOf(resource.status()));
    }
  }
}

void Compiler::ReadKeywords(const Keywords& keywords, Node* node) {
  vocabulary_.type(keywords, this, &node->rules);
  node->has_type = !node->rules.empty();
  for (const AddRules add : vocabulary_.others) add(keywords, this, &node->rules);
  // Definitions are read where they stand, so that their errors, $id and $anchor
  // are found.
  for (const std::string_view name : {"$defs", "definitions"}) {
    const json::object* definitions = ObjectOf(keywords, name);
    if (definitions == nullptr) continue;
    for (const auto& member : *definitions) {
      Subschema(member.value(), syntax::ChildPointer(keywords.At(name), View(member.key())));
    }
  }
  for (const auto& member : keywords.object) {
    const std::string_view name = View(member.key());
    if (!work_->Spend(kCostOfKeyword)) return;
    if (IsKeyword(name)) continue;
    Warning(syntax::ChildPointer(keywords.pointer, name),
            fmt::format("{} is not enforced{}", Quote(name), AdviceOnKeyword(name)));
  }
}

const Node* Compiler::SubschemaOf(const Keywords& keywords, std::string_view name) {
  const json::value* value = keywords.Find(name);
  return value == nullptr ? nullptr : Subschema(*value, keywords.At(name));
}

std::vector<const Node*> Compiler::SubschemasOf(const Keywords& keywords, std::string_view name) {
  std::vector<const Node*> nodes;
  const json::value* value = keywords.Find(name);
  if (value == nullptr) return nodes;
  if (!value->is_array() || value->get_array().empty()) {
    Error(keywords.At(name),
          fmt::format("{} is {}: it has to be a list of schemas, and not an empty one", Quote(name),
                      Preview(*value)));
    return nodes;
  }
  for (size_t i = 0; i < value->get_array().size(); ++i) {
    nodes.push_back(Subschema(value->get_array()[i], fmt::format("{}/{}", keywords.At(name), i)));
  }
  return nodes;
}

const json::object* Compiler::ObjectOf(const Keywords& keywords, std::string_view name) {
  const json::value* value = keywords.Find(name);
  if (value == nullptr) return nullptr;
  if (value->is_object()) return &value->get_object();
  Error(keywords.At(name),
        fmt::format("{} is {}: it has to be an object", Quote(name), Preview(*value)));
  return nullptr;
}

std::optional<size_t> Compiler::SizeOf(const Keywords& keywords, std::string_view name) {
  const json::value* value = keywords.Find(name);
  if (value == nullptr) return std::nullopt;
  static const json::value kZero(0);
  if (!IsInteger(*value) || CompareNumbers(*value, kZero) < 0) {
    Error(keywords.At(name), fmt::format("{} is {}: it has to be an integer, 0 or more",
                                         Quote(name), Preview(*value)));
    return std::nullopt;
  }
  // 1e300 is as good as no limit.
  boost::system::error_code error;
  const auto size = value->to_number<uint64_t>(error);
  return error ? std::numeric_limits<size_t>::max() : size;
}

std::vector<std::string> Compiler::StringsOf(const json::value& value, const std::string& pointer) {
  std::vector<std::string> strings;
  const bool is_list =
      value.is_array() && std::all_of(value.get_array().begin(), value.get_array().end(),
                                      [](const json::value& item) { return item.is_string(); });
  if (!is_list) {
    Error(pointer, fmt::format("{} is no list of names", Preview(value)));
    return strings;
  }
  for (const json::value& item : value.get_array()) {
    strings.emplace_back(View(item.get_string()));
  }
  return strings;
}

std::shared_ptr<const Pattern> Compiler::PatternOf(std::string_view text,
                                                   const std::string& pointer) {
  const auto known = patterns_.find(text);
  if (known != patterns_.end()) return known->second;
  // Those that fail have taken their time too.
  ++pattern_count_;
  pattern_bytes_ += text.size();
  const auto is_too_much = [&] {
    return pattern_count_ > kMaxPatterns || pattern_bytes_ > kMaxPatternBytes ||
           instructions_ > kMaxInstructions;
  };
  const auto fail = [&] {
    Error(pointer, fmt::format("the regular expressions of one schema are too many or too large: "
                               "at most {}, of {} bytes and about {} instructions of RE2's "
                               "together; write them shorter, or bound lengths with maxLength",
                               kMaxPatterns, kMaxPatternBytes, kMaxInstructions));
    return nullptr;
  };
  if (is_too_much()) return fail();
  if (!work_->Spend(kCostOfPatternByte * static_cast<int64_t>(text.size()))) {
    failed_ = true;
    return nullptr;
  }
  auto pattern = Pattern::Parse(text);
  if (pattern.ok()) {
    instructions_ += (*pattern)->size().instructions;
    pattern_memory_ += (*pattern)->memory();
    if (is_too_much()) return fail();
    return patterns_.emplace(text, *std::move(pattern)).first->second;
  }
  const std::string why = MessageOf(pattern.status());
  if (ReasonOf(pattern.status()) == "PATTERN_BEYOND_RE2") {
    Warning(pointer, fmt::format("the pattern {} is not enforced: {}", Quote(text), why));
  } else {
    Error(pointer, fmt::format("{} is no regular expression: {}", Quote(text), why));
  }
  return nullptr;
}

void Compiler::Refer(std::string_view reference, const std::string& pointer, const Node** target) {
  pending_.push_back({std::string(reference), pointer, resource_, target});
}

void Compiler::ResolveReferences() {
  // A reference to what was not known for a schema reads it, and may add more.
  for (size_t i = 0; i < pending_.size(); ++i) {
    const Reference reference = pending_[i];
    // URIs are put together and looked up.
    constexpr int64_t kPasses = 8;
    const size_t bytes = reference.text.size() + reference.resource->uri.size();
    if (!work_->Spend(kCostOfNode + kPasses * Work::OfBytes(bytes))) {
      failed_ = true;
      return;
    }
    const auto place = references_.Find(*reference.resource, reference.text);
    if (!place.ok()) {
      Error(reference.pointer, fmt::format("$ref {} leads nowhere: {}", Quote(reference.text),
                                           MessageOf(place.status())));
    } else if (place->value == nullptr) {
      Warning(reference.pointer,
              fmt::format("$ref {} leads out of this document and is not enforced: put the schema "
                          "in $defs",
                          Quote(reference.text)));
    } else if (const auto known = by_value_.find(place->value); known != by_value_.end()) {
      *reference.target = known->second;
    } else {
      resource_ = place->resource;
      *reference.target = Subschema(*place->value, place->pointer);
    }
  }
}

// A schema that applies itself to the same value never ends, and a long chain
// of them would be a deep recursion. Depth first over what applies to the same
// value, without recursion of its own.
void Compiler::CheckLoops() {
  struct Frame {
    const Node* node;
    std::vector<const Node*> next;
    size_t at = 0;
    int chain = 0;
  };
  const auto frame_of = [](const Node* node) {
    Frame frame{node, {}};
    for (const auto& rule : node->rules) {
      const std::vector<const Node*> same = rule->SameValue();
      frame.next.insert(frame.next.end(), same.begin(), same.end());
    }
    return frame;
  };
  constexpr int kOpen = -1;
  std::unordered_map<const Node*, int> chains;  // Of a node that is done; kOpen.
  for (const auto& start : nodes_) {
    if (chains.count(start.get()) > 0) continue;
    std::vector<Frame> stack;
    stack.push_back(frame_of(start.get()));
    chains[start.get()] = kOpen;
    while (!stack.empty()) {
      Frame& frame = stack.back();
      if (frame.at == frame.next.size()) {
        const int chain = frame.chain + 1;
        chains[frame.node] = chain;
        if (chain > kMaxChain) {
          Error(frame.node->pointer,
                fmt::format("more than {} schemas apply one through the other to one value",
                            kMaxChain));
          return;
        }
        stack.pop_back();
        if (!stack.empty()) stack.back().chain = std::max(stack.back().chain, chain);
        continue;
      }
      const Node* next = frame.next[frame.at++];
      const auto [known, is_new] = chains.emplace(next, kOpen);
      if (is_new) {
        stack.push_back(frame_of(next));
      } else if (known->second == kOpen) {
        Error(next->pointer, fmt::format("the schema at {} applies itself to the same value: take "
                                         "the $ref that leads back to it away",
                                         Quote(next->pointer)));
        return;
      } else {
        frame.chain = std::max(frame.chain, known->second);
      }
    }
  }
}

void Compiler::Error(const std::string& pointer, std::string message) {
  Add(pointer, "BAD_SCHEMA", std::move(message), true);
}

void Compiler::Warning(const std::string& pointer, std::string message) {
  Add(pointer, "UNENFORCED_KEYWORD", std::move(message), false);
}

void Compiler::Add(const std::string& pointer, std::string_view code, std::string message,
                   bool is_error) {
  // A schema that is refused has at least one error among what is reported.
  const bool is_first_error = is_error && !failed_;
  failed_ |= is_error;
  if (problem_count_ >= kMaxProblems && !is_first_error) return;
  ++problem_count_;
  problems_->push_back({pointer, std::string(code), std::move(message), is_error});
}

}  // namespace colophon::schema
