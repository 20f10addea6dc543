#pragma once

#include "optex/evaluation/interrupted_round.hpp"
#include "optex/files/folder.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace optex {

/// Points of a round that was broken off, in a file beside the checkpoint that the round starts from. Not
/// part of the state: without it the points are evaluated again and give the same numbers.
struct UnfinishedRound {
  std::vector<FinishedPoint> finished;
  std::string problem;  ///< one line when there is a file that cannot be used; empty otherwise
};

/// `iteration`: rounds finished before the one that was broken off; `config_hash`: RunDescription's. The
/// points have gradients of one length. Replaces the file in one step; throws IoError.
void save_unfinished_round(const files::Place& file, std::int64_t iteration, const std::string& config_hash,
                           const std::vector<FinishedPoint>& finished);

/// Nothing when there is no file, or one of another round or other settings.
UnfinishedRound load_unfinished_round(const files::Place& file, std::int64_t iteration,
                                      const std::string& config_hash);

/// Its round is history.
void remove_unfinished_round(const files::Place& file);

}  // namespace optex
