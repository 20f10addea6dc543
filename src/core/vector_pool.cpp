#include "optex/core/vector_pool.hpp"

#include <utility>

namespace optex {

Vector VectorPool::take(Index n) {
  while (!spare_->empty()) {
    Vector vector = std::move(spare_->back());
    spare_->pop_back();
    if (vector.size() == n) return vector;
  }
  return Vector(n);
}

void VectorPool::give_back(Vector vector) {
  if (vector.size() > 0) spare_->push_back(std::move(vector));
}

std::shared_ptr<Vector> VectorPool::lend(Vector vector) {
  return {new Vector(std::move(vector)), [spare = spare_](Vector* lent) {
            if (lent->size() > 0) spare->push_back(std::move(*lent));
            delete lent;
          }};
}

}  // namespace optex
