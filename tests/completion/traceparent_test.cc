#include "service/completion/traceparent.h"

#include "gmock/gmock.h"

namespace colophon {
namespace {

TEST(TraceparentTest, KeepsWhatIsWellFormed) {
  for (const char* header : {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                             "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-extra"}) {
    EXPECT_EQ(CheckTraceparent(header), header);
  }
}

TEST(TraceparentTest, DropsWhatIsNot) {
  for (const char* header : {
           "",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra",
           "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00extra",
           "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-\r\nx: y",
       }) {
    EXPECT_EQ(CheckTraceparent(header), "") << header;
  }
}

}  // namespace
}  // namespace colophon
