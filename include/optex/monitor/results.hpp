#pragma once

#include "optex/driver/observer.hpp"
#include "optex/files/folder.hpp"

#include <cstdint>
#include <vector>

namespace optex {

inline constexpr const char* results_format = "optex-results";
inline constexpr std::int64_t results_version = 1;

/// The exhibits of an iterate on the way: of the start (round 0) or of a checkpoint that was kept.
struct ExhibitFrame {
  std::int64_t round = 0;
  std::vector<Exhibit> exhibits;
};

/// results.h5: the answer, how the run ended, and the columns of metrics.jsonl (whole for resumed runs too).
/// Replaced in one step. Throws IoError.
///
/// `/metrics/<column>` is 1-D, one entry a line; a column of lists (prediction_error) is written one after
/// the other with the lengths in `<column>_count`; a column of objects (seconds_in) becomes a group.
/// Names that HDF5 does not take (with a slash, say), or that are there already, are changed a little.
/// `/problem/<name>` are the exhibits, rows x columns; `/earlier/<round>/<name>` those on the way.
void write_results(const files::Place& file, const files::Place& metrics_file, ConstVectorRef theta,
                   const Outcome& outcome, const std::vector<Exhibit>& exhibits = {},
                   const std::vector<ExhibitFrame>& earlier = {});

}  // namespace optex
