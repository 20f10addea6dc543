#include "optex/core/printable.hpp"

#include <gtest/gtest.h>

namespace optex {
namespace {

TEST(Printable, LeavesTextAsItIs) {
  for (const char* text : {"F <= 1.5 \xC3\xA9 \xE2\x82\xAC", "\xC2\xA0", "\xF0\x9F\x99\x82", ""})
    EXPECT_EQ(printable(text), text);
}

TEST(Printable, TakesTheSpellFromEscapeSequences) {
  EXPECT_EQ(printable("a\x1B[2Jb\a\x7F"), "a [2Jb  ");
  EXPECT_EQ(printable("two\nlines\r\n"), "two lines  ");
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            " 31m");
  EXPECT_EQ(printable(std::string_view("\0x", 2)), " x");
  EXPECT_EQ(printable("\xE2\x80\xAEgpj.exe"), " gpj.exe");  // U+202E: right to left from here on
}

TEST(Printable, BytesThatAreNoTextDoNotReachAnEightBitTerminal) {
  EXPECT_EQ(printable("\x9B"
                      "2J"),
            "?2J");
  EXPECT_EQ(printable("cut off \xC2"), "cut off ?");
  EXPECT_EQ(printable("\xED\xA0\x80 \xC0\x9B \xF4\x90\x80\x80"), "??? ?? ????");
}

TEST(Printable, IsCutWithinNoCharacter) {
  EXPECT_EQ(printable("abc\xC3\xA9", 4), "abc...");
  EXPECT_EQ(printable("abc\xC3\xA9", 5), "abc\xC3\xA9");
  EXPECT_LT(printable(std::string(1 << 20, 'x')).size(), 5000U);
  EXPECT_EQ(printable_lines("a\nb\x1B\nc\nd", 2), "a\nb \n... 2 more lines\n");
}

TEST(CsvCell, FormulasAreTextAndNumbersStayNumbers) {
  for (const char* number : {"-1.5", "+2e-3", "-inf", "3", "vanilla", ""})
    EXPECT_EQ(csv_cell(number), number);
  EXPECT_EQ(csv_cell("=1+1"), "'=1+1");
  EXPECT_EQ(csv_cell("@SUM(A1,A2)"), "\"'@SUM(A1,A2)\"");
  EXPECT_EQ(csv_cell("-2+3"), "'-2+3");
  EXPECT_EQ(csv_cell("+cmd|' /C calc'!A0"), "'+cmd|' /C calc'!A0");
  EXPECT_EQ(csv_cell("a,\"b\"\n"), "\"a,\"\"b\"\"\n\"");
}

}  // namespace
}  // namespace optex
