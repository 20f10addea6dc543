#include "optex/core/errors.hpp"
#include "optex/data/raw_table.hpp"
#include "optex/hdf5/file.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace optex {

RawTable read_hdf5_table(const std::filesystem::path& path, const std::string& features,
                         const std::string& labels, Index limit) {
  const hdf5::File file = hdf5::File::open(path);
  const hdf5::Dataset inputs = file.dataset(features);
  const hdf5::Dataset classes = file.dataset(labels);
  if (classes.columns() != 1)
    throw IoError(
        fmt::format("{}: {} labels a sample; there must be one", classes.name(), classes.columns()));
  if (inputs.rows() != classes.rows())
    throw IoError(fmt::format("{}: {} samples, but {} has {} labels", inputs.name(), inputs.rows(), labels,
                              classes.rows()));
  if (inputs.rows() == 0 || inputs.columns() == 0)
    throw IoError(fmt::format("{}: no samples", inputs.name()));

  RawTable table;
  table.source = path.string();
  table.features = inputs.columns();
  const Index kept = limit == 0 ? inputs.rows() : std::min(limit, inputs.rows());
  table.values.resize(static_cast<std::size_t>(kept * inputs.columns()));
  inputs.read_rows(0, kept, table.values.data());
  for (std::size_t k = 0; k < table.values.size(); ++k)
    if (!std::isfinite(table.values[k]))
      throw IoError(
          fmt::format("{}: row {}, column {} (from 0) is {}; fill missing values in, or drop the row",
                      inputs.name(), static_cast<Index>(k) / inputs.columns(),
                      static_cast<Index>(k) % inputs.columns(), table.values[k]));
  std::vector<double> numbers(static_cast<std::size_t>(classes.rows()));
  classes.read_rows(0, classes.rows(), numbers.data());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (!(std::abs(numbers[i]) <= 1e9) || numbers[i] != std::floor(numbers[i]))
      throw IoError(fmt::format("{}: row {} (from 0): label {} is no class number; labels are integers",
                                classes.name(), i, numbers[i]));
    table.labels.push_back(static_cast<std::int64_t>(numbers[i]));
    table.lines.push_back(static_cast<std::int64_t>(i));
  }
  return table;
}

}  // namespace optex
