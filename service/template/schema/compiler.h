#pragma once

// Reads a JSON Schema into rules. Internal to this room.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "boost/json/value.hpp"
#include "service/base/work.h"
#include "service/template/schema/pattern.h"
#include "service/template/schema/problem.h"
#include "service/template/schema/references.h"
#include "service/template/schema/run.h"

namespace colophon::schema {

// The keywords of one schema.
struct Keywords {
  const boost::json::object& object;
  const std::string& pointer;

  const boost::json::value* Find(std::string_view name) const {
    return object.if_contains({name.data(), name.size()});
  }
  std::string At(std::string_view name) const { return pointer + "/" + std::string(name); }
};

class Compiler;

// Adds the rules of the keywords that it knows.
using AddRules = void (*)(const Keywords& keywords, Compiler* compiler, Rules* rules);

// Every keyword that is enforced. The one about types goes first.
struct Vocabulary {
  AddRules type;
  std::span<const AddRules> others;
};

class Compiler {
 public:
  Compiler(Vocabulary vocabulary, std::vector<Problem>* problems, Work* work)
      : vocabulary_(vocabulary), problems_(problems), work_(work) {}

  // nullptr after an error, and when `work` ends. The nodes are taken with TakeNodes.
  const Node* Compile(const boost::json::value& schema);
  int64_t memory() const;
  std::vector<std::unique_ptr<const Node>> TakeNodes();

  // For those that add rules. What can't be read is an error and reads as
  // nothing.
  const Node* Subschema(const boost::json::value& schema, const std::string& pointer);
  // The schema that is the keyword's value; nullptr: there is none.
  const Node* SubschemaOf(const Keywords& keywords, std::string_view name);
  // The list of at least one schema.
  std::vector<const Node*> SubschemasOf(const Keywords& keywords, std::string_view name);
  // The keyword's value when it is an object.
  const boost::json::object* ObjectOf(const Keywords& keywords, std::string_view name);
  // An integer from 0.
  std::optional<size_t> SizeOf(const Keywords& keywords, std::string_view name);
  std::vector<std::string> StringsOf(const boost::json::value& value, const std::string& pointer);
  // nullptr after an error or a warning.
  std::shared_ptr<const Pattern> PatternOf(std::string_view text, const std::string& pointer);
  // `*target` becomes the schema that `reference` means, once all are read; it
  // stays nullptr when that isn't in the document.
  void Refer(std::string_view reference, const std::string& pointer, const Node** target);

  void Error(const std::string& pointer, std::string message);
  void Warning(const std::string& pointer, std::string message);

 private:
  struct Reference {
    std::string text;
    std::string pointer;
    const References::Resource* resource;
    const Node** target;
  };

  void ReadIdentity(const Keywords& keywords, const boost::json::value& schema);
  void ReadKeywords(const Keywords& keywords, Node* node);
  void ResolveReferences();
  void CheckLoops();
  void Add(const std::string& pointer, std::string_view code, std::string message, bool is_error);

  const Vocabulary vocabulary_;
  std::vector<Problem>* const problems_;
  Work* const work_;
  bool failed_ = false;
  size_t problem_count_ = 0;
  int depth_ = 0;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::unordered_map<const boost::json::value*, const Node*> by_value_;
  References references_;
  const References::Resource* resource_ = nullptr;
  std::vector<Reference> pending_;
  std::map<std::string, std::shared_ptr<const Pattern>, std::less<>> patterns_;
  size_t pattern_count_ = 0;
  size_t pattern_bytes_ = 0;
  int64_t instructions_ = 0;
  int64_t pattern_memory_ = 0;
  size_t pointer_bytes_ = 0;
};

}  // namespace colophon::schema
