#pragma once

#include "optex/core/types.hpp"
#include "optex/surrogate/tall_panel.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace optex {

/// A step of theta, the change of the gradient along it, and where it was taken.
struct SecantPair {
  Vector step, change, middle;  ///< d each
};

/// Inner products of the pairs, n x n: rows by the first, columns by the second.
struct PairProducts {
  Matrix step_step, step_change, change_change;  ///< s_i's_j, s_i'y_j, y_i'y_j
  Matrix middle_step, middle_change;             ///< m_i's_j, m_i'y_j
};

/// The last pairs, oldest first, and their products: what a model of secant pairs is made of. Middles are
/// kept as differences from an anchor near them, because products about the origin cancel near convergence.
/// A value. Memory: three rows of d a pair.
class PairMemory {
 public:
  PairMemory() = default;
  PairMemory(Index capacity, ConstVectorRef anchor) : capacity_(capacity), anchor_(anchor) {}

  Index size() const { return steps_.count(); }
  Index capacity() const { return static_cast<Index>(capacity_); }
  Index dimension() const { return anchor_.size(); }
  const TallPanel& steps() const { return steps_; }
  const TallPanel& changes() const { return changes_; }
  const TallPanel& middles() const { return middles_; }  ///< less the anchor
  const Vector& anchor() const { return anchor_; }
  const Vector& mask() const { return mask_; }  ///< as count_only() was told
  const PairProducts& products() const { return products_; }
  double squared_step(Index i) const { return products_.step_step(i, i); }

  /// Cost: 2 d (7 n + 6 k) k operations for k pairs. size() may exceed capacity() afterwards: shrink().
  void append(std::vector<SecantPair> pairs);

  /// Back to the capacity, when it is exceeded. Its newest half stays; of the older pairs those in `trusted`
  /// (by index, ascending) become as many Ritz pairs of the Hessian on their span as there is room for, three
  /// quarters of them with the largest and one quarter with the smallest Ritz values; when they all would fit
  /// in, the oldest pairs go instead.
  void shrink(const std::vector<Index>& trusted);

  /// Only the coordinates whose entry is not 0 count from now on (length d; empty: all). Products are made
  /// anew when that changes something.
  void count_only(const Vector& mask);

  /// What of each step was in coordinates that do not count, over what was in those that do: |s_i - M s_i|^2
  /// / |M s_i|^2, n; empty when all count. Of y_i it left H (s_i - M s_i), of which nobody knows. Cost: one
  /// pass over the steps.
  Vector held_shares() const;

  /// |m_i - centre|^2, n. Cost: one pass over the middles.
  Vector squared_distances_to(ConstVectorRef centre) const;
  /// The anchor becomes `anchor`. Products are made anew where they change.
  void move_anchor(ConstVectorRef anchor);

  /// The rows as they count.
  RowSet counted(const TallPanel& panel, Index first, Index number) const;

  template <class Memory, class Visitor>
  static void fields(Memory& memory, const Visitor& visit) {
    const auto panel = [&](const char* name, auto& rows) {
      TallPanel::fields(rows, [&](const char* part, auto& member) {
        visit((std::string(name) + "/" + part).c_str(), member);
      });
    };
    visit("capacity", memory.capacity_);
    panel("steps", memory.steps_);
    panel("changes", memory.changes_);
    panel("middles", memory.middles_);
    visit("anchor", memory.anchor_);
    visit("mask", memory.mask_);
    visit("squared_middles", memory.squared_middles_);
    visit("products/step_step", memory.products_.step_step);
    visit("products/step_change", memory.products_.step_change);
    visit("products/change_change", memory.products_.change_change);
    visit("products/middle_step", memory.products_.middle_step);
    visit("products/middle_change", memory.products_.middle_change);
  }

 private:
  void measure(Index first, Index number);
  void resize_products(Index old, Index kept_from, Index size);

  std::int64_t capacity_ = 0;
  TallPanel steps_, changes_, middles_;
  Vector anchor_, mask_;
  Vector squared_middles_;  // |m_i|^2, of all coordinates
  PairProducts products_;
};

/// Ritz pairs of the Hessian on the span of some steps: column k of `pairs` makes pair k of the old ones,
/// column k of `middles` its middle.
struct RitzPairs {
  Matrix pairs, middles;  ///< n x k
};
/// step_step, step_change: n x n. At most `most` of them.
RitzPairs ritz_pairs(const Matrix& step_step, const Matrix& step_change, Index most);

}  // namespace optex
