#include "optex/estimation/gradient_history.hpp"

#include "optex/core/coordinate_sum.hpp"
#include "optex/core/parallel_for.hpp"
#include "optex/core/reductions.hpp"

#include <algorithm>
#include <cassert>
#include <type_traits>
#include <utility>

#include "early_table.hpp"
#include "history_rows.hpp"
#include "newcomer_products.hpp"

namespace optex {
namespace {

void write_row(const double* from, double* to, Index size) { std::copy_n(from, size, to); }
void write_row(const double* from, float* to, Index size) { tile::narrow(from, to, size); }

/// The origin follows when the newest point is farther from it than this many times the history's extent.
constexpr double farthest_from_origin = 4.0;

}  // namespace

GradientHistory::GradientHistory(Index dimension, Index capacity, std::vector<std::int64_t> coordinates,
                                 Precision precision)
    : dimension_(dimension),
      capacity_(capacity),
      width_(std::min(tile::width, dimension)),
      precision_(precision),
      coordinates_(std::move(coordinates)) {
  assert(dimension >= 1 && capacity >= 2);
  if (!coordinates_.empty()) thetas_at_coordinates_.resize(std::ssize(coordinates_), capacity);
  const std::size_t bytes_a_number = precision == Precision::f32 ? sizeof(float) : sizeof(double);
  rows_ = LargeBuffer(static_cast<std::size_t>(2 * tile_count() * capacity * width_) * bytes_a_number);
  const auto entries = static_cast<std::size_t>(capacity);
  values_.resize(entries);
  squared_theta_norms_.resize(entries);
  squared_gradient_norms_.resize(entries);
  iterations_.resize(entries);
  theta_distances_ = gradient_distances_ = cross_products_ = step_products_ =
      Matrix::Zero(capacity, capacity);
}

Index GradientHistory::tile_size(Index tile) const { return std::min(width_, dimension_ - tile * width_); }

Vector GradientHistory::load(Index kind, Index entry) const {
  Vector row(dimension_);
  with_rows([&](const auto* rows) {
    for (Index tile = 0; tile < tile_count(); ++tile)
      std::copy_n(rows + position(tile, kind, slot(entry)), tile_size(tile), row.data() + tile * width_);
  });
  return row;
}

/// One tile of a pair as it is stored: theta / scale (less the origin in single precision), scale gradient.
template <class T>
void GradientHistory::write_tile(Index tile, const double* theta, const double* gradient, const Units& units,
                                 bool as_stored, T* theta_row, T* gradient_row) const {
  const Index first = tile * width_, size = tile_size(tile);
  double x[tile::width], g[tile::width];
  std::copy_n(theta + first, size, x);
  std::copy_n(gradient + first, size, g);
  if (const double* const scale = units.scale())
    for (Index c = 0; c < size; ++c) {
      x[c] /= scale[first + c];
      g[c] *= scale[first + c];
    }
  if (precision_ == Precision::f32 && !as_stored)
    for (Index c = 0; c < size; ++c) x[c] -= origin_[first + c];
  write_row(g, gradient_row, size);
  write_row(x, theta_row, size);
}

void GradientHistory::append(const std::vector<NewPair>& pairs, const Units& units, EarlyPairs* early) {
  if (pairs.empty()) return;
  if (precision_ == Precision::f32 && origin_.size() == 0) origin_ = units.position(pairs.front().theta);
  EarlyPairs::Table* known = nullptr;
  if (early != nullptr && early->table_->history == this && early->table_->changes == changes_) {
    known = early->table_.get();
    known->finish();
  }
  const auto count = static_cast<Index>(pairs.size());
  for (Index done = 0; done < count; done += capacity_)
    append_block(pairs.data() + done, std::min(capacity_, count - done), units, false, known);
  follow_with_origin();
}

void GradientHistory::restore(const Vector& stored_theta, const Vector& gradient, double value,
                              std::int64_t iteration) {
  const NewPair pair{stored_theta, gradient, value, iteration};
  append_block(&pair, 1, {}, true, nullptr);
}

/// At most `capacity` pairs. `known` (may be null): what is measured of them already.
void GradientHistory::append_block(const NewPair* pairs, Index count, const Units& units, bool as_stored,
                                   EarlyPairs::Table* known) {
  const Index leaving = std::max<Index>(0, size_ + count - capacity_);
  first_ = (first_ + leaving) % capacity_;
  size_ += count - leaving;
  ++changes_;
  if (known != nullptr) known->changes = changes_;
  for (Index k = 0; k < count; ++k) {
    assert(pairs[k].theta.size() == dimension_ && pairs[k].gradient.size() == dimension_);
    const auto entry = static_cast<std::size_t>(slot(size_ - count + k));
    values_[entry] = pairs[k].value;
    iterations_[entry] = pairs[k].iteration;
    if (known != nullptr) known->enter(slot(size_ - count + k), pairs[k].gradient.data());
  }
  with_rows([&](auto* rows) {
    parallel_for(tile_count(), 8, [&](Index tile) {
      for (Index k = 0; k < count; ++k) {
        const Index at = slot(size_ - count + k);
        write_tile(tile, pairs[k].theta.data(), pairs[k].gradient.data(), units, as_stored,
                   rows + position(tile, 1, at), rows + position(tile, 0, at));
      }
    });
  });
  measure_newest(count, known);
  if (!coordinates_.empty()) measure_at_coordinates(count);
}

/// sums += the products over the tiles [begin, end). The newcomers are `arriving`, in these units, or,
/// without that, the newest entries. Older entries are read once for all newcomers.
void GradientHistory::add_tile_products(Index begin, Index end, const NewcomerProducts& wanted,
                                        const std::vector<Arriving>* arriving, const Units& units,
                                        CoordinateSum& sums) const {
  const Index width = wanted.width(), count = wanted.count();
  with_rows([&](const auto* rows) {
    using T = std::remove_cvref_t<decltype(*rows)>;
    const auto term = [&](Index tile, double* out) {
      std::fill_n(out, width, 0.0);
      const auto stored = [&](Index age) {
        return NewcomerRows<T>{rows + position(tile, 1, slot(age)), rows + position(tile, 0, slot(age))};
      };
      thread_local std::vector<T> memory;  // for the rows of arriving pairs
      if (arriving != nullptr) memory.resize(static_cast<std::size_t>(2 * count * width_));
      std::vector<NewcomerRows<T>> newcomers;
      for (Index k = 0; k < count; ++k) {
        if (arriving == nullptr) {
          newcomers.push_back(stored(wanted.older + k));
          continue;
        }
        const Arriving& pair = (*arriving)[static_cast<std::size_t>(k)];
        T *const theta = memory.data() + 2 * k * width_, *const gradient = theta + width_;
        write_tile(tile, pair.theta, pair.gradient, units, false, theta, gradient);
        newcomers.push_back({theta, gradient});
      }
      const double* const origin = origin_.size() > 0 ? origin_.data() + tile * width_ : nullptr;
      // In parts of which the newcomers' rows fit into the first-level cache, or nearly.
      for (Index first = 0; first < tile_size(tile); first += tile::part)
        add_products(wanted, newcomers, stored, origin, first, std::min(tile::part, tile_size(tile) - first),
                     out);
    };
    sums.add_blocks(begin, end, term);
  });
}

/// The rows and columns of the tables that belong to the newest entries, each pair computed once, tile by
/// tile; except those that are `known` (may be null).
void GradientHistory::measure_newest(Index newcomers, EarlyPairs::Table* known) {
  const Index oldest_new = size_ - newcomers;
  NewcomerProducts wanted{.older = oldest_new};
  for (Index k = 0; k < newcomers; ++k) wanted.newcomers.push_back({.before = k - 1});
  static_assert(NewcomerProducts::newest_older == -1);
  if (known != nullptr) find_known(wanted, *known);
  std::vector<double> sums;
  const auto measure = [&] {
    CoordinateSum sum(dimension_, width_, wanted.width());
    add_tile_products(0, tile_count(), wanted, nullptr, {}, sum);
    sums.resize(static_cast<std::size_t>(wanted.width()));
    sum.totals(sums.data());
  };
  measure();
  // A pair that is not what it was when it was measured.
  if (known != nullptr && forget_changed(wanted, *known, sums)) measure();

  Index fresh = 0;
  for (Index k = 0; k < newcomers; ++k) {
    const Index now = slot(oldest_new + k);
    squared_theta_norms_[static_cast<std::size_t>(now)] = sums[static_cast<std::size_t>(2 * k)];
    squared_gradient_norms_[static_cast<std::size_t>(now)] = sums[static_cast<std::size_t>(2 * k + 1)];
    for (Index i = 0; i < size_; ++i) {
      const Index other = slot(i), newcomer = i - oldest_new;
      const bool with_known = newcomer >= 0 && !wanted.is_fresh(newcomer);
      const bool stands_with_other =
          wanted.is_fresh(k) ? newcomer > k && !with_known : newcomer > k || (newcomer >= 0 && !with_known);
      if (stands_with_other) continue;
      const double* const number =
          wanted.is_fresh(k) ? sums.data() + wanted.place_of_pair(fresh, i) : known->numbers(now, other);
      theta_distances_(now, other) = theta_distances_(other, now) = number[0];
      gradient_distances_(now, other) = gradient_distances_(other, now) = number[1];
      cross_products_(now, other) = cross_products_(other, now) = number[2];
      step_products_(other, now) = number[3];
      step_products_(now, other) = number[4];
    }
    if (wanted.is_fresh(k)) ++fresh;
  }
}

/// Which of the newest entries need no measuring: those that stand where they were expected, and of which all
/// products with older entries are there.
void GradientHistory::find_known(NewcomerProducts& wanted, EarlyPairs::Table& known) const {
  for (Index k = 0; k < wanted.count(); ++k) {
    const Index now = slot(wanted.older + k);
    bool whole = wanted.older + k > 0 && known.is_measured_behind(now, slot(wanted.older + k - 1));
    for (Index i = 0; i < wanted.older && whole; ++i) whole = known.numbers(now, slot(i)) != nullptr;
    if (whole)
      wanted.newcomers[static_cast<std::size_t>(k)].role = NewcomerProducts::Role::known;
    else
      known.forget(now);
  }
}

/// True when a pair that was to be known has other norms than it had.
bool GradientHistory::forget_changed(NewcomerProducts& wanted, EarlyPairs::Table& known,
                                     const std::vector<double>& sums) const {
  bool changed = false;
  for (Index k = 0; k < wanted.count(); ++k) {
    if (wanted.is_fresh(k)) continue;
    const Index now = slot(wanted.older + k);
    const EarlyPairs::Table::Pair& pair = known.pair(known.owner_of(now));
    if (pair.theta_norm == sums[static_cast<std::size_t>(2 * k)] &&
        pair.gradient_norm == sums[static_cast<std::size_t>(2 * k + 1)])
      continue;
    // The step after it has changed, too.
    for (Index j = k; j < std::min(k + 2, wanted.count()); ++j) {
      wanted.newcomers[static_cast<std::size_t>(j)].role = NewcomerProducts::Role::fresh;
      known.forget(slot(wanted.older + j));
    }
    changed = true;
  }
  return changed;
}

/// Single precision: keeps the origin near the history. Decided by what is stored, so that a restored history
/// goes the same way.
void GradientHistory::follow_with_origin() {
  if (precision_ != Precision::f32 || size_ < 2) return;
  const Vector newest = load(1, size_ - 1);
  const double extent = by_age(theta_distances_).maxCoeff();
  if (!(squared_norm(newest) > farthest_from_origin * farthest_from_origin * extent) || extent == 0.0) return;
  move_origin(origin_ + newest);
}

/// Rounds every row once more, about the new origin, and measures all pairs again.
void GradientHistory::move_origin(const Vector& origin) {
  auto* const rows = static_cast<float*>(rows_.data());
  parallel_for(tile_count(), 8, [&](Index tile) {
    const Index first = tile * width_, size = tile_size(tile);
    double x[tile::width];
    for (Index age = 0; age < size_; ++age) {
      float* const row = rows + position(tile, 1, slot(age));
      for (Index c = 0; c < size; ++c)
        x[c] = static_cast<double>(row[c]) + (origin_[first + c] - origin[first + c]);
      tile::narrow(x, row, size);
    }
  });
  origin_ = origin;
  ++changes_;
  measure_newest(size_, nullptr);
  if (!coordinates_.empty()) measure_at_coordinates(size_);
}

void GradientHistory::copy_coordinates(Index first, Matrix& thetas, Matrix& gradients) const {
  assert(thetas.cols() == size_ && gradients.cols() == size_ && gradients.rows() == thetas.rows());
  with_rows([&](const auto* rows) {
    for (Index done = 0; done < thetas.rows();) {
      const Index tile = (first + done) / width_;
      const Index within = first + done - tile * width_;
      const Index count = std::min(tile_size(tile) - within, thetas.rows() - done);
      // Who copies one block wants the following one next; a row of it is too short for processors to guess.
      const bool ends = within + count == width_;
      const Index next_tile = std::min(ends ? tile + 1 : tile, tile_count() - 1);
      for (Index i = 0; i < size_; ++i)
        for (const Index kind : {1, 0}) {
          const auto* const from = rows + position(tile, kind, slot(i)) + within;
          Matrix& to = kind == 1 ? thetas : gradients;
          std::copy_n(from, count, to.col(i).data() + done);
          tile::ask_for_row(ends ? rows + position(next_tile, kind, slot(i)) : from + count, count);
        }
      done += count;
    }
  });
}

/// The position of a point at `coordinates`, less the origin.
Vector GradientHistory::at_coordinates(ConstVectorRef theta, const Units& units) const {
  Vector part(std::ssize(coordinates_));
  for (Index i = 0; i < part.size(); ++i) {
    const Index c = coordinates_[static_cast<std::size_t>(i)];
    part[i] = units.none() ? theta[c] : theta[c] / units.scale()[c];
    if (origin_.size() > 0) part[i] -= origin_[c];
  }
  return part;
}

void GradientHistory::squared_distances_at_coordinates(const Vector& part, VectorRef out) const {
  assert(part.size() == std::ssize(coordinates_) && out.size() == size_);
  Vector stored = part;
  if (origin_.size() > 0) stored -= origin_(coordinates_);
  for (Index i = 0; i < size_; ++i) out[i] = subset_distance(stored, slot(i));
}

Matrix GradientHistory::gradients_at_coordinates() const {
  Matrix gradients(std::ssize(coordinates_), size_);
  with_rows([&](const auto* rows) {
    parallel_for(gradients.rows(), 256, [&](Index i) {
      const Index c = coordinates_[static_cast<std::size_t>(i)];
      for (Index age = 0; age < size_; ++age)
        gradients(i, age) = static_cast<double>(rows[position(c / width_, 0, slot(age)) + c % width_]);
    });
  });
  return gradients;
}

double GradientHistory::subset_distance(const Vector& part, Index slot) const {
  const double scale = static_cast<double>(dimension_) / static_cast<double>(part.size());
  return scale * squared_distance(part.data(), thetas_at_coordinates_.col(slot).data(), part.size());
}

/// Replaces the thetas' distances of the newest entries by those at `coordinates`.
void GradientHistory::measure_at_coordinates(Index newcomers) {
  for (Index k = size_ - newcomers; k < size_; ++k) {
    auto part = thetas_at_coordinates_.col(slot(k));
    with_rows([&](const auto* rows) {
      for (Index i = 0; i < part.size(); ++i) {
        const Index c = coordinates_[static_cast<std::size_t>(i)];
        part[i] = static_cast<double>(rows[position(c / width_, 1, slot(k)) + c % width_]);
      }
    });
    for (Index i = 0; i < k; ++i)
      theta_distances_(slot(k), slot(i)) = theta_distances_(slot(i), slot(k)) =
          subset_distance(part, slot(i));
  }
}

Vector GradientHistory::stored_theta(Index entry) const { return load(1, entry); }
Vector GradientHistory::theta(Index entry) const {
  Vector row = load(1, entry);
  if (origin_.size() > 0) row += origin_;
  return row;
}
Vector GradientHistory::gradient(Index entry) const { return load(0, entry); }
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

}  // namespace optex
