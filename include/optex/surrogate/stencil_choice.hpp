#pragma once

#include "optex/core/types.hpp"
#include "optex/surrogate/pair_memory.hpp"
#include "optex/surrogate/prior_scale.hpp"
#include "optex/surrogate/stencil_fit.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace optex {

/// Which prior predicts changes of the gradient best: none, a band, or the stencil of a grid that showed
/// itself in the first round, with its diagonals too where it is one of rows and columns; by a smoothed
/// logarithm of its error on pairs that have just come.
struct StencilChoice {
  Vector offsets;  ///< of the grid, as numbers; empty: none was found
  Vector errors;   ///< without a prior, then of each candidate; NaN where it was not tried yet
  static constexpr std::int64_t none = 0, learnt_diagonal = -1;
  std::int64_t chosen = none;  ///< one of these, or k: candidate k - 1

  template <class Choice, class Visitor>
  static void fields(Choice& choice, const Visitor& visit) {
    visit("offsets", choice.offsets);
    visit("errors", choice.errors);
    visit("chosen", choice.chosen);
  }
};

/// Bands of half-width 0, 1, 2 and 4, and what the offsets of a grid say.
std::vector<Stencil> candidates_of(const StencilChoice& choice);

/// The first pairs have come, and their steps are random signs: looks for a grid, in the first segment.
void look_for_grid(const PairMemory& pairs, StencilChoice& choice);

/// The `count` pairs among the first `among` whose middles are nearest a point, weighted by nearness and
/// 1 / |s|. squared_distances: of the middles from that point.
WeightedPairs nearest_pairs(const PairMemory& pairs, Index among, const Vector& squared_distances,
                            Index count);

/// After the newest `newcomers` pairs have come: fits all candidates to the `count` older pairs nearest
/// `centre`, the best point before them, and compares. A candidate must win by a factor.
void choose_stencil(const PairMemory& pairs, Index newcomers, ConstVectorRef centre, Index count,
                    StencilChoice& choice);

/// sum w^2 s'y / sum w^2 s's: the multiple of I that fits pairs best.
double fitted_multiple(const PairMemory& pairs, const WeightedPairs& weighted);

/// The scale by the chosen candidate, fitted to the `count` pairs nearest `centre`; nothing without one.
std::unique_ptr<const PriorScale> prior_scale_at(const PairMemory& pairs, ConstVectorRef centre, Index count,
                                                 const StencilChoice& choice);

}  // namespace optex
