#include "optex/surrogate/pair_memory.hpp"

#include "optex/core/coordinate_slices.hpp"
#include "optex/core/parallel_for.hpp"
#include "optex/core/reductions.hpp"

#include <algorithm>
#include <utility>

namespace optex {

RowSet PairMemory::counted(const TallPanel& panel, Index first_row, Index number) const {
  RowSet rows = panel.rows(first_row, number);
  if (mask_.size() == 0) return rows;
  return {number, [read = std::move(rows.read), this](Index row, Index first, Index count, double* room) {
            const double* const from = read(row, first, count, room);
            for (Index i = 0; i < count; ++i) room[i] = from[i] * mask_[first + i];
            return room;
          }};
}

void PairMemory::append(std::vector<SecantPair> pairs) {
  const Index before = size();
  parallel_for(std::ssize(pairs), 1, [&](Index k) { pairs[static_cast<std::size_t>(k)].middle -= anchor_; });
  for (SecantPair& pair : pairs) {
    steps_.append(std::move(pair.step));
    changes_.append(std::move(pair.change));
    middles_.append(std::move(pair.middle));
  }
  resize_products(before, 0, size());
  measure(before, size() - before);
}

/// Tables of `size` pairs that keep what is known of the last of `old` ones, from kept_from on, in the last
/// places.
void PairMemory::resize_products(Index old, Index kept_from, Index size) {
  const Index kept = old - kept_from;
  // Newcomers stand at the end, what replaces old pairs at the beginning.
  const Index to = kept_from == 0 ? 0 : size - kept;
  for (Matrix* const table : {&products_.step_step, &products_.step_change, &products_.change_change,
                              &products_.middle_step, &products_.middle_change}) {
    Matrix next = Matrix::Zero(size, size);
    next.block(to, to, kept, kept) = table->bottomRightCorner(kept, kept);
    *table = std::move(next);
  }
  Vector squares = Vector::Zero(size);
  squares.segment(to, kept) = squared_middles_.tail(kept);
  squared_middles_ = std::move(squares);
}

/// Products of the pairs [first, first + number) with all pairs.
void PairMemory::measure(Index first, Index number) {
  if (number == 0) return;
  const Index n = size();
  const Index d = dimension();
  const auto some = [&](const TallPanel& panel) { return counted(panel, first, number); };
  const auto all = [&](const TallPanel& panel) { return counted(panel, 0, n); };
  // [s y m] of these with [s y] of all, and [s y] of these with m of all.
  const Matrix with_pairs = row_products(joined({some(steps_), some(changes_), some(middles_)}),
                                         joined({all(steps_), all(changes_)}), d);
  const Matrix with_middles = row_products(joined({some(steps_), some(changes_)}), all(middles_), d);
  const auto block = [&](Index i, Index j) { return with_pairs.block(i * number, j * n, number, n); };
  const auto set_symmetric = [&](Matrix& table, const auto& rows) {
    table.middleRows(first, number) = rows;
    table.middleCols(first, number) = rows.transpose();
  };
  set_symmetric(products_.step_step, block(0, 0));
  set_symmetric(products_.change_change, block(1, 1));
  products_.step_change.middleRows(first, number) = block(0, 1);
  products_.step_change.middleCols(first, number) = block(1, 0).transpose();
  products_.middle_step.middleRows(first, number) = block(2, 0);
  products_.middle_step.middleCols(first, number) = with_middles.topRows(number).transpose();
  products_.middle_change.middleRows(first, number) = block(2, 1);
  products_.middle_change.middleCols(first, number) = with_middles.bottomRows(number).transpose();
  for (Index i = first; i < first + number; ++i) squared_middles_[i] = squared_norm(middles_.row(i));
}

void PairMemory::shrink(const std::vector<Index>& trusted) {
  const Index n = size();
  if (n <= capacity()) return;
  const Index half = capacity() / 2;
  const Index old = n - half;
  if (std::ssize(trusted) <= half) {
    const Index gone = n - capacity();
    for (TallPanel* const panel : {&steps_, &changes_, &middles_})
      panel->replace_oldest(gone, Matrix::Zero(gone, 0));
    return resize_products(n, gone, capacity());
  }
  const RitzPairs ritz =
      ritz_pairs(products_.step_step(trusted, trusted), products_.step_change(trusted, trusted), half);
  const auto among_all = [&](const Matrix& weights) {
    Matrix spread = Matrix::Zero(old, weights.cols());
    spread(trusted, Eigen::all) = weights;
    return spread;
  };
  steps_.replace_oldest(old, among_all(ritz.pairs));
  changes_.replace_oldest(old, among_all(ritz.pairs));
  middles_.replace_oldest(old, among_all(ritz.middles));
  resize_products(n, old, size());
  measure(0, ritz.pairs.cols());
}

void PairMemory::count_only(const Vector& mask) {
  if (mask.size() == mask_.size() && holds_for_all(mask.size(), mask == mask_)) return;
  mask_ = mask;
  measure(0, size());
}

Vector PairMemory::held_shares() const {
  if (mask_.size() == 0) return {};
  Vector shares(size());
  for (Index i = 0; i < size(); ++i)
    shares[i] = std::max(squared_norm(steps_.row(i)) / std::max(squared_step(i), 1e-300) - 1.0, 0.0);
  return shares;
}

Vector PairMemory::squared_distances_to(ConstVectorRef centre) const {
  const Vector from_anchor = centre - anchor_;
  const Matrix products = row_products(middles_.rows(), rows_at({from_anchor.data()}), dimension());
  return ((squared_middles_ - 2.0 * products.col(0)).array() + squared_norm(from_anchor)).cwiseMax(0.0);
}

void PairMemory::move_anchor(ConstVectorRef anchor) {
  middles_.move_origin(anchor - anchor_);
  anchor_ = anchor;
  measure(0, size());
}

}  // namespace optex
