#pragma once

#include "optex/core/types.hpp"
#include "optex/core/units.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace optex {

class GradientHistory;

/// Pairs that are about to enter a history, measured against it and each other while more of them are
/// awaited: GradientHistory::append() then makes only the products that are still missing. Every number is
/// the one that append() would have made.
///
/// Nothing enters the history here, and it must not change until the pairs are appended (it would make the
/// work in vain, not wrong). A pair is measured as soon as it and the one that it will follow are known,
/// because the step between these two belongs to its products. Memory: numbers only, none of them d long; the
/// pairs themselves stay where they are.
class EarlyPairs {
 public:
  /// `history` must outlive this object. `places`: how many pairs are awaited. They are expected to enter in
  /// the order of their places; those that enter otherwise, or behind others, are measured again.
  EarlyPairs(const GradientHistory& history, Units units, Index places);
  ~EarlyPairs();
  EarlyPairs(const EarlyPairs&) = delete;
  EarlyPairs& operator=(const EarlyPairs&) = delete;

  /// The pair of a place, d numbers each, finite, which stay there unchanged until it is appended. An
  /// appended pair is known again by the memory of its gradient and by both norms.
  void add(Index place, const double* theta, const double* gradient);
  /// No pair of this place will enter.
  void leave_out(Index place);

  /// Measures for about so long, one batch of tiles at least; false when there is nothing to do before other
  /// places are known. Cost of a group of at most eight pairs that are measured together: one pass over the
  /// history, and 16 (n + pairs) d operations each.
  bool work(double seconds = 5e-3);

  /// How many pairs are measured.
  Index measured() const;

 private:
  friend class GradientHistory;
  struct Table;
  std::unique_ptr<Table> table_;
};

}  // namespace optex
