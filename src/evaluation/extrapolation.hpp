#pragma once

#include <cstddef>
#include <span>

namespace optex {

/// A derivative out of central differences at several steps.
struct Extrapolated {
  double value = 0.0;
  double uncertainty = 0.0;
  std::size_t last = 0;  ///< the smallest step that took part
};

/// Differences D(h) = D(0) + a h^2 + b h^4 + ... with an error of at most noise/h, at steps from large to
/// small (at least one): Neville's polynomials in h^2 over neighbouring steps, of which the one is taken that
/// differs least from its two parents and carries least noise (C. J. F. Ridders, "Accurate computation of
/// F'(x) and F'(x) F''(x)", Adv. Eng. Softw. 4, 1982). What smaller steps contradict is not taken: where F
/// is flat far away, large steps agree about that and not about D(0). The uncertainty is infinite when there
/// is one step only.
Extrapolated extrapolate(std::span<const double> steps, std::span<const double> differences, double noise);

}  // namespace optex
