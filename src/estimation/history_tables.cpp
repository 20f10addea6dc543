// What a history knows of its pairs of entries: distances, products of steps with gradients' steps, norms.
#include "optex/core/coordinate_sum.hpp"
#include "optex/core/reductions.hpp"
#include "optex/core/row_products.hpp"
#include "optex/estimation/gradient_history.hpp"

#include <algorithm>
#include <vector>

#include "history_rows.hpp"

namespace optex {
namespace {

/// Where the sums of the newest entries stand: the squares of their thetas and gradients, then two tables of
/// newcomers x entries, each filled up to whole groups.
struct NewcomerSums {
  Index entries, newcomers;

  Index rows() const { return filled_up(newcomers, row_group); }
  Index columns() const { return filled_up(entries, row_group); }
  Index width() const { return 2 * (newcomers + rows() * columns()); }
  Index table(Index kind) const { return 2 * newcomers + kind * rows() * columns(); }
  Index place(Index kind, Index newcomer, Index entry) const {
    return table(kind) + newcomer * columns() + entry;
  }
  /// Entries up to this one have a place that counts in the row of the oldest newcomer, one more in each
  /// further one.
  Index diagonal() const { return entries - newcomers; }
};

/// Rows of both kinds in the part of a tile at hand, of this thread.
struct HandyRows {
  PartRows theta, gradient;
};
HandyRows& rows_at_hand() {
  thread_local HandyRows rows;
  return rows;
}

}  // namespace

/// use(part, out): `part` has the rows at hand, from `copied` on copies; the numbers of all parts are added
/// up.
template <class Use>
void GradientHistory::sum_over_parts(Index copied, Index width, Use use, double* totals) const {
  with_rows([&](const auto* stored) {
    const auto term = [&](Index tile, double* out) {
      std::fill_n(out, width, 0.0);
      HandyRows& rows = rows_at_hand();
      for (Index first = 0; first < tile_size(tile); first += tile::part) {
        const Index size = std::min(tile::part, tile_size(tile) - first);
        const auto kind = [&](Index which) {
          return [=, this](Index age) { return stored + position(tile, which, slot(age)) + first; };
        };
        rows.theta.take(size_, copied, size, kind(1));
        rows.gradient.take(size_, copied, size, kind(0));
        use(tile * width_ + first, size, rows, out);
      }
    };
    sum_over_coordinates(dimension_, width_, width, term, totals);
  });
}

/// The rows and columns of the tables that belong to the newest entries, each pair computed once.
void GradientHistory::measure_newest(Index newcomers) {
  const NewcomerSums wanted{size_, newcomers};
  const Index older = size_ - newcomers;
  std::vector<double> sums(static_cast<std::size_t>(wanted.width()));
  const auto add = [&](Index first, Index size, const HandyRows& rows, double* out) {
    const double* const origin = origin_.size() > 0 ? origin_.data() + first : nullptr;
    for (Index k = 0; k < newcomers; ++k) {
      out[2 * k] += squared_norm_at(rows.theta.newest(newcomers).rows[k], origin, size);
      out[2 * k + 1] += squared_norm(rows.gradient.newest(newcomers).rows[k], size);
    }
    for (Index kind = 0; kind < 2; ++kind) {
      const PartRows& some = kind == 0 ? rows.theta : rows.gradient;
      add_squared_distances(some.newest(newcomers), some.all(), wanted.diagonal(), some.length(),
                            out + wanted.table(kind));
    }
  };
  sum_over_parts(older, wanted.width(), add, sums.data());
  for (Index k = 0; k < newcomers; ++k) {
    const Index now = slot(older + k);
    squared_theta_norms_[static_cast<std::size_t>(now)] = sums[static_cast<std::size_t>(2 * k)];
    squared_gradient_norms_[static_cast<std::size_t>(now)] = sums[static_cast<std::size_t>(2 * k + 1)];
    for (Index age = 0; age <= older + k; ++age) {
      const Index other = slot(age);
      theta_distances_(now, other) = theta_distances_(other, now) =
          sums[static_cast<std::size_t>(wanted.place(0, k, age))];
      gradient_distances_(now, other) = gradient_distances_(other, now) =
          sums[static_cast<std::size_t>(wanted.place(1, k, age))];
    }
  }
  if (step_products_.size() > 0) measure_steps(newcomers);
}

/// The same for products of theta steps with gradient steps.
void GradientHistory::measure_steps(Index newcomers) const {
  const NewcomerSums wanted{size_, newcomers};
  std::vector<double> sums(static_cast<std::size_t>(wanted.width()));
  const auto add = [&](Index, Index, HandyRows& rows, double* out) {
    rows.theta.become_steps();
    rows.gradient.become_steps();
    const auto products = [&](const PartRows& ours, const PartRows& theirs, Index kind) {
      add_row_products(ours.newest(newcomers), theirs.all(), wanted.diagonal(), ours.length(),
                       out + wanted.table(kind));
    };
    products(rows.theta, rows.gradient, 0);
    products(rows.gradient, rows.theta, 1);
  };
  sum_over_parts(0, wanted.width(), add, sums.data());
  for (Index k = 0; k < newcomers; ++k) {
    const Index now = slot(wanted.diagonal() + k);
    for (Index age = 0; age <= wanted.diagonal() + k; ++age) {
      const Index other = slot(age);
      step_products_(now, other) = sums[static_cast<std::size_t>(wanted.place(0, k, age))];
      step_products_(other, now) = sums[static_cast<std::size_t>(wanted.place(1, k, age))];
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
  if (step_products_.size() == 0 && size_ > 0) {
    step_products_ = Matrix::Zero(capacity_, capacity_);
    measure_steps(size_);
  }
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
