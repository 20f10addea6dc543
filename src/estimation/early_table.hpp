#pragma once

#include "optex/core/coordinate_sum.hpp"
#include "optex/estimation/early_pairs.hpp"
#include "optex/estimation/gradient_history.hpp"

#include <cstdint>
#include <optional>
#include <vector>

#include "newcomer_products.hpp"

namespace optex {

/// What EarlyPairs knows, and the measurement that it has begun.
struct EarlyPairs::Table {
  enum class State { awaited, there, left_out };
  struct Pair {
    State state = State::awaited;
    const double* theta = nullptr;
    const double* gradient = nullptr;
    bool measured = false;
    Index before = NewcomerProducts::nobody;       ///< the place of the pair that it was measured behind
    double theta_norm = 0.0, gradient_norm = 0.0;  ///< squared
    /// (this pair, other): the entries by slot, then the places. As of a newcomer with the other one.
    std::vector<PairNumbers> numbers = {};
  };
  static constexpr Index entry = -1, stranger = -2;

  const GradientHistory* history;
  Units units;
  std::int64_t changes;  ///< of the history, up to which this table has followed
  Index newest_slot;     ///< of the history as it was
  std::vector<Pair> pairs;
  /// By slot: the place of the pair that has entered there; `entry`: what was there; `stranger`: another
  /// pair.
  std::vector<Index> owner;

  // The measurement under way.
  NewcomerProducts wanted = {};
  std::vector<Index> listed = {};  ///< places of its newcomers
  std::optional<CoordinateSum> sum = {};
  Index next_tile = 0;
  bool under_way = false;

  Pair& pair(Index place) { return pairs[static_cast<std::size_t>(place)]; }
  const Pair& pair(Index place) const { return pairs[static_cast<std::size_t>(place)]; }
  Index owner_of(Index slot) const { return owner[static_cast<std::size_t>(slot)]; }

  /// Whom the pair of a place follows: another place, newest_older, or nobody, as long as that is not known.
  Index predecessor(Index place) const;
  bool begin();
  void go_on();
  void finish() {
    while (under_way) go_on();
  }
  void take_results();

  /// A pair enters the history.
  void enter(Index slot, const double* gradient);
  /// What was measured of the pair that has entered at `slot`, with what stands at another slot; null:
  /// nothing.
  const double* numbers(Index slot, Index other) const;
  /// Whether the pair at `slot` was measured behind the one that it stands behind now, at `before`.
  bool is_measured_behind(Index slot, Index before) const;
  /// The pair at `slot` was measured as something else than what entered.
  void forget(Index slot);
};

}  // namespace optex
