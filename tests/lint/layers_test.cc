#include "tests/lint/layers.h"

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/lint/source_tree.h"

namespace colophon {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Gt;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::string> CheckOne(const std::string& path, const std::string& include) {
  SourceFile file;
  file.path = path;
  file.text = "#pragma once\n\n#include " + include + "\n";
  return CheckLayers({file});
}

TEST(LayersTest, TheTreeKeepsThem) {
  const std::vector<SourceFile> files = ReadTree(COLOPHON_SOURCE_DIR);
  ASSERT_THAT(files, SizeIs(Gt(50)));
  EXPECT_THAT(CheckLayers(files), IsEmpty());
}

struct Include {
  const char* path;
  const char* include;
};

TEST(LayersTest, RefusesWhatIsNotBelow) {
  const std::vector<Include> refused = {
      {"service/base/clock.h", "\"service/store/store.h\""},
      {"service/store/store.h", "\"service/registry/registry.h\""},
      {"service/store/rocksdb/rocksdb_store.h", "\"service/log/log.h\""},
      {"service/template/render/renderer.h", "\"service/store/store.h\""},
      {"service/template/render/renderer.h", "\"service/registry/registry.h\""},
      {"service/template/syntax/parser.h", "\"service/template/schema/json_schema.h\""},
      {"service/template/schema/json_schema.h", "\"service/template/prompt/closure.h\""},
      {"service/template/prompt/closure.h", "\"service/template/render/renderer.h\""},
      {"service/template/render/renderer.h", "\"service/template/lint/lint.h\""},
      {"service/registry/registry.h", "\"service/record/recorder.h\""},
      {"service/store/store.h", "\"service/git/tree.h\""},
      {"service/git/tree.h", "\"service/registry/registry.h\""},
      {"service/git/tree.h", "\"service/template/prompt/closure.h\""},
      {"service/completion/completer.h", "\"service/git/tree.h\""},
      {"service/registry/registry.h", "\"service/provider/provider.h\""},
      {"service/record/recorder.h", "\"service/registry/registry.h\""},
      {"service/record/recorder.h", "\"service/template/prompt/closure.h\""},
      {"service/provider/provider.h", "\"service/template/render/renderer.h\""},
      {"service/provider/provider.h", "\"service/completion/completer.h\""},
      {"service/completion/completer.h", "\"service/rpc/status.h\""},
      {"service/completion/completer.h", "\"service/api/served_call.h\""},
      {"service/api/dispatcher.h", "\"service/rpc/unary_call.h\""},
      {"service/rpc/unary_call.h", "\"service/completion/completer.h\""},
      {"service/rpc/status.h", "\"service/http/listener.h\""},
      {"service/http/listener.h", "\"service/rpc/status.h\""},
      {"service/rpc/status.h", "\"service/server.h\""},
      {"service/rpc/status.h", "\"service/config.h\""},
      {"service/base/clock.h", "\"client/cpp/client.h\""},
      {"service/base/clock.h", "\"tests/testing/temp_dir.h\""},
      {"client/cpp/client.h", "\"service/template/prompt/closure.h\""},
      {"client/cpp/client.h", "\"client/cli/table.h\""},
      {"client/cli/table.h", "\"service/registry/registry.h\""},
  };
  for (const Include& include : refused) {
    EXPECT_THAT(CheckOne(include.path, include.include),
                ElementsAre(AllOf(HasSubstr(fmt::format("{}:3: ", include.path)),
                                  HasSubstr("may not include"))))
        << include.path << " " << include.include;
  }
}

TEST(LayersTest, AllowsWhatIsBelow) {
  const std::vector<Include> allowed = {
      {"service/main.cc", "\"service/server.h\""},
      {"service/server.cc", "\"service/rpc/grpc_server.h\""},
      {"service/server.cc", "\"service/config.h\""},
      {"service/rpc/unary_call.h", "\"service/api/served_call.h\""},
      {"service/api/completion_stream.h", "\"service/completion/completer.h\""},
      {"service/completion/completer.h", "\"service/registry/registry.h\""},
      {"service/registry/registry.h", "\"service/template/prompt/closure.h\""},
      {"service/registry/registry.h", "\"service/git/tree.h\""},
      {"service/git/exporter.h", "\"service/store/store.h\""},
      {"service/git/odb_backend.cc", "\"git2/sys/odb_backend.h\""},
      {"service/store/rocksdb/rocksdb_store.h", "\"service/store/store.h\""},
      {"service/template/lint/lint.h", "\"service/template/syntax/ast.h\""},
      {"service/template/render/renderer.h", "\"service/template/prompt/closure.h\""},
      {"client/cli/render.cc", "\"service/template/render/renderer.h\""},
      {"client/cli/render.cc", "\"client/cpp/client.h\""},
      {"service/store/store.h", "\"colophon/v1/registry.pb.h\""},
      {"tests/rpc/rpc_test.cc", "<git2.h>"},
  };
  for (const Include& include : allowed) {
    EXPECT_THAT(CheckOne(include.path, include.include), IsEmpty())
        << include.path << " " << include.include;
  }
}

TEST(LayersTest, RefusesALibraryOutsideItsHome) {
  const std::vector<Include> refused = {
      {"service/store/object.cc", "<git2.h>"},
      {"service/registry/a.cc", "<git2.h>"},
      {"service/completion/a.cc", "<git2/sys/odb_backend.h>"},
      {"service/store/store.h", "<rocksdb/db.h>"},
      {"service/registry/a.cc", "\"service/store/rocksdb/rocksdb_store.h\""},
      {"service/store/store.h", "\"service/store/rocksdb/keys.h\""},
      {"service/registry/a.cc", "\"rocksdb/db.h\""},
      {"service/provider/openai.cc", "<curl/curl.h>"},
      {"service/completion/a.cc", "<grpcpp/grpcpp.h>"},
      {"service/completion/a.cc", "\"colophon/v1/registry.grpc.pb.h\""},
      {"service/base/status.cc", "<grpc/status.h>"},
      {"service/server.cc", "<grpcpp/grpcpp.h>"},
      {"service/api/a.cc", "<grpcpp/grpcpp.h>"},
      {"service/api/a.cc", "\"spdlog/spdlog.h\""},
      {"service/rpc/a.cc", "<boost/beast.hpp>"},
      {"service/rpc/a.cc", "\"boost/beast/core.hpp\""},
  };
  for (const Include& include : refused) {
    EXPECT_THAT(CheckOne(include.path, include.include), ElementsAre(HasSubstr("has its home in")))
        << include.path << " " << include.include;
  }
}

TEST(LayersTest, AllowsALibraryInItsHome) {
  const std::vector<Include> allowed = {
      {"service/git/libgit2.cc", "<git2.h>"},
      {"service/store/rocksdb/rocksdb_store.cc", "<rocksdb/db.h>"},
      {"service/server.cc", "\"service/store/rocksdb/rocksdb_store.h\""},
      {"service/provider/http.cc", "<curl/curl.h>"},
      {"service/provider/http_loop.h", "<curl/curl.h>"},
      {"service/rpc/status.cc", "<grpcpp/grpcpp.h>"},
      {"service/base/log.cc", "\"spdlog/spdlog.h\""},
      {"client/cpp/client.h", "\"colophon/v1/registry.grpc.pb.h\""},
  };
  for (const Include& include : allowed) {
    EXPECT_THAT(CheckOne(include.path, include.include), IsEmpty())
        << include.path << " " << include.include;
  }
}

TEST(LayersTest, SeesAnIncludeThatIsWrittenOddly) {
  SourceFile file;
  file.path = "service/base/clock.h";
  for (const char* line : {"#include <service/store/store.h>", "  #  include \"service/store/a.h\"",
                           "#include\t\"service/store/store.h\" // why"}) {
    file.text = line;
    EXPECT_THAT(CheckLayers({file}), SizeIs(1)) << line;
  }
}

TEST(LayersTest, RefusesARoomThatNobodyKnows) {
  SourceFile file;
  file.path = "service/basement/cellar.h";
  EXPECT_THAT(CheckLayers({file}), ElementsAre(HasSubstr("is in no room")));
}

SourceFile FileOf(const std::string& path, const std::string& included) {
  SourceFile file;
  file.path = path;
  file.text = "#include \"" + included + "\"\n";
  return file;
}

TEST(CyclesTest, TheTreeHasNone) {
  EXPECT_THAT(CheckCycles(ReadTree(COLOPHON_SOURCE_DIR), {}), IsEmpty());
}

TEST(CyclesTest, FindsOneThroughAHeaderAndASource) {
  const std::vector<SourceFile> files = {
      FileOf("service/template/render/a.h", "service/template/render/b.h"),
      FileOf("service/template/render/b.cc", "service/template/render/c.h"),
      FileOf("service/template/render/c.cc", "service/template/render/a.h"),
      FileOf("service/template/render/d.cc", "service/template/render/a.h"),
  };
  EXPECT_THAT(CheckCycles(files, {}),
              ElementsAre(AllOf(HasSubstr("service/template/render"),
                                HasSubstr("a → service/template/render/b"),
                                HasSubstr("c → service/template/render/a"))));
  EXPECT_THAT(CheckCycles(files, {"service/template/render"}), IsEmpty());
}

TEST(CyclesTest, AModuleMayIncludeItself) {
  const std::vector<SourceFile> files = {
      FileOf("service/base/a.cc", "service/base/a.h"),
      FileOf("service/base/a.h", "service/base/b.h"),
      FileOf("service/base/b.cc", "service/base/b.h"),
  };
  EXPECT_THAT(CheckCycles(files, {}), IsEmpty());
  EXPECT_THAT(CheckCycles(files, {"service/base"}), ElementsAre(HasSubstr("needs no excuse")));
}

}  // namespace
}  // namespace colophon
