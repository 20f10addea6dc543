#pragma once

#include "optex/core/types.hpp"

#include <memory>
#include <vector>

namespace optex {

/// Vectors of length d that are used again and again: fresh memory of that size costs a page fault every 4
/// KiB, which for large d is more than filling it. Holds as many as were ever given back. For one thread.
class VectorPool {
 public:
  /// A vector of length n; its entries are whatever was there before.
  Vector take(Index n);
  void give_back(Vector vector);

  /// Shared ownership of a vector that comes back to the pool when the last owner lets go, even when the pool
  /// itself is gone by then.
  std::shared_ptr<Vector> lend(Vector vector);

 private:
  std::shared_ptr<std::vector<Vector>> spare_ = std::make_shared<std::vector<Vector>>();
};

}  // namespace optex
