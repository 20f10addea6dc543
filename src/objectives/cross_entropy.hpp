#pragma once

#include "optex/core/types.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace optex {

/// Softmax cross-entropy of one sample and its derivative.
/// logits: one number a class; on return softmax(logits) - onehot(label), the gradient with respect to the
/// logits. Returns log sum_c exp(z_c) - z_label, computed about the largest logit so that nothing overflows.
double cross_entropy(std::span<double> logits, std::int32_t label);

/// True when the label's logit is the largest; among equal ones the lowest class counts. A
/// single logit stands for class 1 against a class 0 of logit 0.
bool is_predicted(std::span<const double> logits, std::int32_t label);

}  // namespace optex
