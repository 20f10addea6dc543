// IDX files, plain and gzip.
#include "optex/data/idx.hpp"

#include "fuzz/fuzz_target.hpp"
#include "fuzz/input_folder.hpp"

using namespace optex;

OPTEX_FUZZ_TARGET(idx) {
  const auto file = fuzz::input_file(bytes);
  for (const int rank : {1, 3})
    fuzz::reads_or_refuses([&] {
      const IdxBytes all = read_idx(file, rank);
      fuzz::require(all.samples_kept() == all.dimensions.front(), "all samples are there");
      const IdxBytes one = read_idx(file, rank, 1);
      fuzz::require(one.samples_kept() == 1, "a limit of one sample");
    });
}
