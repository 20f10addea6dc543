#pragma once

#include "optex/comparison/run_record.hpp"
#include "optex/driver/stopping.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/method.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace optex {

struct MeasureOptions {
  StopRules rules = {};
  std::optional<double> target = std::nullopt;  ///< the run is over when F at the answer is at most this
  /// False: F after a round is what the next round finds at its start (or the best point, where the method
  /// keeps one): no evaluation is spent on it. True, for noisy problems and for methods whose answer is not
  /// where they evaluate: F at the answer is evaluated on its own, every so many rounds, at the start and at
  /// the end. Such evaluations reach no method; they are neither counted nor timed.
  bool separately = false;
  /// For methods that try points and answer with the best of them (lbfgs): F after a round is the best value
  /// that the method has seen by its end.
  bool by_best_point = false;
  std::int64_t every = 1;  ///< rounds between two such measurements
  /// How many mini-batches stand for all data in them: always the same ones, whatever method and seed. 0: F
  /// is evaluated on all data.
  Index batches = 0;
};

/// Runs a method from `start` and records where it stood after each round. A run whose numbers or evaluations
/// fail is a record too (end = "error"); everything worse is thrown. Nothing when `interrupted` says true
/// between two rounds. Leaves identity, method, learning rate and seed of the record to the caller.
std::optional<RunRecord> measured_run(Method& method, Evaluator& evaluator, ConstVectorRef start,
                                      const MeasureOptions& options,
                                      const std::function<bool()>& interrupted);

}  // namespace optex
