#pragma once

#include "optex/data/survey.hpp"
#include "optex/setup/config.hpp"

namespace optex {

/// What one rank keeps of the training data when parallel.data = "by_shard".
struct DataShare {
  DataSurvey survey;
  ShardSpan part;          ///< the shards that it evaluates
  bool with_test = false;  ///< quality is measured on rank 0
};

/// True when the configuration wants ranks to keep the samples of their own shards only.
bool keeps_by_shard(const Config& config);

/// Goes through all training data once or more often, without keeping them: on rank 0, for all ranks. Throws
/// as assemble_problem().
DataSurvey survey_data(const Config& config);

/// The share of one of so many ranks.
DataShare share_of_rank(const Config& config, DataSurvey survey, int rank, int ranks);

}  // namespace optex
