// What a history knows of its pairs of entries: distances, products of steps with gradients' steps, norms.
#include "optex/core/coordinate_sum.hpp"
#include "optex/core/reductions.hpp"
#include "optex/estimation/gradient_history.hpp"

#include <algorithm>
#include <type_traits>

#include "early_table.hpp"
#include "history_rows.hpp"
#include "newcomer_products.hpp"

namespace optex {

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
