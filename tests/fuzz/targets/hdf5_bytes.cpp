// The bytes of an HDF5 file, its inner structure included.
#include "optex/data/labelled_files.hpp"
#include "optex/hdf5/file.hpp"
#include "optex/hdf5/read_vector.hpp"

#include "fuzz/fuzz_target.hpp"
#include "fuzz/input_folder.hpp"

using namespace optex;

OPTEX_FUZZ_TARGET(hdf5_bytes) {
  const auto file = fuzz::input_file(bytes);
  fuzz::reads_or_refuses([&] { load_labelled({.format = TableFormat::hdf5, .train = file}); });
  fuzz::reads_or_refuses([&] { hdf5::read_vector(file, "/start"); });
}
