#include "service/http/gzip.h"

#include <cstdlib>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

using testing::HasSubstr;

// As the gzip program packs it.
std::string Gzip(const std::string& text) {
  const TempDir dir;
  WriteFile(dir / "text", text);
  EXPECT_EQ(std::system(("gzip -9 " + (dir / "text")).c_str()), 0);
  return ReadFileOrDie(dir / "text.gz");
}

TEST(GzipTest, UnpacksWhatGzipPacked) {
  for (const std::string& text : {std::string(), std::string("0000"), std::string(500'000, 'x')}) {
    ASSERT_OK_AND_ASSIGN(const std::string unpacked, Gunzip(Gzip(text), 1 << 20));
    EXPECT_EQ(unpacked, text);
  }
}

TEST(GzipTest, Failures) {
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  const std::string packed = Gzip(std::string(500'000, 'x'));
  EXPECT_THAT(Gunzip(packed, 100'000), ErrorIs(kInvalid, "BAD_REQUEST", HasSubstr("100000 bytes")));
  std::string damaged = packed;
  damaged[packed.size() / 2] ^= 1;
  for (const std::string& bad :
       {std::string(), std::string("text"), packed.substr(0, packed.size() - 1),
        packed.substr(0, 5), packed + "more", damaged}) {
    EXPECT_THAT(Gunzip(bad, 1 << 20), ErrorIs(kInvalid, "BAD_REQUEST")) << bad.size();
  }
}

}  // namespace
}  // namespace colophon
