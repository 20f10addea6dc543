#include "optex/core/units.hpp"

#include "optex/core/coordinate_slices.hpp"
#include "optex/core/coordinate_sum.hpp"
#include "optex/core/errors.hpp"
#include "optex/core/reductions.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace optex {

Units::Units(Vector scale) {
  for (Index i = 0; i < scale.size(); ++i)
    if (!(scale[i] > 0.0) || !std::isfinite(scale[i]))
      throw UsageError("the length unit of coordinate " + std::to_string(i) + " is " +
                       std::to_string(scale[i]) + ", not a positive number");
  scale_ = std::make_shared<const Vector>(std::move(scale));
}

Vector Units::position(ConstVectorRef theta) const {
  if (none()) return theta;
  return theta.cwiseQuotient(*scale_);
}

Vector Units::gradient(ConstVectorRef gradient) const {
  if (none()) return gradient;
  return gradient.cwiseProduct(*scale_);
}

Vector Units::step_in_theta(ConstVectorRef step) const { return gradient(step); }

void Units::gradient_to_theta(VectorRef gradient) const {
  if (!none()) gradient = gradient.cwiseQuotient(*scale_);
}

double Units::squared_distance(ConstVectorRef a, ConstVectorRef b) const {
  constexpr Index piece = 8192;  // coordinates
  double total = 0.0;
  const auto term = [&](Index i, double* sum) {
    const Index first = i * piece, size = std::min(piece, a.size() - first);
    const double *const from = a.data() + first, *const to = b.data() + first;
    if (none()) {
      *sum = optex::squared_distance(from, to, size);
      return;
    }
    double step[piece];
    for (Index c = 0; c < size; ++c) step[c] = (from[c] - to[c]) / (*scale_)[first + c];
    *sum = optex::squared_norm(step, size);
  };
  sum_over_coordinates(a.size(), piece, 1, term, &total);
  return total;
}

double Units::mean_inverse_square() const {
  if (none()) return 1.0;
  return optex::squared_norm(scale_->cwiseInverse()) / static_cast<double>(whole_length(scale_->size()));
}

}  // namespace optex
