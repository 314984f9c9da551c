#include "tests/lint/tidy.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/lint/source_tree.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::Gt;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<SourceFile> Tree() {
  static const std::vector<SourceFile> files = ReadTree(COLOPHON_SOURCE_DIR);
  EXPECT_THAT(files, SizeIs(Gt(50)));
  return files;
}

SourceFile File(const std::string& path, const std::string& text, bool executable = false) {
  SourceFile file;
  file.path = path;
  file.text = text;
  file.executable = executable;
  return file;
}

TEST(TidyTest, TheTreeIsTidy) {
  const std::vector<SourceFile> files = Tree();
  EXPECT_THAT(CheckSizes(files), IsEmpty());
  EXPECT_THAT(CheckPragmas(files), IsEmpty());
  EXPECT_THAT(CheckWhiteSpace(files), IsEmpty());
  EXPECT_THAT(CheckPromises(files), IsEmpty());
  EXPECT_THAT(CheckLists(files), IsEmpty());
  EXPECT_THAT(CheckTests(files), IsEmpty());
  EXPECT_THAT(CheckRpcComments(files), IsEmpty());
  EXPECT_THAT(CheckSuppressions(files), IsEmpty());
  EXPECT_THAT(CheckScripts(files), IsEmpty());
  EXPECT_THAT(CheckStatusCodes(files), IsEmpty());
}

TEST(SourceTreeTest, ReadsWhatIsPlantedInAFolder) {
  TempDir root;
  ASSERT_EQ(Shell("mkdir -p " + (root / "service/base") + " " + (root / "build/dev")).exit_code, 0);
  WriteFile(root / "README.md", "# Colophon\n");
  WriteFile(root / "service/base/clock.h", "#pragma once\n\nint x;");
  WriteFile(root / "build/dev/generated.h", "int y;\n");
  const std::vector<SourceFile> files = ReadTree(root.path());
  ASSERT_THAT(files, SizeIs(2));
  EXPECT_EQ(files[0].path, "README.md");
  EXPECT_EQ(files[1].path, "service/base/clock.h");
  EXPECT_EQ(files[1].Folder(), "service/base");
  EXPECT_EQ(files[1].Name(), "clock.h");
  EXPECT_THAT(files[1].Lines(), ElementsAre("#pragma once", "", "int x;"));
  EXPECT_FALSE(files[1].executable);
}

TEST(TidyTest, FindsAFileThatIsTooLong) {
  std::string text;
  for (int line = 0; line < 450; ++line) text += "\n";
  EXPECT_THAT(CheckSizes({File("service/a.cc", text)}), IsEmpty());
  EXPECT_THAT(CheckSizes({File("service/a.cc", text + "\n")}), ElementsAre(HasSubstr("451 lines")));
  EXPECT_THAT(CheckSizes({File("README.md", text + "\n")}), IsEmpty());
}

TEST(TidyTest, FindsAHeaderWithoutPragmaOnce) {
  EXPECT_THAT(CheckPragmas({File("service/a.h", "// Why.\n\n#pragma once\n#include <map>\n")}),
              IsEmpty());
  EXPECT_THAT(CheckPragmas({File("service/a.h", "int x;\n")}), SizeIs(1));
  EXPECT_THAT(CheckPragmas({File("service/a.h", "#include <map>\n#pragma once\n")}), SizeIs(1));
}

TEST(TidyTest, FindsOddWhiteSpace) {
  EXPECT_THAT(CheckWhiteSpace({File("service/a.cc", "int x;\n")}), IsEmpty());
  EXPECT_THAT(CheckWhiteSpace({File("service/a.cc", "int x;\n\tint y;\n")}),
              ElementsAre(HasSubstr("service/a.cc:2: has a tab")));
  EXPECT_THAT(CheckWhiteSpace({File("service/a.cc", "int x; \n")}), SizeIs(1));
  EXPECT_THAT(CheckWhiteSpace({File("service/a.cc", "int x;\r\n")}), SizeIs(1));
  EXPECT_THAT(CheckWhiteSpace({File("deploy/run", "#!/bin/sh")}), SizeIs(1));
}

TEST(TidyTest, FindsAPromise) {
  // In pieces, so that this file is not a finding.
  for (const std::string& line :
       {std::string("// TO") + "DO: later", std::string("int x = 1;  // FIX") + "ME",
        std::string("# X") + "XX", std::string("// enough for ") + "now",
        std::string("return Error(\"not ") + "implemented\");", std::string("// A st") + "ub."}) {
    EXPECT_THAT(CheckPromises({File("service/a.cc", line + "\n")}), SizeIs(1)) << line;
  }
  for (const char* line : {"auto stub = v1::AdminService::NewStub(channel);", "stub_->GetRecord();",
                           "mkdtemp(\"XXXXXX\")", "// What the stubborn do."}) {
    EXPECT_THAT(CheckPromises({File("service/a.cc", std::string(line) + "\n")}), IsEmpty()) << line;
  }
}

TEST(TidyTest, FindsATestThatIsInNoList) {
  const SourceFile list = File("tests/base/CMakeLists.txt",
                               "colophon_test(base_test\n  SOURCES hash_test.cc ids_test.cc)");
  EXPECT_THAT(
      CheckLists({list, File("tests/base/hash_test.cc", ""), File("tests/base/ids_test.cc", "")}),
      IsEmpty());
  EXPECT_THAT(CheckLists({list, File("tests/base/lost_test.cc", "")}),
              ElementsAre(HasSubstr("tests/base/lost_test.cc: is in no CMakeLists.txt")));
  // The end of another's name is not the name.
  EXPECT_THAT(
      CheckLists({list, File("tests/base/h_test.cc", ""), File("tests/base/s_test.cc", "")}),
      SizeIs(2));
  EXPECT_THAT(CheckLists({File("tests/base/hash_test.cc", "")}), SizeIs(1));
}

TEST(TidyTest, FindsASourceOfASubfolderInTheListAbove) {
  const SourceFile list = File("service/store/CMakeLists.txt", "SOURCES rocksdb/keys.cc");
  EXPECT_THAT(CheckLists({list, File("service/store/rocksdb/keys.cc", "")}), IsEmpty());
  EXPECT_THAT(CheckLists({list, File("service/store/keys.cc", "")}), SizeIs(1));
  EXPECT_THAT(CheckLists({list, File("service/store/rocksdb/lost.cc", "")}), SizeIs(1));
}

TEST(TidyTest, FindsATestThatDoesNotRun) {
  EXPECT_THAT(CheckTests({File("tests/a_test.cc", std::string("TEST(A, DISABLED") + "_B) {}\n")}),
              ElementsAre(HasSubstr("tests/a_test.cc:1: skips a test")));
  const std::string skip = std::string("  GTEST_") + "SKIP()";
  EXPECT_THAT(CheckTests({File("tests/a_test.cc", skip + ";\n")}), SizeIs(1));
  EXPECT_THAT(CheckTests({File("tests/a_test.cc", skip + " << \"no nginx here\";\n")}), IsEmpty());
}

TEST(TidyTest, FindsATestThatSleeps) {
  const std::string sleep = std::string("std::this_thread::sleep_") + "for(x);\n";
  EXPECT_THAT(CheckTests({File("tests/a_test.cc", sleep)}), SizeIs(1));
  EXPECT_THAT(CheckTests({File("tests/testing/eventually.cc", sleep)}), IsEmpty());
  EXPECT_THAT(CheckTests({File("tests/bench/a.cc", sleep)}), IsEmpty());
  EXPECT_THAT(CheckTests({File("service/base/clock.cc", sleep)}), IsEmpty());
}

TEST(TidyTest, KnowsHowFuzzTargetsAreListed) {
  const SourceFile list =
      File("tests/fuzz/CMakeLists.txt", "colophon_fuzz(a_fuzz colophon_base)\n");
  EXPECT_THAT(CheckLists({list, File("tests/fuzz/a_fuzz.cc", "")}), IsEmpty());
  EXPECT_THAT(CheckLists({list, File("tests/fuzz/b_fuzz.cc", "")}), SizeIs(1));
}

TEST(TidyTest, FindsAnRpcWithoutAComment) {
  EXPECT_THAT(
      CheckRpcComments({File("proto/a.proto", "service A {\n  // Does.\n  rpc Do(X)\n}\n")}),
      IsEmpty());
  EXPECT_THAT(CheckRpcComments({File("proto/a.proto", "service A {\n  rpc Do(X)\n}\n")}),
              ElementsAre(HasSubstr("proto/a.proto:2:")));
}

TEST(TidyTest, FindsASuppressionWithoutAReason) {
  EXPECT_THAT(CheckSuppressions({File("tests/a.supp", "# Why.\nrace_top:^grpc::\n")}), IsEmpty());
  EXPECT_THAT(CheckSuppressions({File("tests/a.supp", "race_top:^grpc::\n")}), SizeIs(1));
  EXPECT_THAT(CheckSuppressions({File("tests/a.supp", "# Why.\nrace_top:^a\nrace_top:^b\n")}),
              ElementsAre(HasSubstr("tests/a.supp:3:")));
  EXPECT_THAT(CheckSuppressions({File("tests/a.supp", "# Why.\nrace:^grpc::\n")}),
              ElementsAre(HasSubstr("hides our own races")));
  EXPECT_THAT(CheckSuppressions({File("service/a.cc", "int x;  // NOLINT\n")}), SizeIs(1));
  EXPECT_THAT(CheckSuppressions({File("service/a.cc", "int x;  // NOLINT(misc-x)\n")}), SizeIs(1));
  EXPECT_THAT(CheckSuppressions({File("service/a.cc", "int x;  // NOLINT(misc-x): Why.\n")}),
              IsEmpty());
}

TEST(TidyTest, FindsAScriptThatGoesOnAfterAFailure) {
  const std::string strict = "#!/usr/bin/env bash\n# Why.\nset -euo pipefail\n";
  EXPECT_THAT(CheckScripts({File("deploy/run", strict, true)}), IsEmpty());
  EXPECT_THAT(CheckScripts({File("deploy/run", strict, false)}),
              ElementsAre(HasSubstr("is not executable")));
  EXPECT_THAT(CheckScripts({File("deploy/run", "#!/usr/bin/env bash\nset -e\n", true)}), SizeIs(1));
  EXPECT_THAT(CheckScripts({File("deploy/notes", "Nothing to run.\n")}), IsEmpty());
}

TEST(TidyTest, FindsAGrpcCodeOutsideItsHome) {
  const std::string line = "return grpc::StatusCode::ABORTED;\n";
  EXPECT_THAT(CheckStatusCodes({File("service/rpc/status.cc", line)}), IsEmpty());
  EXPECT_THAT(CheckStatusCodes({File("client/cpp/client.cc", line)}), IsEmpty());
  EXPECT_THAT(CheckStatusCodes({File("service/rpc/admin_service.cc", line)}), SizeIs(1));
  EXPECT_THAT(CheckStatusCodes({File("service/server.cc", line)}), SizeIs(1));
}

}  // namespace
}  // namespace colophon
