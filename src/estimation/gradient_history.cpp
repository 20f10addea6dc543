#include "optex/estimation/gradient_history.hpp"

#include "optex/core/reductions.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace optex {
namespace {

constexpr Index tile_width =
    1024;  // coordinates; two rows of a tile are 16 KiB and stay in the first-level cache

}  // namespace

GradientHistory::GradientHistory(Index dimension, Index capacity, std::vector<std::int64_t> coordinates)
    : dimension_(dimension),
      capacity_(capacity),
      width_(std::min(tile_width, dimension)),
      coordinates_(std::move(coordinates)) {
  assert(dimension >= 1 && capacity >= 2);
  if (!coordinates_.empty()) thetas_at_coordinates_.resize(std::ssize(coordinates_), capacity);
  const auto rows = static_cast<std::size_t>(tile_count() * capacity * width_);
  thetas_.resize(rows);
  gradients_.resize(rows);
  const auto entries = static_cast<std::size_t>(capacity);
  values_.resize(entries);
  squared_theta_norms_.resize(entries);
  squared_gradient_norms_.resize(entries);
  iterations_.resize(entries);
  theta_distances_ = gradient_distances_ = cross_products_ = step_products_ =
      Matrix::Zero(capacity, capacity);
}

Index GradientHistory::tile_size(Index tile) const { return std::min(width_, dimension_ - tile * width_); }

double* GradientHistory::block(std::vector<double>& rows, Index tile, Index slot) const {
  return rows.data() + (tile * capacity_ + slot) * width_;
}

const double* GradientHistory::block(const std::vector<double>& rows, Index tile, Index slot) const {
  return rows.data() + (tile * capacity_ + slot) * width_;
}

void GradientHistory::store(std::vector<double>& rows, Index slot, ConstVectorRef row) const {
  for (Index tile = 0; tile < tile_count(); ++tile)
    std::copy_n(row.data() + tile * width_, tile_size(tile), block(rows, tile, slot));
}

Vector GradientHistory::load(const std::vector<double>& rows, Index slot) const {
  Vector row(dimension_);
  for (Index tile = 0; tile < tile_count(); ++tile)
    std::copy_n(block(rows, tile, slot), tile_size(tile), row.data() + tile * width_);
  return row;
}

Vector GradientHistory::at_coordinates(ConstVectorRef theta) const {
  Vector part(std::ssize(coordinates_));
  for (Index i = 0; i < part.size(); ++i) part[i] = theta[coordinates_[static_cast<std::size_t>(i)]];
  return part;
}

double GradientHistory::subset_distance(const Vector& theta, Index slot) const {
  const double scale = static_cast<double>(dimension_) / static_cast<double>(theta.size());
  return scale * squared_distance(theta.data(), thetas_at_coordinates_.col(slot).data(), theta.size());
}

void GradientHistory::append(ConstVectorRef theta, ConstVectorRef gradient, double value,
                             std::int64_t iteration) {
  assert(theta.size() == dimension_ && gradient.size() == dimension_);
  const bool full = size_ == capacity_;
  const Index target = full ? first_ : slot(size_);
  if (full)
    first_ = (first_ + 1) % capacity_;
  else
    ++size_;

  store(thetas_, target, theta);
  store(gradients_, target, gradient);
  const auto entry = static_cast<std::size_t>(target);
  values_[entry] = value;
  iterations_[entry] = iteration;
  squared_theta_norms_[entry] = squared_norm(theta);
  squared_gradient_norms_[entry] = squared_norm(gradient);

  theta_distances_.row(target).setZero();
  gradient_distances_.row(target).setZero();
  cross_products_.row(target).setZero();
  step_products_.row(target).setZero();
  step_products_.col(target).setZero();
  for (Index tile = 0; tile < tile_count(); ++tile) {
    const double* const x = block(thetas_, tile, target);
    const double* const g = block(gradients_, tile, target);
    for (Index i = 0; i + 1 < size_; ++i) {
      const Index other = slot(i);
      const DifferenceProducts products = difference_products(
          x, block(thetas_, tile, other), g, block(gradients_, tile, other), tile_size(tile));
      theta_distances_(target, other) += products.aa;
      gradient_distances_(target, other) += products.bb;
      cross_products_(target, other) += products.ab;
    }
    for (Index i = 1; i < size_; ++i) {
      const Index now = slot(i), past = slot(i - 1), previous = slot(size_ - 2);
      step_products_(now, target) +=
          dot_of_differences(block(thetas_, tile, now), block(thetas_, tile, past), g,
                             block(gradients_, tile, previous), tile_size(tile));
      if (i + 1 == size_) continue;
      step_products_(target, now) +=
          dot_of_differences(x, block(thetas_, tile, previous), block(gradients_, tile, now),
                             block(gradients_, tile, past), tile_size(tile));
    }
  }
  if (!coordinates_.empty()) {
    const Vector part = at_coordinates(theta);
    thetas_at_coordinates_.col(target) = part;
    for (Index i = 0; i + 1 < size_; ++i) theta_distances_(target, slot(i)) = subset_distance(part, slot(i));
  }
  theta_distances_.col(target) = theta_distances_.row(target).transpose();
  gradient_distances_.col(target) = gradient_distances_.row(target).transpose();
  cross_products_.col(target) = cross_products_.row(target).transpose();
}

Vector GradientHistory::theta(Index entry) const { return load(thetas_, slot(entry)); }
Vector GradientHistory::gradient(Index entry) const { return load(gradients_, slot(entry)); }
double GradientHistory::value(Index entry) const { return values_[static_cast<std::size_t>(slot(entry))]; }
std::int64_t GradientHistory::iteration(Index entry) const {
  return iterations_[static_cast<std::size_t>(slot(entry))];
}

Matrix GradientHistory::by_age(const Matrix& by_slot) const {
  Matrix sorted(size_, size_);
  for (Index j = 0; j < size_; ++j)
    for (Index i = 0; i < size_; ++i) sorted(i, j) = by_slot(slot(i), slot(j));
  return sorted;
}

Matrix GradientHistory::squared_distances() const { return by_age(theta_distances_); }
Matrix GradientHistory::squared_gradient_distances() const { return by_age(gradient_distances_); }
Matrix GradientHistory::cross_products() const { return by_age(cross_products_); }

Matrix GradientHistory::cross_products_about_newest() const {
  // theta_i - theta_n = - sum of the steps after i, likewise for the gradients: suffix sums in both
  // directions.
  Matrix products = Matrix::Zero(size_, size_);
  for (Index i = size_ - 2; i >= 0; --i) {
    double row = 0.0;  // sum over j' > j of step i+1 with step j'
    for (Index j = size_ - 2; j >= 0; --j) {
      row += step_products_(slot(i + 1), slot(j + 1));
      products(i, j) = products(i + 1, j) + row;
    }
  }
  return products;
}

Vector GradientHistory::squared_theta_norms() const {
  Vector norms(size_);
  for (Index i = 0; i < size_; ++i) norms[i] = squared_theta_norms_[static_cast<std::size_t>(slot(i))];
  return norms;
}

Vector GradientHistory::squared_gradient_norms() const {
  Vector norms(size_);
  for (Index i = 0; i < size_; ++i) norms[i] = squared_gradient_norms_[static_cast<std::size_t>(slot(i))];
  return norms;
}

void GradientHistory::squared_distances_to(ConstVectorRef theta, VectorRef out) const {
  assert(theta.size() == dimension_ && out.size() == size_);
  if (!coordinates_.empty()) {
    const Vector part = at_coordinates(theta);
    for (Index i = 0; i < size_; ++i) out[i] = subset_distance(part, slot(i));
    return;
  }
  out.setZero();
  for (Index tile = 0; tile < tile_count(); ++tile)
    for (Index i = 0; i < size_; ++i)
      out[i] +=
          squared_distance(theta.data() + tile * width_, block(thetas_, tile, slot(i)), tile_size(tile));
}

void GradientHistory::combine_gradients(ConstVectorRef weights, VectorRef out) const {
  assert(weights.size() == size_ && out.size() == dimension_);
  out.setZero();
  for (Index tile = 0; tile < tile_count(); ++tile) {
    double* const sum = out.data() + tile * width_;
    for (Index i = 0; i < size_; ++i) {
      const double* const g = block(gradients_, tile, slot(i));
      const double weight = weights[i];
      for (Index c = 0; c < tile_size(tile); ++c) sum[c] += weight * g[c];
    }
  }
}

void GradientHistory::predict_about_newest(ConstVectorRef weights, double slope, ConstVectorRef theta,
                                           VectorRef out) const {
  assert(weights.size() == size_ && out.size() == dimension_ && size_ >= 1);
  for (Index tile = 0; tile < tile_count(); ++tile) {
    const Index width = tile_size(tile);
    double* const sum = out.data() + tile * width_;
    const double* const x = theta.data() + tile * width_;
    const double* const newest_theta = block(thetas_, tile, slot(size_ - 1));
    const double* const newest = block(gradients_, tile, slot(size_ - 1));
    if (slope == 0.0)
      std::copy_n(newest, width, sum);
    else
      for (Index c = 0; c < width; ++c) sum[c] = newest[c] + slope * (x[c] - newest_theta[c]);
    for (Index i = 0; i + 1 < size_; ++i) {
      const double* const g = block(gradients_, tile, slot(i));
      const double weight = weights[i];
      for (Index c = 0; c < width; ++c) sum[c] += weight * (g[c] - newest[c]);
      if (slope == 0.0) continue;
      const double* const past = block(thetas_, tile, slot(i));
      for (Index c = 0; c < width; ++c) sum[c] -= weight * slope * (past[c] - newest_theta[c]);
    }
  }
}

void GradientHistory::combine_about_newest(ConstVectorRef a, ConstVectorRef b, VectorRef out) const {
  assert(a.size() == size_ && b.size() == size_ && out.size() == dimension_ && size_ >= 1);
  out.setZero();
  for (Index tile = 0; tile < tile_count(); ++tile) {
    double* const sum = out.data() + tile * width_;
    const double* const newest_theta = block(thetas_, tile, slot(size_ - 1));
    const double* const newest = block(gradients_, tile, slot(size_ - 1));
    for (Index i = 0; i + 1 < size_; ++i) {
      const double* const past = block(thetas_, tile, slot(i));
      const double* const g = block(gradients_, tile, slot(i));
      for (Index c = 0; c < tile_size(tile); ++c)
        sum[c] += a[i] * (past[c] - newest_theta[c]) + b[i] * (g[c] - newest[c]);
    }
  }
}

void GradientHistory::products_about_newest(ConstVectorRef v, VectorRef theta_products,
                                            VectorRef gradient_products) const {
  assert(v.size() == dimension_ && theta_products.size() == size_ && gradient_products.size() == size_);
  theta_products.setZero();
  gradient_products.setZero();
  for (Index tile = 0; tile < tile_count(); ++tile) {
    const double* const part = v.data() + tile * width_;
    const double* const newest_theta = block(thetas_, tile, slot(size_ - 1));
    const double* const newest = block(gradients_, tile, slot(size_ - 1));
    for (Index i = 0; i + 1 < size_; ++i) {
      theta_products[i] +=
          dot_with_difference(part, block(thetas_, tile, slot(i)), newest_theta, tile_size(tile));
      gradient_products[i] +=
          dot_with_difference(part, block(gradients_, tile, slot(i)), newest, tile_size(tile));
    }
  }
}

}  // namespace optex
