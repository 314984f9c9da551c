#include "service/base/spelling.h"

#include "gmock/gmock.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SpellingTest, SlipsFindWhatWasMeant) {
  const std::vector<std::string_view> flags = {"--config", "--data", "--listen", "--http-listen"};
  EXPECT_THAT(SpelledAlike("--dta", flags), ElementsAre("--data"));
  EXPECT_THAT(SpelledAlike("--date", flags), ElementsAre("--data"));
  EXPECT_THAT(SpelledAlike("--lisetn", flags), ElementsAre("--listen"));
  EXPECT_THAT(SpelledAlike("--http_listen", flags), ElementsAre("--http-listen"));
  EXPECT_THAT(SpelledAlike("--verbose", flags), IsEmpty());
  EXPECT_THAT(SpelledAlike("", flags), IsEmpty());
}

TEST(SpellingTest, TheClosestAreFirstAndThreeAtMost) {
  EXPECT_THAT(SpelledAlike("triage", {"triale", "trialed", "triage", "triages", "tribe"}),
              ElementsAre("triage", "triages", "triale"));
}

}  // namespace
}  // namespace colophon
