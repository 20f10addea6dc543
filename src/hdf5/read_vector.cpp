#include "optex/hdf5/read_vector.hpp"

#include "optex/core/errors.hpp"
#include "optex/hdf5/file.hpp"
#include "optex/hdf5/seal.hpp"

#include <fmt/format.h>

namespace optex::hdf5 {

Vector read_vector(const std::filesystem::path& file, const std::string& dataset) {
  const SealCheck seal = check_seal(file);
  if (seal.state == SealState::broken)
    throw IoError(fmt::format("{}: {}; its numbers are not used", file.string(), seal.problem));
  const File source = File::open(file);
  const Dataset values = source.dataset(dataset.starts_with('/') ? dataset : "/" + dataset);
  if (values.rank() == 2 && values.rows() != 1 && values.columns() != 1)
    throw IoError(fmt::format("{}: its shape is {} x {}; wanted is one row of numbers", values.name(),
                              values.rows(), values.columns()));
  Vector out(values.rows() * values.columns());
  values.read_rows(0, values.rows(), out.data());
  return out;
}

}  // namespace optex::hdf5
