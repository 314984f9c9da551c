#include "service/template/syntax/binder.h"

#include <algorithm>

#include "fmt/format.h"
#include "service/template/syntax/helpers.h"

namespace colophon::syntax {

namespace {

// The name that {{#*inline "name"}} gives; empty: it is not written out.
std::string InlineName(const Call& call) {
  if (call.params.size() != 1 || call.params[0].kind != Expression::Kind::kString) return "";
  return call.params[0].string;
}

const Expression* FindHash(const Call& call, std::string_view key) {
  for (const HashPair& pair : call.hash) {
    if (pair.key == key) return &pair.value;
  }
  return nullptr;
}

bool IsLiteral(const Expression& expression) {
  return expression.kind != Expression::Kind::kPath && expression.kind != Expression::Kind::kCall;
}

}  // namespace

// Counts one block or partial as the renderer does.
class Binder::Deeper {
 public:
  explicit Deeper(Binder* binder) : binder_(binder), before_(binder->depth_) { Set(before_ + 1); }
  ~Deeper() { binder_->depth_ = before_; }
  // An inline partial is one by itself, wherever it is called.
  void BeginAgain() { Set(1); }

 private:
  void Set(int depth) {
    binder_->depth_ = depth;
    binder_->deepest_ = std::max(binder_->deepest_, depth);
  }

  Binder* const binder_;
  const int before_;
};

void Binder::BindProgram(Program* program) {
  const std::vector<std::string>& params = program->block_params;
  if (!params.empty()) ++block_count_;
  // Of two parameters of one name the first one counts.
  for (size_t i = params.size(); i-- > 0;) {
    block_params_[params[i]].push_back({block_count_ - 1, i});
  }
  // Inline partials are there for the whole of the block they stand in.
  std::set<std::string> inlines;
  for (const size_t i : program->inlines) inlines.insert(InlineName(program->body[i].call));
  for (const std::string& name : inlines) ++inlines_around_[name];
  for (Statement& statement : program->body) BindStatement(&statement);
  for (const std::string& name : inlines) --inlines_around_[name];
  inline_names_.merge(inlines);
  for (const std::string& name : params) block_params_[name].pop_back();
  if (!params.empty()) --block_count_;
}

void Binder::BindStatement(Statement* statement) {
  switch (statement->kind) {
    case Statement::Kind::kContent:
    case Statement::Kind::kComment:
      return;
    case Statement::Kind::kMustache:
      BindCall(&statement->call, /*has_block=*/false, /*expression=*/false);
      return;
    case Statement::Kind::kBlock: {
      const Deeper deeper(this);
      BindBlock(statement);
      return;
    }
    case Statement::Kind::kPartial:
    case Statement::Kind::kPartialBlock: {
      const Deeper deeper(this);
      BindPartial(statement);
      return;
    }
    case Statement::Kind::kInline: {
      Deeper deeper(this);
      deeper.BeginAgain();
      BindInline(statement);
      return;
    }
  }
}

void Binder::BindBlock(Statement* block) {
  BindCall(&block->call, /*has_block=*/true, /*expression=*/false);
  if (block->program) BindProgram(block->program.get());
  if (!block->inverse) return;
  // A chain of {{else if}} is not nested, though the tree of it is.
  const int depth = depth_;
  if (block->inverse->chained) --depth_;
  BindProgram(block->inverse.get());
  depth_ = depth;
}

void Binder::BindPartial(Statement* partial) {
  BindArguments(&partial->call);
  if (partial->call.params.size() > 1) {
    sink_->Error(
        partial->call.params[1].position, "WRONG_ARGUMENTS",
        fmt::format("{{{{> {}}}}} is given {} arguments without a name: a partial takes one, "
                    "its context; name the others, as in {{{{> {} user=name}}}}",
                    partial->text, partial->call.params.size(), partial->text));
  }
  const Path& path = partial->call.path;
  if (path.data) {
    partial->partial_block = path.original == "@partial-block";
    if (!partial->partial_block) {
      sink_->Error(
          partial->position, "DYNAMIC_PARTIAL",
          fmt::format("{} is no partial: only @partial-block begins with @", path.original));
    }
  } else if (const auto found = inlines_around_.find(partial->text);
             found == inlines_around_.end() || found->second == 0) {
    partial_uses_.push_back({partial->text, partial->position,
                             partial->kind == Statement::Kind::kPartialBlock, depth_});
  }
  if (partial->program) BindProgram(partial->program.get());
}

void Binder::BindInline(Statement* block) {
  const Call& call = block->call;
  if (call.path.original != "inline") {
    sink_->Error(block->position, "UNKNOWN_DECORATOR",
                 fmt::format("unknown decorator {}: the only one is {{{{#*inline \"name\"}}}}",
                             Quote(call.path.original)));
  } else if (block->text = InlineName(call); block->text.empty()) {
    sink_->Error(block->position, "DYNAMIC_PARTIAL",
                 "an inline partial needs its name in quotes, as in {{#*inline \"name\"}}");
  }
  BindProgram(block->program.get());
}

void Binder::BindCall(Call* call, bool has_block, bool expression) {
  const Path& path = call->path;
  const bool has_arguments = !call->params.empty() || !call->hash.empty();
  const bool simple = path.parts.size() == 1 && !path.scoped && path.depth == 0;
  int depth = 0;
  int index = 0;
  const bool block_param = simple && FindBlockParam(path.parts[0].name, &depth, &index);
  const HelperInfo* helper = simple && !block_param ? FindHelper(path.parts[0].name) : nullptr;
  if (helper != nullptr && path.data) {
    sink_->Error(call->position, "AMBIGUOUS_NAME",
                 fmt::format("{} is the name of a helper: give the context value another name",
                             path.original));
  } else if (helper != nullptr) {
    call->helper = helper->helper;
    CheckHelper(*call, has_block, expression);
  } else if (block_param && has_arguments) {
    sink_->Error(
        call->position, "UNKNOWN_HELPER",
        fmt::format("\"{}\" is a block parameter here, so it takes no arguments", path.original));
  } else if (has_arguments || (expression && !block_param)) {
    sink_->Error(
        call->position, "UNKNOWN_HELPER",
        fmt::format("unknown helper {}: there are {}", Quote(path.original), HelperNames()));
  } else if (path.data && path.original == "@partial-block") {
    sink_->Error(call->position, "UNKNOWN_HELPER",
                 "@partial-block is a partial: write {{> @partial-block}}");
  }
  BindPath(&call->path);
  BindArguments(call);
}

void Binder::BindArguments(Call* call) {
  for (Expression& param : call->params) BindExpression(&param);
  for (HashPair& pair : call->hash) BindExpression(&pair.value);
}

void Binder::BindExpression(Expression* expression) {
  if (expression->kind == Expression::Kind::kPath) BindPath(&expression->path);
  if (expression->kind == Expression::Kind::kCall) {
    BindCall(expression->call.get(), /*has_block=*/false, /*expression=*/true);
  }
}

void Binder::BindPath(Path* path) {
  if (path->depth > 0 || path->scoped || path->parts.empty()) return;
  int depth = 0;
  int index = 0;
  if (FindBlockParam(path->parts[0].name, &depth, &index)) {
    path->block_depth = depth;
    path->block_index = index;
  }
}

void Binder::CheckHelper(const Call& call, bool has_block, bool expression) {
  const HelperInfo& info = InfoOf(call.helper);
  if (info.structural && expression) {
    sink_->Error(
        call.position, "MISPLACED_HELPER",
        fmt::format("({}) stands in an expression: it makes a piece of a message, so write "
                    "it as a tag of its own, {{{{{}}}}}",
                    info.name, info.name));
    return;
  }
  if (info.block && !has_block) {
    sink_->Error(call.position, "MISPLACED_HELPER",
                 fmt::format("\"{}\" needs a block: write {{{{#{} …}}}}…{{{{/{}}}}}", info.name,
                             info.name, info.name));
    return;
  }
  // Of a role and its like the lint says more: publishing them is refused, and what
  // was published before they were renders as it did.
  if (!info.block && has_block && !info.structural) {
    sink_->Warning(call.position, "BLOCK_IGNORED",
                   fmt::format("\"{}\" takes no block: what stands between {{{{#{}}}}} and "
                               "{{{{/{}}}}} is not rendered",
                               info.name, info.name, info.name));
  }
  CheckArguments(call);
  if (call.helper == Helper::kRole) CheckRole(call);
  if (call.helper == Helper::kMedia) CheckMedia(call);
}

void Binder::CheckArguments(const Call& call) {
  const HelperInfo& info = InfoOf(call.helper);
  const int count = static_cast<int>(call.params.size());
  if (count < info.min_params || count > info.max_params) {
    const bool is_name = count == 0 && call.hash.empty();
    sink_->Error(
        call.position, "WRONG_ARGUMENTS",
        fmt::format(
            "\"{}\" takes {} argument{}, not {}{}", info.name, info.min_params,
            info.min_params == 1 ? "" : "s", count,
            is_name ? fmt::format(": for a variable of that name write {{{{this.{}}}}}", info.name)
                    : ""));
  }
  for (const HashPair& pair : call.hash) {
    bool known = false;
    for (const std::string_view name : info.hash) known |= name == pair.key;
    if (known) continue;
    std::string names;
    for (const std::string_view name : info.hash) names += fmt::format(" {}=", name);
    sink_->Warning(
        pair.position, "UNKNOWN_ARGUMENT",
        fmt::format("\"{}\" has no argument {}=, so it has no effect: {}", info.name, pair.key,
                    names.empty() ? "it takes none with a name" : "there are" + names));
  }
}

void Binder::CheckRole(const Call& call) {
  if (call.params.size() != 1 || !IsLiteral(call.params[0])) return;
  const Expression& name = call.params[0];
  if (name.kind == Expression::Kind::kString && RoleOf(name.string)) return;
  sink_->Error(
      name.position, "UNKNOWN_ROLE",
      fmt::format("unknown role {}: there are \"system\", \"user\", \"model\" (for what an "
                  "assistant said) and \"tool\"",
                  Quote(name.path.original)));
}

void Binder::CheckMedia(const Call& call) {
  const Expression* url = FindHash(call, "url");
  if (url == nullptr) {
    sink_->Error(call.position, "WRONG_ARGUMENTS",
                 "\"media\" has no url: write {{media url=photo contentType=\"image/png\"}}");
  } else if (IsLiteral(*url) && (url->kind != Expression::Kind::kString || url->string.empty())) {
    sink_->Error(
        url->position, "WRONG_ARGUMENTS",
        fmt::format("the url of \"media\" is {}: it has to be text", Quote(url->path.original)));
  }
}

// Blocks without parameters don't count.
bool Binder::FindBlockParam(const std::string& name, int* depth, int* index) const {
  const auto found = block_params_.find(name);
  if (found == block_params_.end() || found->second.empty()) return false;
  const BlockParam& param = found->second.back();
  *depth = static_cast<int>(block_count_ - 1 - param.block);
  *index = static_cast<int>(param.index);
  return true;
}

}  // namespace colophon::syntax
