#pragma once

#include "optex/data/dataset.hpp"
#include "optex/data/shard.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace optex {

/// The shards first .. end - 1; none when both are equal.
struct ShardSpan {
  Index first = 0, end = 0;
};

/// What one process has to know about training data of which every process reads a part only. One of them
/// makes it by going through all of them.
struct DataSurvey {
  struct Shard {
    std::string hash;    ///< of its samples: whoever reads them makes sure that they are the same
    double bytes = 0.0;  ///< that they take in memory
  };

  DataDescription description;  ///< of all that is learnt from
  std::int64_t smallest_label = 0, label_step = 1;
  std::vector<double> mean, deviation;  ///< of each feature; empty where data stay as they are
  std::vector<char32_t> vocabulary;     ///< of a text
  std::vector<Shard> shards;

  /// Samples of a span of shards.
  SampleRange samples_of(const ShardSpan& span) const;
};

/// As bytes for other ranks, and back without loss. survey_of() throws Error (internal) for other bytes.
std::string to_bytes(const DataSurvey& survey);
DataSurvey survey_of(std::string_view bytes);

/// Throws IoError when a part that was read here is not what the survey says.
void check_against(const DataSurvey& survey, Index shard, const std::string& hash);

}  // namespace optex
