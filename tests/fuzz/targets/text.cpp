// A text for char_lm, plain and gzip.
#include "optex/data/text_corpus.hpp"

#include "fuzz/fuzz_target.hpp"
#include "fuzz/input_folder.hpp"

using namespace optex;

OPTEX_FUZZ_TARGET(text) {
  const auto file = fuzz::input_file(bytes);
  fuzz::reads_or_refuses([&] {
    const TextCorpus corpus = read_text(file);
    for (const std::int32_t symbol : corpus.stretches.front().symbols)
      fuzz::require(symbol >= 0 && symbol < std::ssize(corpus.vocabulary), "a symbol has its character");
    fuzz::require(read_text(file, 3).vocabulary == corpus.vocabulary, "a limit leaves the vocabulary");
  });
}
