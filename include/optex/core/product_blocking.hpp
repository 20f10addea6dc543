#pragma once

namespace optex {

/// Makes Eigen's matrix products cut their operands in the same places everywhere: from now on, in this
/// process, the block sizes follow from constants instead of the caches of this machine, so the order of the
/// sums, and with it the last digits, follow from the shapes alone. Whoever multiplies matrices whose result
/// belongs to the trajectory calls it once before. Later calls do nothing; safe to call from several threads,
/// though not beside a product.
void fix_product_blocking();

}  // namespace optex
