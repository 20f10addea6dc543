// Not a reader: a target with a mistake in it, so that a search that finds nothing means something.
#include <cstddef>

#include "fuzz/fuzz_target.hpp"

OPTEX_FUZZ_TARGET(planted_mistake) {
  const std::size_t word = bytes.find("length=");
  optex::fuzz::require(word == std::string_view::npos || bytes.substr(word + 7, 4) != "many",
                       "a length is a number");
}
