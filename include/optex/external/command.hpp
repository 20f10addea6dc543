#pragma once

#include "optex/core/objective.hpp"
#include "optex/external/options.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace optex {

struct CommandOptions {
  std::vector<std::string> words;                                     ///< program and arguments, not empty
  std::filesystem::path folder = ".";                                 ///< where it runs
  std::vector<std::pair<std::string, std::string>> environment = {};  ///< put into the child's environment
  bool single_precision = false;                                      ///< numbers travel as 32-bit floats
  double start_seconds = 300.0;                                       ///< until it has said hello
  double evaluation_seconds = 1350.0;                                 ///< for one answer
};

class Dialogue;

/// An objective that a child process computes: one child for each Command, alive until that is destroyed,
/// binary messages over a socket (docs/objectives.md describes them; python/optex answers them).
///
/// A child that ends, answers garbage or does not answer in time is killed with its process group; the
/// evaluation throws EvaluationError and the next one starts a new child.
class Command final : public Objective {
 public:
  /// Starts the child and lets it introduce itself. Throws UsageError when there is no such program, or the
  /// child ends or says nonsense before it has said what it computes; IoError when it cannot be started.
  Command(CommandOptions options, const ExternalSettings& settings);
  ~Command() override;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  Index dimension() const override;
  Index shard_count() const override;
  Vector initial_point() const override;
  /// Throws InfeasiblePoint or EvaluationError.
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override;
  bool is_noisy() const override;
  std::vector<Measure> assess(ConstVectorRef theta) const override;
  /// Throws EvaluationError.
  std::vector<Exhibit> exhibits(ConstVectorRef theta) const override;

 private:
  std::unique_ptr<Dialogue> dialogue_;  ///< an evaluation may have to start the child again
};

}  // namespace optex
