#include "tests/lint/reasons.h"

#include <algorithm>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace colophon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<Reason>& Catalogue() {
  static const std::vector<Reason> catalogue = {
      {"LATE", absl::StatusCode::kDeadlineExceeded, "It is late."},
      {"NO_HAT", absl::StatusCode::kNotFound, "There is no hat."},
  };
  return catalogue;
}

std::vector<std::string> Check(const std::string& text) {
  SourceFile file;
  file.path = "service/store/hat.cc";
  file.text = text;
  return CheckReasons({file}, Catalogue());
}

constexpr char kBoth[] =
    "return NotFound(\"NO_HAT\", \"…\");\n"
    "return Error(absl::StatusCode::kDeadlineExceeded, \"LATE\", \"…\");\n";

TEST(ReasonsTest, TheTreeKeepsToTheCatalogue) {
  EXPECT_THAT(CheckReasons(ReadTree(COLOPHON_SOURCE_DIR), Reasons()), IsEmpty());
}

TEST(ReasonsTest, TheCatalogueIsSortedAndEachStandsOnce) {
  const auto& reasons = Reasons();
  const auto not_before = [](const Reason& a, const Reason& b) { return a.name >= b.name; };
  EXPECT_EQ(std::adjacent_find(reasons.begin(), reasons.end(), not_before), reasons.end());
  for (const Reason& reason : reasons) EXPECT_EQ(FindReason(reason.name), &reason);
  EXPECT_EQ(FindReason("NONE_OF_THAT_NAME"), nullptr);
}

TEST(ReasonsTest, TakesWhatIsInTheCatalogue) { EXPECT_THAT(Check(kBoth), IsEmpty()); }

TEST(ReasonsTest, FindsAReasonThatIsntThere) {
  EXPECT_THAT(Check(std::string(kBoth) + "\nreturn Aborted(\n    \"HATS\", \"…\");"),
              ElementsAre(HasSubstr("service/store/hat.cc:4: HATS is no reason")));
}

TEST(ReasonsTest, FindsAReasonWithAnotherCode) {
  EXPECT_THAT(Check(std::string(kBoth) + "return BadField(\"NO_HAT\", \"hat\");"),
              ElementsAre(HasSubstr("NO_HAT is NOT_FOUND")));
}

TEST(ReasonsTest, FindsAReasonThatNothingGives) {
  EXPECT_THAT(Check("return NotFound(\"NO_HAT\", \"…\");"),
              ElementsAre(HasSubstr("nothing gives LATE")));
}

}  // namespace
}  // namespace colophon
