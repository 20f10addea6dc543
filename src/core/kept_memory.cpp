#include "optex/core/kept_memory.hpp"

#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace optex {

void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_MAX, 0);         // no block gets pages of its own
  mallopt(M_TRIM_THRESHOLD, -1);  // the end of the heap stays
#endif
}

}  // namespace optex
