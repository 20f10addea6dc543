#include "optex/text/utf8.hpp"

#include <gtest/gtest.h>

namespace optex {
namespace {

TEST(Utf8, EveryCodePointIsOneAndNothingElseIs) {
  EXPECT_TRUE(is_utf8(""));
  for (const char* good : {"a", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                           "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
    EXPECT_TRUE(is_utf8(std::string("x") + good + "y")) << good;
  // Lone bytes, overlong forms, surrogates, beyond the last code point, cut.
  for (const char* bad : {"\x80", "\xC1\xBF", "\xC2", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xE2\x82",
                          "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"})
    EXPECT_FALSE(is_utf8(std::string("x") + bad)) << bad;
}

TEST(Utf8, OtherBytesAreLatin1) {
  EXPECT_EQ(as_utf8("pr\xE9"
                    "cision"),
            "pr\xC3\xA9"
            "cision");
  EXPECT_EQ(as_utf8("pr\xC3\xA9"), "pr\xC3\xA9");
  for (int byte = 1; byte < 256; ++byte)
    EXPECT_TRUE(is_utf8(as_utf8(std::string(3, static_cast<char>(byte)))));
}

}  // namespace
}  // namespace optex
