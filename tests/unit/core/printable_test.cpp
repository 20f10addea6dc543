#include "optex/core/printable.hpp"

#include <gtest/gtest.h>

namespace optex {
namespace {

TEST(Printable, LeavesTextAsItIs) {
  EXPECT_EQ(printable("F <= 1.5 \xC3\xA9 \xE2\x82\xAC"), "F <= 1.5 \xC3\xA9 \xE2\x82\xAC");
}

TEST(Printable, TakesTheSpellFromEscapeSequences) {
  EXPECT_EQ(printable("a\x1B[2Jb\a\x7F"), "a [2Jb  ");
  EXPECT_EQ(printable("two\nlines\r\n"), "two lines  ");
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            "  31m");
  EXPECT_EQ(printable("\xC2\xA0"), "\xC2\xA0");  // a no-break space is no control character
  EXPECT_EQ(printable("cut off \xC2"), "cut off \xC2");
  EXPECT_EQ(printable(std::string_view("\0x", 2)), " x");
}

}  // namespace
}  // namespace optex
