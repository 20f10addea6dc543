#pragma once

#include "optex/core/units.hpp"
#include "optex/estimation/early_pairs.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/methods/proxy_chain.hpp"

#include <functional>
#include <vector>

namespace optex {

/// Measures the answers of a round for the history while others are awaited. Changes nothing: a round that is
/// broken off, or closed without some of its points, finds everything as it was.
class EarlyIntake final : public RoundWatcher {
 public:
  /// `thetas`: the points in the order of their submission, d numbers each, which stay there until the pairs
  /// are appended. The pairs enter in that order; but those from number `chain` on enter before the others,
  /// and only when F there is at most the ceiling that follows from F at point 0.
  EarlyIntake(const GradientHistory& history, const Units& units, std::vector<const double*> thetas,
              Index chain, std::function<double(double value)> ceiling);
  EarlyIntake(const GradientHistory& history, const Units& units, std::vector<const double*> thetas);

  void arrived(Index submission, const Evaluation& answer) override;
  bool work() override { return pairs_.work(); }

  EarlyPairs& pairs() { return pairs_; }

 private:
  /// The answer to a point off the chain that came before the ceiling was known.
  struct Undecided {
    Index submission;
    double value;
    const double* gradient;
  };
  Index place_of(Index submission) const;
  void decide(const Undecided& answer);

  std::vector<const double*> thetas_;
  Index chain_;
  std::function<double(double)> ceiling_of_;
  bool ceiling_is_known_ = false;
  double ceiling_ = 0.0;
  std::vector<Undecided> undecided_;
  EarlyPairs pairs_;
};

/// Where the points of a chain stand.
std::vector<const double*> addresses_of(const ProxyChain& chain);

}  // namespace optex
