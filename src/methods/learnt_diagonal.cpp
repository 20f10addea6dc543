#include "optex/methods/learnt_diagonal.hpp"

#include "optex/core/coordinate_sum.hpp"
#include "optex/core/reductions.hpp"
#include "optex/core/sum_lanes.hpp"
#include "optex/core/vector_clones.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace optex {
namespace {

// theta: 0 is the formula of BFGS, 1 that of Davidon, Fletcher and Powell
constexpr double dfp_share = 0.125;
constexpr double smoothing = 0.9;             // of the logarithms
constexpr Index shared_out = Index{1} << 16;  // coordinates that one thread takes at a time
constexpr double largest = std::numeric_limits<double>::max();

/// s'y, s's, y'y, s'diag(b)s and y'diag(b)^-1 y.
struct Products {
  double mixed, step, change, told_step, told_change;
};

OPTEX_VECTOR_CLONES
Products products_of_piece(const double* s, const double* y, const double* b, Index n) {
  double mixed[sum_lanes] = {}, step[sum_lanes] = {}, change[sum_lanes] = {};
  double told_step[sum_lanes] = {}, told_change[sum_lanes] = {};
  for (Index from = 0; from < n; from += sum_lanes) {
    const Index lanes = std::min(sum_lanes, n - from);
    for (Index k = 0; k < lanes; ++k) {
      const Index i = from + k;
      const double ss = s[i] * s[i], yy = y[i] * y[i];
      mixed[k] += s[i] * y[i];
      step[k] += ss;
      change[k] += yy;
      told_step[k] += b[i] * ss;
      told_change[k] += yy / b[i];
    }
  }
  return {fold_lanes(mixed), fold_lanes(step), fold_lanes(change), fold_lanes(told_step),
          fold_lanes(told_change)};
}

Products products_of(ConstVectorRef s, ConstVectorRef y, const Vector& b) {
  std::array<double, 5> sums{};
  sum_over_coordinates(
      s.size(), shared_out, 5,
      [&](Index i, double* out) {
        const Index at = i * shared_out;
        const Products of = products_of_piece(s.data() + at, y.data() + at, b.data() + at,
                                              std::min(shared_out, s.size() - at));
        const std::array<double, 5> all = {of.mixed, of.step, of.change, of.told_step, of.told_change};
        std::copy(all.begin(), all.end(), out);
      },
      sums.data());
  return {sums[0], sums[1], sums[2], sums[3], sums[4]};
}

/// What the update of b by one pair is made of: b + change y^2 - step (b s)^2 - mixed b s y.
struct BroydenUpdate {
  double change, step, mixed;
};

/// With beta = s'diag(b)s and rho = s'y: (1 - theta) (b + y^2 / rho - (b s)^2 / beta)
/// + theta (b + (1 + beta / rho) y^2 / rho - 2 b s y / rho).
BroydenUpdate update_of(double beta, double rho) {
  return {(1.0 + dfp_share * beta / rho) / rho, (1.0 - dfp_share) / beta, 2.0 * dfp_share / rho};
}

/// Entries that rounding would take from the positive numbers stay as they are. Returns y'diag(b)^-1 y.
OPTEX_VECTOR_CLONES
double update_piece(const BroydenUpdate& with, const double* s, const double* y, double* b, Index n) {
  double told_change[sum_lanes] = {};
  for (Index from = 0; from < n; from += sum_lanes) {
    const Index lanes = std::min(sum_lanes, n - from);
    for (Index k = 0; k < lanes; ++k) {
      const Index i = from + k;
      const double bs = b[i] * s[i], yy = y[i] * y[i];
      const double made = b[i] + with.change * yy - with.step * (bs * bs) - with.mixed * (bs * y[i]);
      b[i] = made > 0.0 && made <= largest ? made : b[i];
      told_change[k] += yy / b[i];
    }
  }
  return fold_lanes(told_change);
}

bool is_positive(double x) { return x > 0.0 && x <= largest; }

bool has_curvature(double mixed, double lengths) {
  constexpr double smallest_cosine = std::numeric_limits<double>::epsilon();
  return mixed > smallest_cosine * lengths;
}

}  // namespace

bool has_curvature(ConstVectorRef step, ConstVectorRef change) {
  return has_curvature(dot(step, change), norm(step) * norm(change));
}

void LearntDiagonal::learn(ConstVectorRef step, ConstVectorRef change) {
  const Index d = step.size();
  if (pairs == 0) entries = Vector::Ones(d);
  Products told = products_of(step, change, entries);
  if (!has_curvature(told.mixed, std::sqrt(told.step) * std::sqrt(told.change))) {
    if (pairs == 0) forget();
    return;
  }
  if (pairs == 0) {
    const double multiple = told.change / told.mixed;
    entries *= multiple;
    told.told_step *= multiple;
  }
  const double curvature = told.mixed;
  if (!is_positive(told.told_step) || !is_positive(told.told_change)) return forget();
  if (pairs > 0) {
    const auto note = [&](double& smooth, double steps, double changes) {
      smooth = smoothing * smooth + (1.0 - smoothing) * std::log(steps / curvature * (changes / curvature));
    };
    note(error, told.told_step, told.told_change);
    note(multiple_error, told.step, told.change);
  }
  const BroydenUpdate with = update_of(told.told_step, curvature);
  double fit = 0.0;
  sum_over_coordinates(
      d, shared_out, 1,
      [&](Index i, double* out) {
        const Index at = i * shared_out;
        *out = update_piece(with, step.data() + at, change.data() + at, entries.data() + at,
                            std::min(shared_out, d - at));
      },
      &fit);
  if (!is_positive(fit / curvature)) return forget();
  // y'diag(b)^-1 y = s'y, and no entry leaves the positive numbers.
  entries = (fit / curvature * entries).cwiseMax(std::numeric_limits<double>::min()).cwiseMin(largest);
  ++pairs;
}

bool LearntDiagonal::is_whole(Index dimension) const {
  if (pairs == 0) return entries.size() == 0;
  return pairs > 0 && entries.size() == dimension && entries.allFinite() && (entries.array() > 0.0).all();
}

}  // namespace optex
