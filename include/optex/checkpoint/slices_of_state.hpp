#pragma once

#include "optex/core/coordinate_slices.hpp"
#include "optex/methods/run_state.hpp"

/// What the other ranks do while rank 0 saves or loads a checkpoint of a state of which each rank holds a
/// slice. The file is the same as that of a run whose rank 0 holds all.
namespace optex {

/// While rank 0 is in save_checkpoint(): gives it this rank's part of every row.
void send_slices(const RunState& state, CoordinateSlices& slices);

/// While rank 0 is in load_checkpoint(): this rank's slice of the state. To be called with the slices in use,
/// because the history's tables are computed anew.
RunState receive_slices(CoordinateSlices& slices);

}  // namespace optex
