// Tables with commas and LIBSVM's sparse lines (first byte: which), as a problem reads them.
#include "optex/data/labelled_files.hpp"

#include "fuzz/fuzz_target.hpp"
#include "fuzz/input_folder.hpp"

using namespace optex;

OPTEX_FUZZ_TARGET(labelled_text) {
  fuzz::Bites input(bytes);
  const std::uint8_t kind = input.byte();
  LabelledFiles files;
  files.format = kind % 2 == 0 ? TableFormat::csv : TableFormat::libsvm;
  files.label_column = (kind & 2U) != 0 ? LabelColumn::first : LabelColumn::last;
  files.standardize = files.format == TableFormat::csv && (kind & 4U) != 0;
  files.limit = (kind & 8U) != 0 ? 2 : 0;
  files.train = fuzz::input_file(input.rest());
  if ((kind & 16U) != 0) files.test = files.train;
  fuzz::reads_or_refuses([&] {
    const LabelledSets sets = load_labelled(files);
    fuzz::require(sets.train->sample_count() > 0 && sets.train->class_count() > 1, "there are data");
    for (const std::int32_t label : sets.train->labels())
      fuzz::require(label >= 0 && label < sets.train->class_count(), "a label is a class");
  });
}
