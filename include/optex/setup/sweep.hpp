#pragma once

#include "optex/setup/config.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Many runs from one file: a configuration with a table [sweep] of keys and lists of values.
namespace optex {

/// A swept key with its values as people read them ("0.01", "adam", "128-64"), in the order of the file.
struct SweepAxis {
  std::string key;
  std::string label;  ///< what the key is called in names and tables: "learning_rate", "method"
  std::vector<std::string> values;
};

struct SweepRun {
  std::int64_t index = 0;  ///< from 0
  /// One a swept key, in the order of the axes; empty where the key does nothing in this run.
  std::vector<std::string> values;
  Config config;  ///< its run.name tells the values, so it stays the same when the grid grows

  std::string name() const { return config.text("run.name"); }
};

struct Sweep {
  std::filesystem::path folder;  ///< run.output/run.name of the file: holds the runs' folders
  std::vector<SweepAxis> axes;
  std::vector<SweepRun> runs;
  std::vector<std::string> notes;
};

/// The product of all lists, first key slowest. `seeds = K` stands for run.seed, run.seed + 1, ... A swept
/// key is put aside in runs in which it would do nothing, and runs that are then equal are one run. The
/// command line beats [sweep], and [sweep] beats the rest of the file. Throws UsageError with every mistake,
/// one a line; more than 100 000 runs are a mistake.
Sweep parse_sweep(std::string_view text, const std::string& name,
                  const std::vector<Override>& overrides = {});

/// The same for a file; throws as read_config().
Sweep read_sweep(const std::filesystem::path& file, const std::vector<Override>& overrides = {});

}  // namespace optex
