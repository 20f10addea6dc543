#pragma once

#include "optex/core/types.hpp"

#include <cstdint>

namespace optex {

/// False where s and y are orthogonal up to rounding: then they know no curvature.
bool has_curvature(ConstVectorRef step, ConstVectorRef change);

/// A diagonal matrix diag(b) in place of the Hessian, learnt pair by pair, and whether it tells more of the
/// pairs than a multiple of I: where coordinates are of very different curvature, and have not been put into
/// units of their own. L-BFGS builds its matrix from it, and the model of the Hessian takes it as its prior.
///
/// b starts as y'y / s'y of the first pair. Each pair updates it as Broyden's formula with theta = 1/8 would
/// the diagonal of diag(b), then scales it so that y'diag(b)^-1 y = s'y (Gilbert and Lemarechal, Mathematical
/// Programming 45, 1989; theta as in TAO's blmvm). How well a matrix B tells the next pair, whatever its
/// scale: log of (s'B s) (y'B^-1 y) / (s'y)^2, 0 at best, smoothed over the pairs.
struct LearntDiagonal {
  std::int64_t pairs = 0;       ///< learnt from
  Vector entries;               ///< b, d numbers > 0; empty before the first pair
  double error = 0.0;           ///< the smoothed logarithm
  double multiple_error = 0.0;  ///< the same of a multiple of I

  /// step, change: s and y, d numbers; without curvature they teach nothing. Cost: three passes over at most
  /// 3 d numbers, 2 d divisions.
  void learn(ConstVectorRef step, ConstVectorRef change);
  void forget() { *this = LearntDiagonal(); }
  /// Than a multiple of I, by so much of the logarithm. (It has d numbers to fit pairs with, that only one.)
  bool tells_more_by(double gain) const { return pairs > 0 && error < multiple_error - gain; }

  /// Made of d positive numbers, or never begun.
  bool is_whole(Index dimension) const;

  /// Names every member for checkpoints.
  template <class Diagonal, class Visit>
  static void fields(Diagonal& diagonal, const Visit& visit) {
    visit("pairs", diagonal.pairs);
    visit("entries", diagonal.entries);
    visit("error", diagonal.error);
    visit("multiple_error", diagonal.multiple_error);
  }
};

}  // namespace optex
