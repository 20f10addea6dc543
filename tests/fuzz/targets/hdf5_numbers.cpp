// HDF5 files of others: tables of data, start points, listings.
#include "optex/data/labelled_files.hpp"
#include "optex/hdf5/file.hpp"
#include "optex/hdf5/read_vector.hpp"

#include <string>
#include <vector>

#include "fuzz/fuzz_target.hpp"
#include "fuzz/input_folder.hpp"
#include "fuzz/made_up_hdf5.hpp"

using namespace optex;

OPTEX_FUZZ_TARGET(hdf5_numbers) {
  static const std::vector<std::string> paths = {"/features", "/labels", "/group", "/group/more"};
  fuzz::Bites input(bytes);
  const auto file = fuzz::input_file("", "made.h5");
  fuzz::make_hdf5(file, paths, input);
  fuzz::reads_or_refuses([&] {
    const LabelledSets sets = load_labelled({.format = TableFormat::hdf5, .train = file});
    fuzz::require(sets.train->sample_count() > 0 && sets.train->class_count() > 1, "there are data");
  });
  for (const std::string& path : paths) {
    fuzz::reads_or_refuses([&] { hdf5::read_vector(file, path); });
    fuzz::reads_or_refuses([&] { hdf5::File::open(file).read_text(path); });
    fuzz::reads_or_refuses([&] { hdf5::File::open(file).read_integers(path); });
    fuzz::reads_or_refuses([&] { hdf5::File::open(file).read_integer(path); });
    fuzz::reads_or_refuses([&] { hdf5::File::open(file).read_double(path); });
  }
  fuzz::reads_or_refuses([&] {
    const hdf5::File in = hdf5::File::open(file);
    in.entries();
    for (const char* const name : {"format", "status", "dimension"}) {
      if (!in.has_attribute("/", name)) continue;
      fuzz::reads_or_refuses([&] { in.read_text_attribute("/", name); });
      fuzz::reads_or_refuses([&] { in.read_integer_attribute("/", name); });
      fuzz::reads_or_refuses([&] { in.read_double_attribute("/", name); });
    }
  });
}
