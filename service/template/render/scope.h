#pragma once

// Which names there are where a template runs, and what they stand for: what a block
// binds, what "../" and "@index" mean, what a partial sees. The one definition of it:
// the Renderer walks it with values, the lint with what is known of values.
//
// V is that kind of value: cheap to copy; V() is the one of which nothing is known.
// syntax::Binder has told which of the parameters around it a path begins at.
//
// Every scope lives on the stack of the call that opened it and points to the one
// around it.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "boost/json/object.hpp"
#include "service/template/prompt/prompt_file.h"
#include "service/template/syntax/ast.h"

namespace colophon::render {

// The contexts that "../" walks.
template <class V>
struct ContextScope {
  V value;
  const ContextScope* parent = nullptr;
};

// The values of one block's parameters.
template <class V>
struct ParamScope {
  V values[2];
  const ParamScope* parent = nullptr;
};

template <class V>
struct Scope;

// A block that waits to be run elsewhere: the body of {{#> partial}}, with the scope
// it stands in.
template <class V>
struct Closed {
  const syntax::Program* program = nullptr;
  const Scope<V>* scope = nullptr;
  // What @partial-block is inside of it.
  const Closed* partial_block = nullptr;
};

// @index and its like. A frame sees what the frames around it have.
template <class V>
struct DataScope {
  enum class Kind : uint8_t { kBase, kRoot, kEach, kPartialBlock };
  Kind kind = Kind::kBase;
  const DataScope* parent = nullptr;
  // kBase: the request's context, and what @metadata is; null without a request.
  const boost::json::object* context = nullptr;
  const boost::json::object* metadata = nullptr;
  V root;  // kRoot
  // kEach
  V key;
  int64_t index = 0;
  bool last = false;
  const Closed<V>* partial_block = nullptr;  // kPartialBlock; may be null
};

// {{#*inline}} partials of a block.
template <class V>
struct InlineScope {
  const syntax::Program* program = nullptr;
  const Scope<V>* scope = nullptr;  // Around that block.
  const InlineScope* parent = nullptr;
};

template <class V>
struct Scope {
  V context;
  const ContextScope<V>* contexts = nullptr;
  const ParamScope<V>* params = nullptr;
  const DataScope<V>* data = nullptr;
  const InlineScope<V>* inlines = nullptr;
  const prompt::PromptFile* file = nullptr;
};

// What @partial-block is; null: there is none.
template <class V>
const Closed<V>* PartialBlock(const DataScope<V>* data) {
  for (; data != nullptr; data = data->parent) {
    if (data->kind == DataScope<V>::Kind::kPartialBlock) return data->partial_block;
  }
  return nullptr;
}

// What a "@name" is in one frame.
enum class DataName : uint8_t { kNone, kIndex, kKey, kFirst, kLast, kPartialBlock, kRoot, kBase };

template <class V>
DataName NameIn(const DataScope<V>& frame, std::string_view name) {
  switch (frame.kind) {
    case DataScope<V>::Kind::kEach:
      if (name == "index") return DataName::kIndex;
      if (name == "key") return DataName::kKey;
      if (name == "first") return DataName::kFirst;
      if (name == "last") return DataName::kLast;
      return DataName::kNone;
    case DataScope<V>::Kind::kPartialBlock:
      return name == "partial-block" ? DataName::kPartialBlock : DataName::kNone;
    case DataScope<V>::Kind::kRoot:
      return name == "root" ? DataName::kRoot : DataName::kNone;
    case DataScope<V>::Kind::kBase:
      return DataName::kBase;
  }
  return DataName::kNone;
}

// {{this}}, {{..}}; in Handlebars.js {{""}} means the same.
inline bool IsContext(const syntax::Path& path) {
  return path.parts.empty() || path.parts[0].name.empty();
}

// What a path begins at.
template <class V>
struct PathStart {
  enum class Kind : uint8_t { kNothing, kValue, kData };
  Kind kind = Kind::kNothing;
  V value;                                 // kValue
  size_t next = 0;                         // kValue: so many of its parts are `value`.
  const ContextScope<V>* frame = nullptr;  // kValue, by "../": where it is from.
  const DataScope<V>* data = nullptr;      // kData: the first part is looked up from here.
};

template <class V>
PathStart<V> StartOf(const syntax::Path& path, const Scope<V>& scope) {
  using Kind = typename PathStart<V>::Kind;
  PathStart<V> start;
  if (path.block_depth >= 0) {
    const ParamScope<V>* params = scope.params;
    for (int i = 0; i < path.block_depth && params != nullptr; ++i) params = params->parent;
    if (params == nullptr) return start;
    if (path.block_index < 2) start.value = params->values[path.block_index];
    start.next = 1;
  } else if (path.data && !IsContext(path)) {
    start.kind = Kind::kData;
    start.data = scope.data;
    for (int i = 0; i < path.depth && start.data != nullptr; ++i) start.data = start.data->parent;
    return start;
  } else if (path.depth == 0) {
    start.value = scope.context;
  } else {
    start.frame = scope.contexts;
    for (int i = 0; i < path.depth && start.frame != nullptr; ++i) {
      start.frame = start.frame->parent;
    }
    if (start.frame == nullptr) return start;
    start.value = start.frame->value;
  }
  start.kind = Kind::kValue;
  if (IsContext(path)) start.next = path.parts.size();
  return start;
}

// A whole file: `scope` says what it sees beside its context.
template <class V>
class FileScope {
 public:
  FileScope(const V& context, const Scope<V>& scope)
      : contexts_{context, nullptr},
        outside_(scope),
        inlines_{&scope.file->program(), &outside_, scope.inlines} {
    outside_.context = context;
    inner_ = outside_;
    outside_.contexts = nullptr;
    inner_.contexts = &contexts_;
    if (!scope.file->program().inlines.empty()) inner_.inlines = &inlines_;
  }
  FileScope(const FileScope&) = delete;
  FileScope& operator=(const FileScope&) = delete;

  const Scope<V>& operator*() const { return inner_; }

 private:
  const ContextScope<V> contexts_;
  Scope<V> outside_;
  const InlineScope<V> inlines_;
  Scope<V> inner_;
};

// The body of a block, which may have parameters and inline partials.
template <class V>
class BodyScope {
 public:
  // `same`: the context is the one around, and so no step for "../". `params` is what
  // the block fills its parameters with; null: with nothing.
  BodyScope(const syntax::Program& program, const V& context, bool same, const Scope<V>& around,
            const ParamScope<V>* params)
      : contexts_{context, around.contexts},
        inlines_{&program, &around, around.inlines},
        inner_(around) {
    inner_.context = context;
    if (!same || around.contexts == nullptr) inner_.contexts = &contexts_;
    if (!program.block_params.empty()) {
      empty_.parent = around.params;
      inner_.params = params != nullptr ? params : &empty_;
    }
    if (!program.inlines.empty()) inner_.inlines = &inlines_;
  }
  BodyScope(const BodyScope&) = delete;
  BodyScope& operator=(const BodyScope&) = delete;

  const Scope<V>& operator*() const { return inner_; }

 private:
  const ContextScope<V> contexts_;
  ParamScope<V> empty_;
  const InlineScope<V> inlines_;
  Scope<V> inner_;
};

// {{#with}}: the first parameter is the new context.
template <class V>
ParamScope<V> WithParams(const V& value, const Scope<V>& around) {
  ParamScope<V> params;
  params.values[0] = value;
  params.parent = around.params;
  return params;
}

// {{#each}}: the parameters are an element and its key, and there are @index, @key,
// @first and @last.
template <class V>
class EachScope {
 public:
  explicit EachScope(const Scope<V>& around) : inner_(around) {
    data_.kind = DataScope<V>::Kind::kEach;
    data_.parent = around.data;
    params_.parent = around.params;
    inner_.data = &data_;
  }
  EachScope(const EachScope&) = delete;
  EachScope& operator=(const EachScope&) = delete;

  void Set(const V& value, const V& key, int64_t index, bool last) {
    data_.index = index;
    data_.key = key;
    data_.last = last;
    params_.values[0] = value;
    params_.values[1] = key;
  }

  const Scope<V>& operator*() const { return inner_; }
  const ParamScope<V>* params() const { return &params_; }

 private:
  DataScope<V> data_;
  ParamScope<V> params_;
  Scope<V> inner_;
};

// {{> name}}, or {{#> name}}…{{/name}}, whose body is @partial-block to what it calls,
// and whose inline partials are there for it.
template <class V>
class PartialCall {
 public:
  enum class Target : uint8_t {
    kInline,  // program() in scope(), in a context of its own.
    kBlock,   // The same, of @partial-block or of the block that stands in.
    kFile,    // scope() is set up for a FileScope.
    kMissing,
    kStopped,  // There was no time to look for it.
  };
  using Files = std::map<std::string, std::shared_ptr<const prompt::PromptFile>>;

  // Both stay alive.
  PartialCall(const syntax::Statement& partial, const Scope<V>& caller)
      : partial_(partial),
        caller_(caller),
        block_{partial.program.get(), &caller, nullptr},
        inlines_{partial.program.get(), &caller, caller.inlines},
        callee_data_(caller.data),
        callee_inlines_(caller.inlines) {
    if (!HasBlock()) return;
    block_.partial_block = PartialBlock(caller.data);
    data_.kind = DataScope<V>::Kind::kPartialBlock;
    data_.parent = caller.data;
    data_.partial_block = &block_;
    callee_data_ = &data_;
    if (!partial.program->inlines.empty()) callee_inlines_ = &inlines_;
  }
  PartialCall(const PartialCall&) = delete;
  PartialCall& operator=(const PartialCall&) = delete;

  // What it runs. `may_look` takes the price of looking at so many names, and is
  // false when there is nothing to pay it with.
  template <class MayLook>
  Target Find(const Files& files, const MayLook& may_look) {
    if (partial_.partial_block) {
      if (const Closed<V>* const outer = PartialBlock(caller_.data)) return Run(*outer);
      return HasBlock() ? Run(block_) : Target::kMissing;
    }
    for (const InlineScope<V>* inlines = caller_.inlines; inlines != nullptr;
         inlines = inlines->parent) {
      if (!may_look(inlines->program->inlines.size())) return Target::kStopped;
      program_ = FindInline(*inlines->program, partial_.text);
      if (program_ == nullptr) continue;
      scope_ = *inlines->scope;
      scope_.data = callee_data_;
      scope_.inlines = scope_.file == caller_.file ? caller_.inlines : inlines;
      return Target::kInline;
    }
    if (const auto file = files.find(partial_.text); file != files.end()) {
      // It sees nothing of where it is called but what it is given.
      scope_ = {};
      scope_.data = callee_data_;
      scope_.inlines = callee_inlines_;
      scope_.file = file->second.get();
      return Target::kFile;
    }
    return HasBlock() ? Run(block_) : Target::kMissing;
  }

  // After Find.
  const syntax::Program& program() const { return *program_; }
  const Scope<V>& scope() const { return scope_; }

 private:
  bool HasBlock() const { return partial_.kind == syntax::Statement::Kind::kPartialBlock; }

  Target Run(const Closed<V>& closed) {
    restored_.kind = DataScope<V>::Kind::kPartialBlock;
    restored_.parent = callee_data_;
    restored_.partial_block = closed.partial_block;
    scope_ = *closed.scope;
    scope_.data = &restored_;
    program_ = closed.program;
    return Target::kBlock;
  }

  // The last one of a name counts; null: there is none.
  static const syntax::Program* FindInline(const syntax::Program& program,
                                           const std::string& name) {
    for (size_t i = program.inlines.size(); i-- > 0;) {
      const syntax::Statement& statement = program.body[program.inlines[i]];
      if (statement.text == name) return statement.program.get();
    }
    return nullptr;
  }

  const syntax::Statement& partial_;
  const Scope<V>& caller_;
  Closed<V> block_;
  DataScope<V> data_;
  DataScope<V> restored_;
  const InlineScope<V> inlines_;
  // What the partial that is called sees.
  const DataScope<V>* callee_data_;
  const InlineScope<V>* callee_inlines_;
  const syntax::Program* program_ = nullptr;
  Scope<V> scope_;
};

}  // namespace colophon::render
