#pragma once

// Writes the body of a `.prompt` file from pieces, so that it renders to what
// the pieces mean, byte for byte.
//
// Text of others may look like the template language. What is written for it:
//
//   {{            \{{            an escaped tag is text
//   \{{           \\{{!}}\{{     before a tag the last of two backslashes goes
//   \ and a tag   \\{{x}}
//   { and a tag   { {{~!}}{{x}}  {{{ would be another tag; ~ takes the space back
//   a tag and }   {{x}}{{!}}}    so would }}}
//
// A block tag alone on its line takes the line with it, and front matter takes
// white space from both ends of the body. The empty comment {{!}} prevents both.

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace colophon {

class TemplateWriter {
 public:
  // Literal text.
  void Text(std::string_view text);
  // A tag that prints something or nothing, with its braces.
  void Tag(std::string tag);
  // The tags of a block: "{{#if x}}", "{{else}}", "{{/if}}".
  void Open(std::string tag);
  void Else(std::string tag);
  void Close(std::string tag);
  // A message of this role begins: "system", "user", "model" or "tool".
  void Role(std::string_view role);
  // The messages of the conversation so far stand here.
  void History();
  // {{variable}}; any name but an empty one.
  void Variable(std::string_view name);
  // {{variable.member}}; `members` begins with the dot.
  void Member(std::string_view name, std::string_view members);
  // A tag names this variable.
  void Uses(std::string_view name) { variables_.emplace(name); }
  // {{> name}}, and nothing of the lines around it.
  void Partial(std::string_view name);
  // {{media}} of a URL that is written out.
  void Media(std::string_view url);
  // {{media}} of the URL that a variable holds.
  void MediaVariable(std::string_view name);

  // False while there is nothing to render.
  bool empty() const { return pieces_.empty(); }
  // Names of the variables in it, sorted.
  const std::set<std::string>& variables() const { return variables_; }
  // Of a file without front matter when `alone`, and then exactly that file.
  std::string Body(bool alone) const;

 private:
  enum class Kind { kText, kTag, kOpen, kElse, kClose, kMessage };
  struct Piece {
    Kind kind;
    std::string text;  // A message: what stands between {{ and }}.
  };

  void Add(Kind kind, std::string text) { pieces_.push_back({kind, std::move(text)}); }
  void WriteText(size_t i, std::string* out) const;
  void WriteMessage(size_t i, std::string* out) const;

  std::vector<Piece> pieces_;
  std::set<std::string> variables_;
};

// How an expression names a variable from anywhere: "name", "[my name]",
// "this.history" for one that is called as a helper is.
std::string VariablePath(std::string_view name);

// "text" as an argument of a helper.
std::string QuotedArgument(std::string_view text);

}  // namespace colophon
