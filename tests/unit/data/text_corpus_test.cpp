#include "optex/data/text_corpus.hpp"

#include "optex/core/errors.hpp"

#include "support/temporary_folder.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::write_bytes;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string refusal(const std::filesystem::path& path) {
  try {
    read_text(path);
    return "accepted";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(TextCorpus, CharactersAreCodePoints) {
  const test::TemporaryFolder folder;
  write_bytes(folder / "t.txt", "ab\xC3\xA9\r\na\xF0\x9F\x98\x80");
  const TextCorpus text = read_text(folder / "t.txt");
  EXPECT_THAT(text.vocabulary, ElementsAre(U'\n', U'a', U'b', U'\u00E9', U'\U0001F600'));
  EXPECT_THAT(text.stretches[0].symbols, ElementsAre(1, 2, 3, 0, 1, 4, 0));
  EXPECT_EQ(text.describe().samples, 7);
  EXPECT_EQ(text.describe().classes, 5);
  const TextCorpus start = read_text(folder / "t.txt", 2);
  EXPECT_THAT(start.stretches[0].symbols, ElementsAre(1, 2));
  EXPECT_EQ(start.vocabulary, text.vocabulary);  // a limit does not change the problem's dimension
  EXPECT_NE(start.hash, text.hash);
}

TEST(TextCorpus, AFolderIsItsTextsInOrder) {
  const test::TemporaryFolder folder;
  write_bytes(folder / "b.md", "two");
  write_bytes(folder / "a.txt", "one");
  write_bytes(folder / "c.dat", "\xFF\xFF");
  const TextCorpus text = read_text(folder.path());
  std::string back;
  for (const std::int32_t symbol : text.stretches[0].symbols)
    back += static_cast<char>(text.vocabulary[static_cast<std::size_t>(symbol)]);
  EXPECT_EQ(back, "one\ntwo\n");
}

TEST(TextCorpus, WhatIsNoTextIsRefused) {
  const test::TemporaryFolder folder;
  EXPECT_THAT(refusal(folder / "missing.txt"), HasSubstr("no such file"));
  EXPECT_THAT(refusal(folder.path()), HasSubstr("no .txt or .md file"));
  write_bytes(folder / "latin1.txt", "fine\ncaf\xE9\n");
  EXPECT_THAT(refusal(folder / "latin1.txt"),
              AllOf(HasSubstr("latin1.txt:2: "), HasSubstr("iconv"), HasSubstr("column 4")));
  for (const char* wrong : {"\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE2\x82"}) {
    write_bytes(folder / "wrong.txt", std::string("ab") + wrong);
    EXPECT_THAT(refusal(folder / "wrong.txt"), HasSubstr("not UTF-8"));
  }
  write_bytes(folder / "binary.txt", std::string("ab\0cd", 5));
  EXPECT_THAT(refusal(folder / "binary.txt"), HasSubstr("NUL"));
  write_bytes(folder / "empty.txt", "");
  EXPECT_THAT(refusal(folder / "empty.txt"), HasSubstr("different characters"));
}

}  // namespace
}  // namespace optex
