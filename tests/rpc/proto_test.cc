// What the API's messages promise to all languages at once.

#include <set>
#include <string>

#include "colophon/v1/admin.pb.h"
#include "colophon/v1/completion.pb.h"
#include "colophon/v1/record.pb.h"
#include "colophon/v1/registry.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace colophon {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

const FileDescriptor* const kFiles[] = {
    v1::Repository::descriptor()->file(), v1::CompleteRequest::descriptor()->file(),
    v1::Record::descriptor()->file(), v1::GetServerInfoRequest::descriptor()->file()};

// Those that somebody would have to write in another way: of C++, Python, JavaScript, Go,
// Java, C#, Kotlin, Swift, Rust, PHP and Ruby.
const std::set<std::string>& Keywords() {
  static const std::set<std::string> keywords = {
      "abstract",  "alignas",    "and",          "as",          "assert",    "async",    "await",
      "auto",      "base",       "begin",        "bool",        "break",     "byte",     "case",
      "catch",     "chan",       "char",         "class",       "const",     "continue", "crate",
      "def",       "default",    "defer",        "del",         "delete",    "do",       "double",
      "elif",      "else",       "end",          "ensure",      "enum",      "except",   "explicit",
      "export",    "extends",    "extern",       "fallthrough", "false",     "final",    "finally",
      "fixed",     "float",      "fn",           "for",         "foreach",   "friend",   "from",
      "func",      "function",   "global",       "go",          "goto",      "guard",    "if",
      "impl",      "implements", "implicit",     "import",      "in",        "init",     "inline",
      "inout",     "instanceof", "int",          "interface",   "internal",  "is",       "lambda",
      "let",       "lock",       "long",         "loop",        "map",       "match",    "mod",
      "module",    "move",       "mut",          "mutable",     "namespace", "native",   "new",
      "nil",       "none",       "nonlocal",     "not",         "null",      "object",   "operator",
      "or",        "out",        "override",     "package",     "params",    "pass",     "private",
      "protected", "pub",        "public",       "raise",       "range",     "readonly", "redo",
      "ref",       "register",   "rescue",       "retry",       "return",    "sealed",   "select",
      "self",      "short",      "signed",       "sizeof",      "static",    "string",   "struct",
      "super",     "switch",     "synchronized", "template",    "then",      "this",     "throw",
      "throws",    "trait",      "transient",    "true",        "try",       "type",     "typedef",
      "typeid",    "typename",   "typeof",       "undef",       "union",     "unless",   "unsafe",
      "unsigned",  "until",      "use",          "using",       "val",       "var",      "virtual",
      "void",      "volatile",   "when",         "where",       "while",     "with",     "yield"};
  return keywords;
}

void CheckNames(const Descriptor& message) {
  for (int i = 0; i < message.field_count(); ++i) {
    EXPECT_EQ(Keywords().count(message.field(i)->name()), 0u) << message.field(i)->full_name();
  }
  for (int i = 0; i < message.nested_type_count(); ++i) CheckNames(*message.nested_type(i));
}

TEST(ProtoTest, NoFieldIsAKeyword) {
  for (const FileDescriptor* file : kFiles) {
    for (int i = 0; i < file->message_type_count(); ++i) CheckNames(*file->message_type(i));
  }
}

// One idea, one set of names and numbers.
TEST(ProtoTest, InputsAreTheSameWhereverTheyStand) {
  const Descriptor* const call = v1::CompleteRequest::descriptor();
  for (const char* name : {"variables", "variables_json", "history", "context", "context_json",
                           "subject", "tools", "schemas", "overrides"}) {
    const FieldDescriptor* const field = call->FindFieldByName(name);
    ASSERT_NE(field, nullptr) << name;
    for (const Descriptor* message :
         {v1::RenderRequest::descriptor(), v1::CreateRecordRequest::descriptor()}) {
      const FieldDescriptor* const same = message->FindFieldByName(name);
      ASSERT_NE(same, nullptr) << message->name() << "." << name;
      EXPECT_EQ(same->number(), field->number()) << same->full_name();
      EXPECT_EQ(same->type(), field->type()) << same->full_name();
    }
    const FieldDescriptor* const kept = v1::Intent::descriptor()->FindFieldByName(name);
    if (kept == nullptr) {
      EXPECT_TRUE(v1::Intent::descriptor()->IsReservedNumber(field->number())) << name;
    } else {
      EXPECT_EQ(kept->number(), field->number()) << name;
    }
  }
}

}  // namespace
}  // namespace colophon
