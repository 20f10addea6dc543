#include "cross_entropy.hpp"

#include <algorithm>
#include <cmath>

namespace optex {

double cross_entropy(std::span<double> logits, std::int32_t label) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  const double at_label = logits[static_cast<std::size_t>(label)] - largest;
  double total = 0.0;
  for (double& z : logits) {
    z = std::exp(z - largest);
    total += z;
  }
  for (double& z : logits) z /= total;
  logits[static_cast<std::size_t>(label)] -= 1.0;
  return std::log(total) - at_label;
}

bool is_predicted(std::span<const double> logits, std::int32_t label) {
  if (logits.size() == 1) return (logits[0] > 0.0) == (label == 1);
  return std::max_element(logits.begin(), logits.end()) - logits.begin() == label;
}

}  // namespace optex
