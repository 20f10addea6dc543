#pragma once

#include "optex/core/types.hpp"
#include "optex/surrogate/band_scale.hpp"
#include "optex/surrogate/banded_hessian.hpp"
#include "optex/surrogate/pair_memory.hpp"

#include <cstdint>
#include <optional>

namespace optex {

/// Which banded prior predicts changes of the gradient best: by a smoothed logarithm of its error on pairs
/// that have just come.
struct BandChoice {
  Vector errors;            ///< without a band, then of each of band_widths; NaN where it was not tried yet
  std::int64_t width = -1;  ///< -1: none

  template <class Choice, class Visitor>
  static void fields(Choice& choice, const Visitor& visit) {
    visit("errors", choice.errors);
    visit("width", choice.width);
  }
};

/// The `count` pairs among the first `among` whose middles are nearest a point, weighted by nearness and
/// 1 / |s|. squared_distances: of the middles from that point.
WeightedPairs nearest_pairs(const PairMemory& pairs, Index among, const Vector& squared_distances,
                            Index count);

/// After the newest `newcomers` pairs have come: fits all bands to the `count` older pairs nearest `centre`,
/// the best point before them, and compares. A band must win by a factor.
void choose_band(const PairMemory& pairs, Index newcomers, ConstVectorRef centre, Index count,
                 BandChoice& choice);

/// The scale by the chosen band, fitted to the `count` pairs nearest `centre`; nothing without a band.
std::optional<BandScale> band_scale_at(const PairMemory& pairs, ConstVectorRef centre, Index count,
                                       const BandChoice& choice);

}  // namespace optex
