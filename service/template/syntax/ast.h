#pragma once

// The syntax tree of a template. Every construct of Handlebars has a place
// here. It is built once by the Parser, its white space settled by
// ControlWhitespace, its names bound by Bind, and then only read.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "service/template/syntax/diagnostics.h"

namespace colophon::syntax {

// Blocks and partials may be inside each other so deep, in a file and along the
// partials that it includes, when it is parsed and when it is rendered: what can be
// published can be rendered.
inline constexpr int kMaxDepth = 256;

// The helpers that there are: Handlebars' own and Dotprompt's.
enum class Helper : uint8_t {
  kNone,
  kIf,
  kUnless,
  kEach,
  kWith,
  kLookup,
  kLog,
  kJson,
  kRole,
  kHistory,
  kSection,
  kMedia,
  kIfEquals,
  kUnlessEquals,
};

// One step of a path: "b" of a.b; its number when it is an array's index.
struct Segment {
  static constexpr uint32_t kNoIndex = 0xffffffff;
  std::string name;
  uint32_t index = kNoIndex;
};

// a.b, a.[b c], a.0, ../x, this, @root.x
struct Path {
  std::string original;  // As written, without brackets.
  std::vector<Segment> parts;
  int depth = 0;        // How many "../".
  bool data = false;    // Begins with "@".
  bool scoped = false;  // Begins with "./" or "this": never a helper.
  // Bound: which block parameter it begins at. `block_depth` counts the blocks
  // with parameters between here and there; -1: it is no block parameter.
  int block_depth = -1;
  int block_index = 0;
};

struct Call;

struct Expression {
  enum class Kind : uint8_t { kPath, kString, kNumber, kBoolean, kUndefined, kNull, kCall };
  Kind kind = Kind::kUndefined;
  Position position;
  Path path;
  std::string string;
  double number = 0;
  bool boolean = false;
  std::unique_ptr<Call> call;  // A sub-expression.
};

struct HashPair {
  std::string key;
  Position position;
  Expression value;
};

// What stands between braces: {{path params… key=value…}}
struct Call {
  Position position;
  Path path;
  std::vector<Expression> params;
  std::vector<HashPair> hash;
  Helper helper = Helper::kNone;  // Bound; kNone: a variable.
};

// {{~ and ~}}
struct Strip {
  bool open = false;
  bool close = false;
};

struct Program;

struct Statement {
  enum class Kind : uint8_t {
    kContent,       // text
    kComment,       // {{! text }}
    kMustache,      // {{call}} {{{call}}} {{&call}}
    kBlock,         // {{#call}}…{{else}}…{{/call}}, {{^call}}, {{{{call}}}}
    kPartial,       // {{> text call.params call.hash}}
    kPartialBlock,  // {{#> text call.params call.hash}}…{{/text}}
    kInline,        // {{#*inline "text"}}…{{/inline}}
  };
  Kind kind = Kind::kContent;
  Position position;
  // Content and comments: the text, as the file has it from `position` on.
  // Partials: the name. Inline: the name.
  std::string text;
  Call call;
  std::unique_ptr<Program> program;
  std::unique_ptr<Program> inverse;
  // Where the {{else}} between the two stands; line 0: there is none.
  Position else_position;
  // A partial that is alone on its line: what stood before it, and so goes
  // before each of its lines.
  std::string indent;
  bool escaped = true;         // {{x}}; rendering never escapes.
  bool partial_block = false;  // {{> @partial-block}}

  // For white space control only.
  std::string original;
  bool left_stripped = false;
  bool right_stripped = false;
  Strip strip;  // Of the only tag, or of a block's opening tag.
  Strip inverse_strip;
  Strip close_strip;
};

struct Program {
  std::vector<Statement> body;
  std::vector<std::string> block_params;
  bool chained = false;  // Holds nothing but the block of an {{else if}}.
  // Which statements of `body` are kInline.
  std::vector<size_t> inlines;
};

// The name that an identifier token means: without [ ] and escapes.
std::string SegmentText(std::string_view token);
Segment MakeSegment(std::string name);
// The array index that a key is; kNoIndex: none.
uint32_t IndexOf(std::string_view key);
// Handlebars' scopedId.
bool IsScoped(std::string_view original);
double NumberOf(std::string_view literal);
// {{"a b"}}, {{12}}, {{true}}: a literal where a name belongs.
Path LiteralPath(bool is_string, bool is_number, std::string_view token);
// The characters between the quotes of a string token.
std::string StringOf(std::string_view token);

}  // namespace colophon::syntax
