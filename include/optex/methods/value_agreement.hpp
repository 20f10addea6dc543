#pragma once

#include "optex/core/types.hpp"

#include <cstdint>
#include <limits>
#include <string>

namespace optex {

/// An evaluated point: F and its gradient, d.
struct EvaluatedPoint {
  ConstVectorRef theta;
  double value;
  ConstVectorRef gradient;
};

/// Whether the values of exact gradients bear them out, as far as the points of a run tell.
///
/// Along a step s from a to b the trapezoidal rule gives F_b - F_a = (g_a + g_b)'s / 2, up to a third-order
/// error, which where the slope changes by a small share w of itself is about w^2 / 12 of the whole. Short
/// steps whose slope hardly changes therefore judge: one that is far off speaks against the gradient, one
/// that is not clears it; gradients of 0 at both ends of a step that changes F speak alone. Steps over which
/// the slope changes much, or F by no more than single precision of it, or of F at the start, tells, say
/// nothing. Cost: two products of length d a point.
struct ValueAgreement {
  static constexpr std::int64_t enough_contradicting = 6;
  static constexpr std::int64_t enough_at_the_start = 2;  ///< of a run that has come nowhere
  static constexpr std::int64_t enough_biased = 3;

  /// Steps in a row along which F did not change as half of it was foretold; those that curvature hardly
  /// touches count twice.
  std::int64_t contradicting = 0;
  std::int64_t biased = 0;  ///< steps in a row off by more than 0.4 % and than curvature explains
  double foretold = std::numeric_limits<double>::quiet_NaN();  ///< by the gradients, along the last of them
  double found = std::numeric_limits<double>::quiet_NaN();     ///< the difference of the values there

  /// value_at_start: F there, whose absolute error a small F may have; NaN where it is not known yet.
  void look(const EvaluatedPoint& from, const EvaluatedPoint& to, double value_at_start);

  bool contradicts() const { return contradicting >= enough_contradicting; }
  bool explains_standstill() const { return contradicting >= enough_at_the_start; }
  bool is_biased() const { return biased >= enough_biased; }
  /// When one of both: what is wrong and what to do, in one line.
  std::string words() const;

  template <class State, class Visitor>
  static void fields(State& state, Visitor visit) {
    auto& [contradicting, biased, foretold, found] = state;
    visit("contradicting", contradicting);
    visit("biased", biased);
    visit("foretold", foretold);
    visit("found", found);
  }
};

}  // namespace optex
