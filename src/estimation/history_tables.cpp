// What a history knows of its pairs of entries: distances, products of steps with gradients' steps, norms.
#include "optex/core/coordinate_sum.hpp"
#include "optex/core/reductions.hpp"
#include "optex/estimation/gradient_history.hpp"

#include <algorithm>
#include <type_traits>
#include <vector>

#include "history_rows.hpp"

namespace optex {
namespace {

/// The products of the newest entries with all others: for each of these newcomers the squares of its theta
/// and gradient, and for each pair of them and of them with older entries, once, the numbers of
/// tile::add_pair_products(). Every number is a sum of its own.
struct NewcomerProducts {
  Index older;  ///< entries before the newcomers
  Index count;  ///< newcomers

  Index width() const { return 2 * count + tile::pair_numbers * (older + count) * count; }
  /// Where the numbers of a newcomer with an entry, by age, begin.
  Index place_of_pair(Index newcomer, Index entry) const {
    return 2 * count + tile::pair_numbers * ((older + count) * newcomer + entry);
  }
};

/// The rows of an entry in a tile, as they are stored.
template <class T>
struct StoredRows {
  const T* theta;
  const T* gradient;
};

/// Adds to `out` (width() numbers) the products over `size` coordinates of a tile, from `first` on. Older
/// entries are read once for all newcomers. rows(age): StoredRows; origin: of the thetas there, or null.
template <class Rows>
void add_products(const NewcomerProducts& wanted, Rows rows, const double* origin, Index first, Index size,
                  double* out) {
  const Index count = wanted.count;
  EntryRows entry(count + 2);  // the newcomers, and in turn the older entry in hand and the one before it
  const auto read = [&](Index place, Index age, const tile::PairRow* before) {
    const auto row = rows(age);
    return entry.read(place, row.theta + first, row.gradient + first, before, size);
  };
  std::vector<tile::PairRow> newcomers;
  tile::PairRow newest{};
  if (wanted.older > 0) newest = read(count, wanted.older - 1, nullptr);
  for (Index k = 0; k < count; ++k) {
    const tile::PairRow* before = k > 0 ? &newcomers.back() : wanted.older > 0 ? &newest : nullptr;
    const tile::PairRow row = read(k, wanted.older + k, before);
    newcomers.push_back(row);
    out[2 * k] += squared_norm_at(row.theta, origin == nullptr ? nullptr : origin + first, size);
    out[2 * k + 1] += squared_norm(row.gradient, size);
  }
  const auto add = [&](const tile::PairRow& other, Index age, Index from) {
    for (Index k = from; k < count; k += tile::newcomers_at_once) {
      const Index at_once = std::min(tile::newcomers_at_once, count - k);
      double* outs[tile::newcomers_at_once] = {};
      for (Index p = 0; p < at_once; ++p) outs[p] = out + wanted.place_of_pair(k + p, age);
      tile::add_pair_products(&newcomers[static_cast<std::size_t>(k)], at_once, other, size, outs);
    }
  };
  tile::PairRow other{};
  for (Index age = 0; age < wanted.older; ++age) {
    const tile::PairRow before = other;
    other = read(count + age % 2, age, age > 0 ? &before : nullptr);
    if (age + 1 < wanted.older) {
      const auto next = rows(age + 1);
      tile::ask_for_row(next.theta + first, size);
      tile::ask_for_row(next.gradient + first, size);
    }
    add(other, age, 0);
  }
  for (Index k = 0; k < count; ++k) add(newcomers[static_cast<std::size_t>(k)], wanted.older + k, k);
}

}  // namespace

/// The rows and columns of the tables that belong to the newest entries, each pair computed once, tile by
/// tile.
void GradientHistory::measure_newest(Index newcomers) {
  const NewcomerProducts wanted{size_ - newcomers, newcomers};
  std::vector<double> sums(static_cast<std::size_t>(wanted.width()));
  with_rows([&](const auto* stored) {
    using T = std::remove_cvref_t<decltype(*stored)>;
    const auto term = [&](Index tile, double* out) {
      std::fill_n(out, wanted.width(), 0.0);
      const auto rows = [&](Index age) {
        return StoredRows<T>{stored + position(tile, 1, slot(age)), stored + position(tile, 0, slot(age))};
      };
      const double* const origin = origin_.size() > 0 ? origin_.data() + tile * width_ : nullptr;
      // In parts of which the newcomers' rows fit into the first-level cache, or nearly.
      for (Index first = 0; first < tile_size(tile); first += tile::part)
        add_products(wanted, rows, origin, first, std::min(tile::part, tile_size(tile) - first), out);
    };
    sum_over_coordinates(dimension_, width_, wanted.width(), term, sums.data());
  });
  for (Index k = 0; k < newcomers; ++k) {
    const Index now = slot(wanted.older + k);
    squared_theta_norms_[static_cast<std::size_t>(now)] = sums[static_cast<std::size_t>(2 * k)];
    squared_gradient_norms_[static_cast<std::size_t>(now)] = sums[static_cast<std::size_t>(2 * k + 1)];
    for (Index age = 0; age <= wanted.older + k; ++age) {
      const Index other = slot(age);
      const double* const number = sums.data() + wanted.place_of_pair(k, age);
      theta_distances_(now, other) = theta_distances_(other, now) = number[0];
      gradient_distances_(now, other) = gradient_distances_(other, now) = number[1];
      step_products_(other, now) = number[2];
      step_products_(now, other) = number[3];
    }
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
