#include "optex/estimation/history_in_units.hpp"

#include "optex/core/parallel_for.hpp"
#include "optex/core/reductions.hpp"

#include <algorithm>
#include <vector>

namespace optex {
namespace {

constexpr Index coordinates_at_once = 256;  // 96 entries of both kinds are then 400 KB

}  // namespace

void add_newcomers(const GradientHistory& history, const Units& units, Index newcomers,
                   PairDistances& known) {
  const Index n = history.size();
  const Index kept = n - newcomers;
  PairDistances now{Matrix::Zero(n, n), Matrix::Zero(n, n)};
  if (kept > 0) {
    now.thetas.topLeftCorner(kept, kept) = known.thetas.bottomRightCorner(kept, kept);
    now.gradients.topLeftCorner(kept, kept) = known.gradients.bottomRightCorner(kept, kept);
  }
  const Index pairs = (n * (n - 1) - kept * (kept - 1)) / 2;  // (i, k), i < k, kept <= k
  std::vector<double> sums(static_cast<std::size_t>(2 * pairs));
  const Index blocks = (history.dimension() + coordinates_at_once - 1) / coordinates_at_once;
  parallel_sum(
      blocks, 2 * pairs,
      [&](Index block, double* out) {
        const Index first = block * coordinates_at_once;
        const Index count = std::min(coordinates_at_once, history.dimension() - first);
        const Eigen::Map<const Vector> scale(units.scale() + first, count);
        Matrix thetas(count, n), gradients(count, n);
        history.copy_coordinates(first, thetas, gradients);
        const Vector newest = thetas.col(n - 1);
        for (Index i = 0; i < n; ++i) {
          thetas.col(i) = (thetas.col(i) - newest).cwiseQuotient(scale);
          gradients.col(i) = gradients.col(i).cwiseProduct(scale);
        }
        for (Index k = kept; k < n; ++k)
          for (Index i = 0; i < k; ++i) {
            *out++ = squared_distance(thetas.col(i).data(), thetas.col(k).data(), count);
            *out++ = squared_distance(gradients.col(i).data(), gradients.col(k).data(), count);
          }
      },
      sums.data());
  const double* next = sums.data();
  for (Index k = kept; k < n; ++k)
    for (Index i = 0; i < k; ++i) {
      now.thetas(k, i) = now.thetas(i, k) = *next++;
      now.gradients(k, i) = now.gradients(i, k) = *next++;
    }
  known = std::move(now);
}

Matrix HistoryInUnits::squared_distances() const {
  return distances_ == nullptr ? history_->squared_distances() : distances_->thetas;
}

Matrix HistoryInUnits::squared_gradient_distances() const {
  return distances_ == nullptr ? history_->squared_gradient_distances() : distances_->gradients;
}

void HistoryInUnits::squared_distances_to(ConstVectorRef theta, VectorRef out) const {
  if (distances_ == nullptr) return history_->squared_distances_to(theta, out);
  for (Index i = 0; i < size(); ++i) out[i] = squared_distance(theta, this->theta(i));
}

void HistoryInUnits::combine_about_newest(ConstVectorRef a, ConstVectorRef b, VectorRef out) const {
  if (distances_ == nullptr) return history_->combine_about_newest(a, b, out);
  const Vector none = Vector::Zero(size());
  Vector part(out.size());
  history_->combine_about_newest(a, none, part);
  out = units_.position(part);
  history_->combine_about_newest(none, b, part);
  out += units_.gradient(part);
}

void HistoryInUnits::products_about_newest(ConstVectorRef v, VectorRef theta_products,
                                           VectorRef gradient_products) const {
  if (distances_ == nullptr) return history_->products_about_newest(v, theta_products, gradient_products);
  Vector unused(size());
  history_->products_about_newest(units_.position(v), theta_products, unused);
  history_->products_about_newest(units_.gradient(v), unused, gradient_products);
}

}  // namespace optex
