#include "optex/core/product_blocking.hpp"

#include <cstddef>
#include <mutex>

#include <Eigen/Core>

namespace optex {

void fix_product_blocking() {
  static std::once_flag once;
  constexpr std::ptrdiff_t kibibyte = 1024;
  // Sizes that every processor of the last ten years has.
  std::call_once(once, [] { Eigen::setCpuCacheSizes(32 * kibibyte, 512 * kibibyte, 4096 * kibibyte); });
}

}  // namespace optex
